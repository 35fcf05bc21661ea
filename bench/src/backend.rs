//! Upstream as a process of its own, and its record of requests.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::certificate::Certificate;
use crate::cores::Cores;
use crate::http::{self, PATIENCE};
use crate::ports;
use crate::process::Process;

/// A running upstream.
pub struct Backend {
    /// The address where it serves.
    pub address: SocketAddr,
    control: SocketAddr,
    process: Process,
}

/// The requests that upstream got.
pub struct Asked {
    /// How many requests, all in all.
    pub requests: u64,
    /// The first request since the last query; empty if there was none.
    pub first: Vec<u8>,
}

impl Backend {
    /// Starts an upstream that always answers `answer`, over TLS if there is a certificate.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(answer: &str, tls: Option<&Certificate>, dir: &Path, cores: Cores) -> Result<Self> {
        let file = dir.join("answer.json");
        fs::write(&file, answer)?;
        let (address, control) = (ports::free()?, ports::free()?);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("upstream").arg("--answer").arg(file);
        command.args(["--listen", &address.to_string(), "--control", &control.to_string()]);
        if let Some(tls) = tls {
            command.arg("--certificate").arg(&tls.chain).arg("--key").arg(&tls.key);
        }
        let process = cores.born_there(|| Process::start(command, dir, Signal::KILL))?;
        let mut backend = Self { address, control, process };
        backend.until_ready()?;
        Ok(backend)
    }

    fn until_ready(&mut self) -> Result<()> {
        let begin = Instant::now();
        while self.asked().is_err() {
            self.process.check().context("upstream")?;
            ensure!(begin.elapsed() < PATIENCE, "upstream does not come up");
            sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// # Errors
    /// When it does not tell.
    pub fn asked(&self) -> Result<Asked> {
        let told = http::ask(self.control, b"GET / HTTP/1.1\r\n\r\n")?.body;
        let end = memchr::memchr(b'\n', &told).context("a strange record")?;
        let requests = std::str::from_utf8(&told[..end])?.parse()?;
        Ok(Asked { requests, first: told[end + 1..].to_vec() })
    }
}
