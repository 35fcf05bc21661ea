//! The cache's source of time.

use std::time::{Duration, Instant};

/// A clock that never goes back.
pub trait Clock: Send + Sync + 'static {
    /// The time since the clock's own zero.
    fn now(&self) -> Duration;
}

/// The machine's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct MonotonicClock {
    began: Instant,
}

impl MonotonicClock {
    /// A clock that stands at zero and runs.
    #[must_use]
    pub fn new() -> Self {
        Self { began: Instant::now() }
    }
}

impl Default for MonotonicClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for MonotonicClock {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A clock that tests move instead of sleeping.
#[cfg(test)]
#[derive(Default)]
pub(super) struct FakeClock {
    now: std::sync::Mutex<Duration>,
}

#[cfg(test)]
impl FakeClock {
    pub(super) fn advance(&self, by: Duration) {
        *self.now.lock().unwrap() += by;
    }
}

#[cfg(test)]
impl Clock for FakeClock {
    fn now(&self) -> Duration {
        *self.now.lock().unwrap()
    }
}
