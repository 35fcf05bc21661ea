//! Leaves an upstream alone that has failed again and again, then lets one request at a time try
//! whether it is back. One for all workers: closed, it costs a request two loads.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::config;
use crate::http::net::clock::{around, seconds_up};
use crate::protocol::reject::Reject;

/// How far chance moves a wait, in percent: replicas that saw the same outage must not all try at once.
const JITTER: u32 = 10;

/// The breaker of one upstream.
pub struct Breaker {
    settings: config::Breaker,
    /// How logs call the upstream.
    upstream: String,
    /// Moves with every opening and every closing; odd while open. An answer that belongs to an
    /// earlier one says nothing about now.
    epoch: AtomicU32,
    /// In a row, while closed.
    failures: AtomicU32,
    openings: AtomicU64,
    open: Mutex<Open>,
}

/// What counts while it is open.
struct Open {
    wait: Duration,
    until: Instant,
    probing: bool,
}

/// Leave to ask upstream once. Dropped without a word, as when the caller is gone, it counts as
/// neither success nor failure.
pub struct Pass<'b> {
    breaker: &'b Breaker,
    epoch: u32,
    settled: bool,
}

const fn is_open(epoch: u32) -> bool {
    epoch % 2 == 1
}

impl Breaker {
    /// A closed one.
    #[must_use]
    pub fn new(settings: config::Breaker, upstream: String) -> Self {
        Self {
            settings,
            upstream,
            epoch: AtomicU32::new(0),
            failures: AtomicU32::new(0),
            openings: AtomicU64::new(0),
            open: Mutex::new(Open { wait: settings.wait, until: Instant::now(), probing: false }),
        }
    }

    /// Whether a request would be let through now; for those that would have to queue first.
    ///
    /// # Errors
    /// UPSTREAMDOWN, with the wait.
    pub fn check(&self) -> Result<(), Reject> {
        if is_open(self.epoch.load(Relaxed)) { self.lock().refusal() } else { Ok(()) }
    }

    /// Lets a request through: any while closed, one at a time when the wait is over.
    ///
    /// # Errors
    /// UPSTREAMDOWN, with the wait.
    pub fn pass(&self) -> Result<Pass<'_>, Reject> {
        let mut epoch = self.epoch.load(Relaxed);
        if is_open(epoch) {
            let mut open = self.lock();
            // It moves under the lock only.
            epoch = self.epoch.load(Relaxed);
            if is_open(epoch) {
                open.refusal()?;
                open.probing = true;
            }
        }
        Ok(Pass { breaker: self, epoch, settled: false })
    }

    /// Whether upstream is left alone, one that tries included.
    #[must_use]
    pub fn is_open(&self) -> bool {
        is_open(self.epoch.load(Relaxed))
    }

    /// How often it has opened.
    #[must_use]
    pub fn openings(&self) -> u64 {
        self.openings.load(Relaxed)
    }

    fn succeeded(&self, epoch: u32) {
        if self.epoch.load(Relaxed) != epoch {
            return;
        }
        if !is_open(epoch) {
            if self.failures.load(Relaxed) != 0 {
                self.failures.store(0, Relaxed);
            }
            return;
        }
        let mut open = self.lock();
        open.probing = false;
        open.wait = self.settings.wait;
        self.failures.store(0, Relaxed);
        self.epoch.store(epoch.wrapping_add(1), Relaxed);
        tracing::info!(upstream = self.upstream, "upstream answers again");
    }

    fn failed(&self, epoch: u32) {
        if self.settings.failures == 0 || self.epoch.load(Relaxed) != epoch {
            return;
        }
        if is_open(epoch) {
            let mut open = self.lock();
            open.probing = false;
            open.wait = (open.wait * 2).min(self.settings.longest);
            open.until = Instant::now() + around(open.wait, JITTER);
            return;
        }
        if self.failures.fetch_add(1, Relaxed) + 1 < self.settings.failures {
            return;
        }
        let mut open = self.lock();
        if self.epoch.load(Relaxed) != epoch {
            return;
        }
        *open = Open {
            wait: self.settings.wait,
            until: Instant::now() + around(self.settings.wait, JITTER),
            probing: false,
        };
        self.openings.fetch_add(1, Relaxed);
        self.epoch.store(epoch.wrapping_add(1), Relaxed);
        tracing::warn!(
            upstream = self.upstream,
            failures = self.settings.failures,
            seconds = self.settings.wait.as_secs_f64(),
            "upstream has failed again and again and is left alone"
        );
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn refusal(&self) -> Result<(), Reject> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() && !self.probing {
            return Ok(());
        }
        Err(Reject::BreakerOpen { wait: seconds_up(left).max(1) })
    }
}

impl Pass<'_> {
    /// Upstream gave an answer of the API, whatever it said.
    pub fn succeeded(mut self) {
        self.settled = true;
        self.breaker.succeeded(self.epoch);
    }

    /// It could not be reached, or gave nothing that is an answer.
    pub fn failed(mut self) {
        self.settled = true;
        self.breaker.failed(self.epoch);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.settled && is_open(self.epoch) {
            self.breaker.lock().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::Breaker;
    use crate::config;
    use crate::protocol::reject::Reject;

    const WAIT: Duration = Duration::from_secs(10);
    const LONGEST: Duration = Duration::from_secs(30);

    fn breaker(failures: u32) -> Breaker {
        Breaker::new(config::Breaker { failures, wait: WAIT, longest: LONGEST }, "upstream".to_owned())
    }

    fn fail(breaker: &Breaker, times: usize) {
        for _ in 0..times {
            breaker.pass().expect("closed").failed();
        }
    }

    fn wait(breaker: &Breaker) -> Option<u64> {
        let refusals = [breaker.check(), breaker.pass().map(drop)];
        assert_eq!(refusals[0], refusals[1]);
        match &refusals[0] {
            Ok(()) => None,
            Err(Reject::BreakerOpen { wait }) => Some(*wait),
            Err(other) => panic!("{other:?}"),
        }
    }

    /// Past the wait and what chance may add to it.
    async fn wait_out(time: Duration) {
        advance(time * 11 / 10 + Duration::from_millis(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn failures_in_a_row_open_it_for_its_time() {
        let breaker = breaker(3);
        fail(&breaker, 2);
        breaker.pass().expect("closed").succeeded();
        fail(&breaker, 2);
        assert!(!breaker.is_open(), "not in a row");
        fail(&breaker, 1);
        assert!(breaker.is_open());
        let left = wait(&breaker).expect("a refusal");
        assert!((9..=11).contains(&left), "{left}");
        advance(WAIT / 2).await;
        let later = wait(&breaker).expect("a refusal");
        assert!(later < left, "{later}");
        wait_out(WAIT).await;
        assert_eq!(wait(&breaker), None);
        assert!(breaker.is_open(), "until one has tried");
        assert_eq!(breaker.openings(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn one_at_a_time_tries_and_its_success_closes_it() {
        let breaker = breaker(1);
        fail(&breaker, 1);
        wait_out(WAIT).await;
        let probe = breaker.pass().expect("one may try");
        assert_eq!(wait(&breaker), Some(1));
        probe.succeeded();
        assert!(!breaker.is_open());
        assert_eq!(wait(&breaker), None);
        fail(&breaker, 1);
        let left = wait(&breaker).expect("a refusal");
        assert!((9..=11).contains(&left), "the wait begins anew: {left}");
        assert_eq!(breaker.openings(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn each_try_that_fails_doubles_the_wait_up_to_the_longest() {
        let breaker = breaker(1);
        fail(&breaker, 1);
        let mut waited = WAIT;
        for expected in [20, 30, 30] {
            wait_out(waited).await;
            breaker.pass().expect("one may try").failed();
            let left = wait(&breaker).expect("a refusal");
            assert!((expected * 9 / 10..=expected * 11 / 10).contains(&left), "{expected}: {left}");
            waited = Duration::from_secs(expected);
        }
        assert_eq!(breaker.openings(), 1, "it was open all the time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_whose_caller_has_gone_is_given_back() {
        let breaker = breaker(1);
        fail(&breaker, 1);
        wait_out(WAIT).await;
        drop(breaker.pass().expect("one may try"));
        breaker.pass().expect("and another").succeeded();
        assert!(!breaker.is_open());
        drop(breaker.pass().expect("closed"));
        assert!(!breaker.is_open(), "no word is no failure");
    }

    #[tokio::test(start_paused = true)]
    async fn late_answers_of_an_earlier_time_count_for_nothing() {
        let breaker = breaker(2);
        let [success, failure, other] = [(); 3].map(|()| breaker.pass().expect("closed"));
        fail(&breaker, 2);
        success.succeeded();
        assert!(breaker.is_open(), "an old success says nothing about now");
        failure.failed();
        wait_out(WAIT).await;
        breaker.pass().expect("one may try").succeeded();
        fail(&breaker, 1);
        other.failed();
        assert!(!breaker.is_open(), "an old failure is none of those in a row");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_number_of_failures_it_never_opens() {
        let breaker = breaker(0);
        fail(&breaker, 1000);
        assert_eq!((breaker.is_open(), wait(&breaker)), (false, None));
    }

    #[test]
    fn threads_that_fail_at_once_open_it_once() {
        let breaker = breaker(4);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        if let Ok(pass) = breaker.pass() {
                            pass.failed();
                        }
                    }
                });
            }
        });
        assert!(breaker.is_open());
        assert_eq!(breaker.openings(), 1);
    }
}
