//! The subjects: the gateway, and what it is compared with. Each is set up from the files in `conf/`.

mod haproxy;
mod mesigate;
mod nginx;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::cores::Cores;
use crate::http::{self, PATIENCE};
use crate::ports;
use crate::process::Process;
use crate::scenario::Door;

/// The kind of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No proxy: the load goes to upstream itself, which shows how far load and upstream can go.
    Direct,
    /// The gateway.
    Mesigate,
    /// nginx, which passes requests through unchanged.
    Nginx,
    /// nginx with Lua, which translates.
    NginxLua,
    /// HAProxy, which passes requests through unchanged.
    Haproxy,
}

impl Kind {
    /// All kinds, in the order of the tables.
    pub const ALL: [Self; 5] = [Self::Mesigate, Self::Nginx, Self::NginxLua, Self::Haproxy, Self::Direct];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "no proxy",
            Self::Mesigate => "mesigate",
            Self::Nginx => "nginx",
            Self::NginxLua => "nginx + Lua",
            Self::Haproxy => "HAProxy",
        }
    }

    /// Whether it sends upstream JSON for an old request.
    pub fn translates(self) -> bool {
        matches!(self, Self::Mesigate | Self::NginxLua)
    }

    /// The signal that ends the subject: nginx has workers to end, and a profile is written at an orderly end; the
    /// others would wait for last requests.
    fn end(self, trains: bool) -> Signal {
        if trains || matches!(self, Self::Nginx | Self::NginxLua) { Signal::TERM } else { Signal::KILL }
    }
}

/// The parameters with which a subject is started.
#[derive(Clone, Copy)]
pub struct Purpose<'a> {
    /// The gateway's program.
    pub gateway: &'a Path,
    /// Whether the gateway is only given work.
    pub trains: bool,
    /// Upstream's address.
    pub upstream: SocketAddr,
    /// The CA to trust (PEM), if upstream speaks TLS.
    pub ca: &'a Path,
    /// What is special about the scenario.
    pub door: Door,
    /// Worker processes or threads.
    pub workers: usize,
    /// How many clients will come at once.
    pub clients: usize,
    /// The cores where it may run.
    pub cores: Cores,
}

/// A running subject.
pub struct Subject {
    /// Its kind.
    pub kind: Kind,
    /// The address where it serves.
    pub address: SocketAddr,
    /// `None` where there is no proxy.
    process: Option<Process>,
}

impl Subject {
    /// Starts a subject, with its files in `dir`, and waits until it serves `request`.
    ///
    /// # Errors
    /// When the subject does not come up.
    pub fn start(kind: Kind, purpose: &Purpose, dir: &Path, request: &[u8]) -> Result<Self> {
        let mut subject = Self::spawn(kind, purpose, dir)?;
        subject.until_ready(request)?;
        Ok(subject)
    }

    /// Starts a subject and does not wait.
    ///
    /// # Errors
    /// When the subject cannot be started.
    pub fn spawn(kind: Kind, purpose: &Purpose, dir: &Path) -> Result<Self> {
        if kind == Kind::Direct {
            return Ok(Self { kind, address: purpose.upstream, process: None });
        }
        fs::create_dir_all(dir)?;
        let address = ports::free()?;
        let command = match kind {
            Kind::Mesigate => mesigate::command(purpose, dir, address)?,
            Kind::Haproxy => haproxy::command(purpose, dir, address)?,
            _ => nginx::command(kind, purpose, dir, address)?,
        };
        let process = purpose.cores.born_there(|| Process::start(command, dir, kind.end(purpose.trains)))?;
        Ok(Self { kind, address, process: Some(process) })
    }

    /// Waits for the first good answer.
    ///
    /// # Errors
    /// When no good answer comes for long.
    pub fn until_ready(&mut self, request: &[u8]) -> Result<()> {
        let begin = Instant::now();
        loop {
            match http::ask(self.address, request) {
                Ok(answer) if answer.head.starts_with(b"HTTP/1.1 200 ") => return Ok(()),
                _ => sleep(Duration::from_micros(200)),
            }
            if let Some(process) = &mut self.process {
                process.check().context(self.kind.name())?;
            }
            ensure!(begin.elapsed() < PATIENCE, "{} serves nothing: {}", self.kind.name(), self.said());
        }
    }

    fn said(&self) -> String {
        self.process.as_ref().map(Process::said).unwrap_or_default()
    }

    /// The process id, if there is a proxy.
    pub fn id(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }
}

/// Fills the `@NAMES@` of one of the files in `conf/`.
fn filled(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let text = values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("@{name}@"), value));
    ensure!(!text.contains(" @") && !text.contains("/@"), "a name was left without a value: {text}");
    Ok(text)
}

fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    // Debian installs both outside a user's PATH.
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command
}
