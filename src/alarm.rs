//! One timer for many deadlines.
//!
//! To set a timer costs more than to look at one: it is a place in the runtime's wheel. This one is set
//! anew only where a deadline is earlier than what it is set to. One that was set for an earlier deadline
//! goes off once in vain, which happens every few seconds at most, and not with every request.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::{Instant, Sleep};

/// The timer of one connection.
pub struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    /// Set for `first`.
    #[must_use]
    pub fn new(first: Instant) -> Self {
        Self(Box::pin(tokio::time::sleep_until(first)))
    }

    /// Ready once `due` has passed.
    pub fn poll(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<()> {
        if due < self.0.deadline() {
            self.0.as_mut().reset(due);
        }
        loop {
            ready!(self.0.as_mut().poll(cx));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            self.0.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Alarm;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_at_each_deadline_whatever_the_one_before() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut alarm = Alarm::new(at(5));
        // One that was given up for a later one, and one that is earlier than what is set.
        let given_up = tokio::time::timeout_at(at(1), poll_fn(|cx| alarm.poll(cx, at(2)))).await;
        assert!(given_up.is_err());
        for due in [at(4), at(9), at(9), at(10)] {
            poll_fn(|cx| alarm.poll(cx, due)).await;
            assert!((due..due + Duration::from_millis(2)).contains(&Instant::now()));
        }
    }
}
