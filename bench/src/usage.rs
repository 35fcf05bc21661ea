//! CPU time and memory of a process and its children, as the kernel counts them.

use std::fs;
use std::iter::Sum;
use std::time::Duration;

use anyhow::{Context, Result};

/// CPU time of a process and all its children.
#[derive(Clone, Copy, Default)]
pub struct Cpu {
    /// The whole CPU time, to the nanosecond.
    pub total: Duration,
    /// The user's part in clock ticks, and the system's. Good for a ratio, too coarse for a sum.
    pub ticks: (u64, u64),
}

impl Sum for Cpu {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            total: sum.total + one.total,
            ticks: (sum.ticks.0 + one.ticks.0, sum.ticks.1 + one.ticks.1),
        })
    }
}

impl Cpu {
    /// The CPU time since `earlier`.
    pub fn since(self, earlier: Self) -> Self {
        Self {
            total: self.total.saturating_sub(earlier.total),
            ticks: (
                self.ticks.0.saturating_sub(earlier.ticks.0),
                self.ticks.1.saturating_sub(earlier.ticks.1),
            ),
        }
    }

    /// The user's share of the whole, 0 to 1.
    pub fn user_share(self) -> f64 {
        let (user, system) = (to_f64(self.ticks.0), to_f64(self.ticks.1));
        if user + system > 0.0 { user / (user + system) } else { 0.0 }
    }
}

/// Memory of a process and all its children, in KiB.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// Resident memory; shared pages count for each process.
    pub rss: u64,
    /// Resident memory; shared pages are divided among the processes.
    pub pss: u64,
}

impl Memory {
    /// [`Self::rss`] in MiB.
    pub fn rss_mib(self) -> f64 {
        to_f64(self.rss) / 1024.0
    }

    /// [`Self::pss`] in MiB.
    pub fn pss_mib(self) -> f64 {
        to_f64(self.pss) / 1024.0
    }
}

/// CPU time of process `id` and its children up to now.
///
/// # Errors
/// When the process is gone.
pub fn cpu(id: u32) -> Result<Cpu> {
    let mut sum = Cpu::default();
    for process in family(id)? {
        for thread in threads(process)? {
            sum.total += on_cpu(process, thread);
        }
        let [user, system, ..] = times(&process.to_string())?;
        sum.ticks = (sum.ticks.0 + user, sum.ticks.1 + system);
    }
    Ok(sum)
}

/// Clock ticks that this process and its ended children took up to now.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn own() -> Result<u64> {
    Ok(times("self")?.iter().sum())
}

/// Memory of process `id` and its children now.
///
/// # Errors
/// When the process is gone.
pub fn memory(id: u32) -> Result<Memory> {
    let mut sum = Memory::default();
    for process in family(id)? {
        let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup"))?;
        sum.rss += kib(&text, "Rss:");
        sum.pss += kib(&text, "Pss:");
    }
    Ok(sum)
}

/// The process and the children that it has now.
fn family(id: u32) -> Result<Vec<u32>> {
    let mut all = vec![id];
    for thread in threads(id)? {
        let children = fs::read_to_string(format!("/proc/{id}/task/{thread}/children")).unwrap_or_default();
        all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
    }
    Ok(all)
}

fn threads(id: u32) -> Result<Vec<u32>> {
    let entries =
        fs::read_dir(format!("/proc/{id}/task")).with_context(|| format!("process {id} is gone"))?;
    Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Zero for a thread that has just ended.
fn on_cpu(process: u32, thread: u32) -> Duration {
    let text = fs::read_to_string(format!("/proc/{process}/task/{thread}/schedstat")).unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|first| first.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// Clock ticks outside the kernel and in it: the process's, then those of its children that have ended.
fn times(process: &str) -> Result<[u64; 4]> {
    let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field is the program's name, which may hold spaces and brackets.
    let behind_name = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let mut times = behind_name.split_whitespace().skip(11).map(|field| field.parse().unwrap_or(0));
    Ok(std::array::from_fn(|_| times.next().unwrap_or(0)))
}

fn kib(text: &str, name: &str) -> u64 {
    text.lines()
        .find_map(|line| line.strip_prefix(name))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|digits| digits.parse().ok())
        .unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "ticks of some seconds, and KiB")]
fn to_f64(count: u64) -> f64 {
    count as f64
}
