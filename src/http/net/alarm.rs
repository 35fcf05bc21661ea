//! One timer for many deadlines.
//!
//! Setting a timer costs more than looking at one, since it moves in the runtime's wheel. This timer is reset
//! only when a deadline is earlier than the one it is set to. If it was set to a deadline that has been put
//! off, it fires once in vain, which happens every few seconds at most and not with every request.

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::time::{Instant, Sleep};

/// The timer of one connection.
pub struct Alarm {
    timer: Pin<Box<Sleep>>,
    /// The task that the timer wakes.
    wakes: Option<Waker>,
}

impl Alarm {
    /// A timer set to `first`.
    #[must_use]
    pub fn new(first: Instant) -> Self {
        Self { timer: Box::pin(tokio::time::sleep_until(first)), wakes: None }
    }

    /// Ready once `due` has passed.
    pub fn poll(&mut self, cx: &mut Context<'_>, due: Instant) -> Poll<()> {
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
            self.wakes = None;
        }
        let wakes_us = self.wakes.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if wakes_us && !self.timer.is_elapsed() {
            return Poll::Pending;
        }
        self.wakes = Some(cx.waker().clone());
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(due);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Alarm;

    #[tokio::test(start_paused = true)]
    async fn it_goes_off_at_each_deadline_whatever_the_one_before() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut alarm = Alarm::new(at(5));
        // This deadline is earlier than the one that is set, and is given up for a later one.
        let given_up = tokio::time::timeout_at(at(1), poll_fn(|cx| alarm.poll(cx, at(2)))).await;
        assert!(given_up.is_err());
        for due in [at(4), at(9), at(9), at(10)] {
            poll_fn(|cx| alarm.poll(cx, due)).await;
            assert!((due..due + Duration::from_millis(2)).contains(&Instant::now()));
        }
    }

    /// A connection may move from one request's task to the next one's.
    #[tokio::test(start_paused = true)]
    async fn it_wakes_the_task_that_asked_last() {
        let due = Instant::now() + Duration::from_secs(5);
        let alarm = Arc::new(Mutex::new(Alarm::new(due)));
        let wait = |alarm: Arc<Mutex<Alarm>>| async move {
            poll_fn(|cx| alarm.lock().expect("sound").poll(cx, due)).await;
            Instant::now()
        };
        let first = tokio::spawn(wait(alarm.clone()));
        tokio::task::yield_now().await;
        let second = tokio::spawn(wait(alarm));
        let woken = second.await.expect("an end");
        assert!((due..due + Duration::from_millis(2)).contains(&woken));
        first.abort();
    }
}
