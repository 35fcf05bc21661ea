//! The time in which answers count, after a warm-up.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use crate::http::PATIENCE;
use crate::stop;

const LOOK: Duration = Duration::from_millis(50);

/// Counts the answers within the time.
pub struct Window<'a> {
    opens: Instant,
    length: Duration,
    opened: Option<Instant>,
    at_opening: &'a mut dyn FnMut() -> Result<()>,
    last_answer: Instant,
    /// How many answers came in the window.
    pub answers: u64,
    /// From when each request was due to when its answer came, in nanoseconds.
    pub latency: Histogram<u64>,
}

impl<'a> Window<'a> {
    /// A window of `length` after `warm_up`; `at_opening` is called in between.
    ///
    /// # Errors
    /// Never, with these bounds.
    pub fn new(
        warm_up: Duration,
        length: Duration,
        at_opening: &'a mut dyn FnMut() -> Result<()>,
    ) -> Result<Self> {
        let now = Instant::now();
        Ok(Self {
            opens: now + warm_up,
            length,
            opened: None,
            at_opening,
            last_answer: now,
            answers: 0,
            latency: Histogram::new_with_bounds(1_000, 60_000_000_000, 3)?,
        })
    }

    /// Whether the run goes on.
    ///
    /// # Errors
    /// When no answer came for long, or the whole run is to stop.
    pub fn is_open(&mut self, now: Instant) -> Result<bool> {
        stop::check()?;
        ensure!(now.saturating_duration_since(self.last_answer) < PATIENCE, "no answer for {PATIENCE:?}");
        if self.opened.is_none() && now >= self.opens {
            (self.at_opening)()?;
            self.opened = Some(Instant::now());
        }
        Ok(self.opened.is_none_or(|opened| now.saturating_duration_since(opened) < self.length))
    }

    /// How long a poll may wait before it asks the window again.
    pub fn look_again(&self) -> Duration {
        LOOK.min(self.length)
    }

    /// When the window opened, if it has: after `at_opening`, whose time no subject is charged with.
    pub fn opened(&self) -> Option<Instant> {
        self.opened
    }

    /// Notes the answer to a request that was due at `since`. Its latency counts if that is in the window.
    pub fn answered(&mut self, since: Instant, now: Instant) {
        self.last_answer = now;
        let Some(opened) = self.opened else { return };
        self.answers += 1;
        if since >= opened {
            let nanoseconds = now.saturating_duration_since(since).as_nanos();
            self.latency.saturating_record(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        }
    }

    /// How long the window has been open.
    pub fn elapsed(&self) -> Duration {
        self.opened.map_or(Duration::ZERO, |opened| opened.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Window;

    #[test]
    fn what_was_due_before_it_opened_counts_as_an_answer_but_not_for_how_long_it_took() {
        let mut look = || Ok(());
        let mut window = Window::new(Duration::ZERO, Duration::from_secs(1), &mut look).unwrap();
        let early = Instant::now();
        window.answered(early, Instant::now());
        assert_eq!((window.answers, window.latency.len()), (0, 0), "not open yet");

        assert!(window.is_open(Instant::now()).unwrap());
        let opened = window.opened().unwrap();
        window.answered(early, Instant::now());
        assert_eq!((window.answers, window.latency.len()), (1, 0));
        window.answered(opened, Instant::now());
        assert_eq!((window.answers, window.latency.len()), (2, 1));
    }
}
