//! Limits how often callers can cause a line of the log.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// One line per period, so that no caller can fill the disk.
const AT_MOST_EVERY: Duration = Duration::from_mins(1);

/// One kind of line. It takes a lock, and is never used for a request that passes.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<LastTold>);

#[derive(Debug, Default)]
struct LastTold {
    last: Option<Instant>,
    untold: u64,
}

impl Seldom {
    /// Whether a line may be written now, and how many were skipped since the last one.
    pub fn now(&self) -> Option<u64> {
        let now = Instant::now();
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.last.is_some_and(|last| now - last < AT_MOST_EVERY) {
            told.untold += 1;
            return None;
        }
        told.last = Some(now);
        Some(std::mem::take(&mut told.untold))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Seldom;

    #[tokio::test(start_paused = true)]
    async fn a_line_a_minute_that_tells_how_many_were_left_out() {
        let seldom = Seldom::default();
        assert_eq!([(); 4].map(|()| seldom.now()), [Some(0), None, None, None]);
        advance(Duration::from_mins(1)).await;
        assert_eq!([(); 2].map(|()| seldom.now()), [Some(3), None]);
    }
}
