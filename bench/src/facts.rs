//! On what, and of what, the numbers were taken.

use std::fs;
use std::process::Command;

use anyhow::Result;

/// Versions, and how quiet the machine was.
pub struct Facts {
    /// The day on which it began.
    pub date: String,
    /// The CPU and how many cores of it.
    pub cpu: String,
    /// The kernel.
    pub kernel: String,
    /// Of everything that took part.
    pub versions: Vec<String>,
    before: Ticks,
}

/// CPU time of the whole machine and of this run, in clock ticks.
#[derive(Clone, Copy)]
struct Ticks {
    all: u64,
    idle: u64,
    own: u64,
}

impl Facts {
    /// Looks around. `commit` says what the gateway was built from, if that is known.
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
        })
    }

    /// How much of the machine's CPU time went to something else since then, 0 to 1.
    ///
    /// # Errors
    /// When `/proc` cannot be read.
    pub fn disturbance(&self) -> Result<f64> {
        let (now, before) = (Ticks::now()?, self.before);
        let all = now.all - before.all;
        let used = all.saturating_sub(now.idle - before.idle);
        let others = used.saturating_sub(now.own - before.own);
        Ok(f64::from(u32::try_from(others)?) / f64::from(u32::try_from(all.max(1))?))
    }
}

impl Ticks {
    fn now() -> Result<Self> {
        let machine = fs::read_to_string("/proc/stat")?;
        let fields = numbers(machine.lines().next().unwrap_or_default());
        let own = fs::read_to_string("/proc/self/stat")?;
        let own = numbers(own.rsplit_once(") ").map_or("", |(_, rest)| rest));
        Ok(Self {
            all: fields.iter().take(8).sum(),
            // Idle, and idle while a disk was busy.
            idle: fields.iter().skip(3).take(2).sum(),
            // This process and the children that have ended, outside the kernel and in it.
            own: own.iter().skip(10).take(4).sum(),
        })
    }
}

fn numbers(text: &str) -> Vec<u64> {
    // A field that is no number is the name in front.
    text.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect()
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

/// Whichever stream a program tells its version on.
fn first_line(command: &mut Command) -> String {
    let told = command.output().map(|output| [output.stdout, output.stderr].concat()).unwrap_or_default();
    String::from_utf8_lossy(&told).lines().next().unwrap_or("unknown").trim().to_owned()
}
