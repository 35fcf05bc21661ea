//! Shared by all experiments: where they run, for how long, and where their files are.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::cores::Cores;
use crate::options::Options;
use crate::scenario::Door;
use crate::subject::{Kind, Purpose};

/// The setup of a run.
pub struct Rig {
    /// The gateway's program.
    pub gateway: PathBuf,
    /// Upstream's certificate.
    pub certificate: Certificate,
    /// Whether the gateway is only given work, so that it records a profile.
    pub trains: bool,
    /// The number of rounds.
    pub rounds: usize,
    /// How long a turn runs before it counts.
    pub warm_up: Duration,
    /// How long a turn counts.
    pub length: Duration,
    proxy: Cores,
    load: Cores,
    dir: TempDir,
}

/// The cores of each process.
#[derive(Clone, Copy)]
pub struct Places {
    /// The subject, every thread of it.
    pub proxy: Cores,
    /// Load and upstream.
    pub load: Cores,
}

impl Rig {
    /// # Errors
    /// When the machine has too little of something.
    pub fn new(options: &Options) -> Result<Self> {
        let dir = TempDir::with_prefix("bench-")?;
        let (proxy, load) = Cores::two()?;
        Ok(Self {
            gateway: options.gateway.canonicalize().context("the gateway's program")?,
            certificate: Certificate::make(dir.path())?,
            trains: options.train,
            rounds: options.rounds,
            warm_up: Duration::from_secs_f64(options.seconds / 4.0),
            length: Duration::from_secs_f64(options.seconds),
            proxy,
            load,
            dir,
        })
    }

    /// A single worker has a core of its own. Several share all cores with load and upstream.
    pub fn cores(&self, workers: usize) -> Places {
        let both = self.proxy.and(self.load);
        if workers == 1 {
            Places { proxy: self.proxy, load: self.load }
        } else {
            Places { proxy: both, load: both }
        }
    }

    /// The subjects that take turns.
    pub fn kinds(&self) -> &'static [Kind] {
        if self.trains { &[Kind::Mesigate] } else { &Kind::ALL }
    }

    /// The parameters with which subjects are started.
    pub fn purpose(&self, upstream: SocketAddr, door: Door, workers: usize, clients: usize) -> Purpose<'_> {
        let cores = self.cores(workers).proxy;
        Purpose {
            gateway: &self.gateway,
            trains: self.trains,
            upstream,
            ca: &self.certificate.ca,
            door,
            workers,
            clients,
            cores,
        }
    }

    /// An empty folder that is removed at the run's end.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn fresh_dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.dir.path().join(name);
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }
}

/// Prints how far an experiment is.
pub fn progress(name: &str, round: usize, rounds: usize) {
    let end = if round + 1 == rounds { "\n" } else { "" };
    eprint!("\r{name}: round {} of {rounds}{end}", round + 1);
}
