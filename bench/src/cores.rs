//! The cores on which a thread, and the processes that it starts, may run.

use anyhow::{Context, Result, ensure};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// A set of cores.
#[derive(Clone, Copy)]
pub struct Cores(CpuSet);

impl Cores {
    /// Two cores of those that this process may use: one for the proxy, one for load and upstream.
    ///
    /// # Errors
    /// When there are not two.
    pub fn two() -> Result<(Self, Self)> {
        let allowed = sched_getaffinity(None)?;
        let numbers: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).take(2).collect();
        ensure!(numbers.len() == 2, "the benchmark needs two cores");
        Ok((Self::one(numbers[0]), Self::one(numbers[1])))
    }

    fn one(number: usize) -> Self {
        let mut set = CpuSet::new();
        set.set(number);
        Self(set)
    }

    /// The cores of both.
    pub fn and(self, other: Self) -> Self {
        let mut set = self.0;
        for core in (0..CpuSet::MAX_CPU).filter(|&core| other.0.is_set(core)) {
            set.set(core);
        }
        Self(set)
    }

    /// Moves this thread to these cores.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn enter(self) -> Result<()> {
        sched_setaffinity(None, &self.0).context("choosing cores")
    }

    /// Runs `start` on these cores, so that processes begin there, and returns to the former cores.
    ///
    /// # Errors
    /// When the system refuses, or `start` fails.
    pub fn born_there<T>(self, start: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = Self(sched_getaffinity(None)?);
        self.enter()?;
        let result = start();
        before.enter()?;
        result
    }
}
