//! The machine and the versions that the numbers belong to.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::ticks::Ticks;
use crate::usage;

/// Versions, and how quiet the machine was.
pub struct Facts {
    /// The day on which the run began.
    pub date: String,
    /// The CPU and how many cores of it.
    pub cpu: String,
    /// The kernel.
    pub kernel: String,
    /// The version of everything that took part.
    pub versions: Vec<String>,
    before: Ticks,
    own_before: u64,
}

/// What else the machine did meanwhile, as shares of its CPU time, 0 to 1.
#[derive(Clone, Copy)]
pub struct Disturbance {
    /// Other programs on this machine, and the kernel's own work.
    pub others: f64,
    /// The machine's host.
    pub host: f64,
}

impl Facts {
    /// Gathers the facts. `commit` says what the gateway was built from, if that is known.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn gather(gateway: &std::path::Path, commit: Option<&str>) -> Result<Self> {
        let commit = commit.map_or("a build given by hand".into(), |commit| format!("commit {commit}"));
        let mesigate = first_line(Command::new(gateway).arg("--version"));
        Ok(Self {
            date: first_line(Command::new("date").args(["-u", "+%Y-%m-%d"])),
            cpu: cpu()?,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().into(),
            versions: vec![
                format!("{mesigate} ({commit})"),
                first_line(Command::new("rustc").arg("--version")),
                first_line(Command::new("nginx").arg("-v")).replace("nginx version: ", ""),
                lua(),
                first_line(Command::new("haproxy").arg("-v")),
            ],
            before: Ticks::now()?,
            own_before: usage::own()?,
        })
    }

    /// What else the machine did since the facts were gathered.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn disturbance(&self) -> Result<Disturbance> {
        let passed = Ticks::now()?.since(self.before);
        let own = usage::own()? - self.own_before;
        let others = passed.all.saturating_sub(passed.idle + passed.stolen + own);
        let part = |ticks: u64| -> Result<f64> {
            Ok(f64::from(u32::try_from(ticks)?) / f64::from(u32::try_from(passed.all.max(1))?))
        };
        Ok(Disturbance { others: part(others)?, host: part(passed.stolen)? })
    }
}

fn cpu() -> Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let models: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map(|(_, name)| name)
        .collect();
    Ok(format!("{}, {} cores", models.first().unwrap_or(&"unknown"), models.len()))
}

fn lua() -> String {
    let version =
        first_line(Command::new("dpkg-query").args(["-W", "-f", "${Version}", "libnginx-mod-http-lua"]));
    format!("libnginx-mod-http-lua {version}")
}

/// The first line of output, on whichever stream the program writes its version.
fn first_line(command: &mut Command) -> String {
    let told = command.output().map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&told).lines().next().unwrap_or("unknown").trim().to_owned()
}
