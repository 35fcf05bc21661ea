//! The sandbox's clock, which tests move instead of sleeping.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Time since the sandbox began: monotonic time plus all advances.
pub(crate) struct Clock {
    began: Instant,
    advanced: Mutex<Duration>,
}

impl Clock {
    /// A clock that stands at zero and runs.
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), advanced: Mutex::new(Duration::ZERO) }
    }

    /// Time since [`Clock::new`]. Finer than a second, so that what is scheduled 60 seconds ahead is never due after
    /// 59.
    pub(crate) fn now(&self) -> Duration {
        let advanced = *self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        self.began.elapsed().saturating_add(advanced)
    }

    /// Moves the clock forward; it never goes back.
    pub(crate) fn advance(&self, by: Duration) {
        let mut advanced = self.advanced.lock().unwrap_or_else(PoisonError::into_inner);
        *advanced = advanced.saturating_add(by);
    }
}
