//! The circuit breaker of one upstream, shared by all workers: after several failures in a row it refuses
//! requests, then lets one at a time try whether upstream is back. While nothing has failed, it costs a request
//! three loads.
//!
//! One caller's failures are not charged to all. A caller that gets no answer again and again, whoever's fault
//! that is, is refused by itself ([`failing`]). The breaker opens for all callers only when connections fail.
//! When several known callers in a row have got no answer, those that had a part in it are refused at once, and
//! callers that have not failed are still let through ([`circle`]). Failures of unknown callers prove nothing,
//! since their tokens may be invented.

mod circle;
mod failing;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::asker::Asker;
use crate::config;
use crate::policy::seldom::Seldom;
use crate::protocol::reject::Reject;
use crate::protocol::seconds::seconds_up;
use circle::{Circle, Proof};
use failing::Failing;

/// All unknown callers, as one that tries. No fingerprint is likely to be 0.
const STRANGERS: u128 = 0;

/// The breaker of one upstream.
pub struct Breaker {
    settings: config::BreakerConfig,
    /// The upstream's name in logs.
    upstream: String,
    /// Grows with every opening and closing for all; odd while open. An answer to a request of an earlier epoch
    /// says nothing about upstream now.
    epoch: AtomicU32,
    /// Whether a failure is remembered, which a success would clear.
    has_failed: AtomicBool,
    openings: AtomicU64,
    all: Mutex<Circle>,
    held: Failing,
    /// Limits how often the log reports unknown callers that are refused.
    strangers_told: Seldom,
}

/// Permission to send one request. If it is dropped unsettled, because the client has left or the answer proves
/// nothing about upstream, it counts as neither success nor failure.
pub struct Pass<'b> {
    breaker: &'b Breaker,
    asker: &'b Asker<'b>,
    epoch: u32,
    turn: u64,
    is_own_trial: bool,
    settled: bool,
}

const fn is_open(epoch: u32) -> bool {
    epoch % 2 == 1
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(settings: config::BreakerConfig, upstream: String) -> Self {
        Self {
            settings,
            upstream,
            epoch: AtomicU32::new(0),
            has_failed: AtomicBool::new(false),
            openings: AtomicU64::new(0),
            all: Mutex::default(),
            held: Failing::new(settings),
            strangers_told: Seldom::default(),
        }
    }

    /// Whether a request would be let through now; asked before a request has to queue.
    ///
    /// # Errors
    /// UPSTREAMDOWN, with the wait.
    #[inline]
    pub fn check(&self, asker: &Asker<'_>) -> Result<(), Reject> {
        if self.is_calm() { Ok(()) } else { self.check_closely(asker) }
    }

    /// Whether no caller is refused, and none has failed.
    fn is_calm(&self) -> bool {
        !is_open(self.epoch.load(Relaxed)) && !self.has_failed.load(Relaxed) && self.held.is_nobody()
    }

    #[cold]
    fn check_closely(&self, asker: &Asker<'_>) -> Result<(), Reject> {
        self.held.check(asker).map_err(refusal)?;
        if is_open(self.epoch.load(Relaxed)) {
            self.lock().check(witness(asker), Instant::now()).map_err(refusal)?;
        }
        Ok(())
    }

    /// Lets a request through: any while closed, one at a time once the wait is over.
    ///
    /// # Errors
    /// UPSTREAMDOWN, with the wait.
    #[inline]
    pub fn pass<'b>(&'b self, asker: &'b Asker<'b>) -> Result<Pass<'b>, Reject> {
        if self.is_calm() {
            let (epoch, turn) = (self.epoch.load(Relaxed), self.held.turn());
            return Ok(Pass { breaker: self, asker, epoch, turn, is_own_trial: false, settled: false });
        }
        self.pass_closely(asker)
    }

    #[cold]
    fn pass_closely<'b>(&'b self, asker: &'b Asker<'b>) -> Result<Pass<'b>, Reject> {
        self.held.check(asker).map_err(refusal)?;
        let mut epoch = self.epoch.load(Relaxed);
        if is_open(epoch) {
            let mut all = self.lock();
            // The epoch changes under the lock only.
            epoch = self.epoch.load(Relaxed);
            all.pass(witness(asker), Instant::now()).map_err(refusal)?;
        }
        let mut pass =
            Pass { breaker: self, asker, epoch, turn: self.held.turn(), is_own_trial: false, settled: false };
        // If another request has begun the trial meanwhile, dropping `pass` gives back what was begun here.
        pass.is_own_trial = self.held.pass(asker).map_err(refusal)?;
        Ok(pass)
    }

    /// Whether the breaker is open for all or for some callers, trials included.
    #[must_use]
    pub fn is_open(&self) -> bool {
        is_open(self.epoch.load(Relaxed)) || self.held.callers() > 0
    }

    /// How many callers are refused by themselves.
    #[must_use]
    pub fn callers(&self) -> usize {
        self.held.callers()
    }

    /// How often the breaker has opened, for all or for one caller.
    #[must_use]
    pub fn openings(&self) -> u64 {
        self.openings.load(Relaxed)
    }

    fn succeeded(&self, epoch: u32) {
        let is_open = is_open(epoch);
        if self.epoch.load(Relaxed) != epoch || !is_open && !self.has_failed.load(Relaxed) {
            return;
        }
        let mut all = self.lock();
        if self.epoch.load(Relaxed) != epoch {
            return;
        }
        all.succeeded();
        self.has_failed.store(false, Relaxed);
        if is_open {
            self.epoch.store(epoch.wrapping_add(1), Relaxed);
            tracing::info!(upstream = self.upstream, "upstream answers again");
        }
    }

    fn failed(&self, asker: &Asker<'_>, proof: Proof, epoch: u32) {
        let mut all = self.lock();
        if self.epoch.load(Relaxed) != epoch {
            return;
        }
        self.has_failed.store(true, Relaxed);
        // An unknown caller may be anybody, any number of times: only failures that are proof by themselves
        // count.
        let proof = if proof == Proof::Part && !asker.is_known() { Proof::None } else { proof };
        if all.failed(witness(asker), proof, &self.settings, Instant::now()) {
            self.openings.fetch_add(1, Relaxed);
            self.epoch.store(epoch.wrapping_add(1), Relaxed);
            self.tell_of_all();
        }
    }

    fn failed_alone(&self, asker: &Asker<'_>, turn: u64) {
        if self.held.failed(asker, turn) {
            self.openings.fetch_add(1, Relaxed);
            self.tell_of_one(asker);
        }
    }

    fn tell_of_all(&self) {
        tracing::warn!(
            upstream = self.upstream,
            failures = self.settings.failures,
            seconds = self.settings.wait.as_secs_f64(),
            "upstream has failed again and again and is left alone"
        );
    }

    fn tell_of_one(&self, asker: &Asker<'_>) {
        // The settings bound the number of apps; clients may invent any number of tokens.
        let Some(untold) = (if asker.app.is_some() { Some(0) } else { self.strangers_told.now() }) else {
            return;
        };
        tracing::warn!(
            upstream = self.upstream,
            app = asker.app,
            failures = self.settings.failures,
            seconds = self.settings.wait.as_secs_f64(),
            untold,
            "upstream has failed one caller again and again, which is left alone"
        );
    }

    fn lock(&self) -> MutexGuard<'_, Circle> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The caller that a failure is counted for.
fn witness(asker: &Asker<'_>) -> u128 {
    if asker.is_known() { asker.caller.0 } else { STRANGERS }
}

fn refusal(left: Duration) -> Reject {
    Reject::BreakerOpen { wait: seconds_up(left).max(1) }
}

impl Pass<'_> {
    /// Upstream gave an answer of the API, whatever it said.
    pub fn succeeded(mut self) {
        self.settled = true;
        if is_open(self.epoch) || !self.breaker.is_calm() {
            self.breaker.held.succeeded(self.asker, self.turn);
            self.breaker.succeeded(self.epoch);
        }
    }

    /// No connection could be made, which any caller would find.
    pub fn unreachable(mut self) {
        self.fail(Proof::Whole);
        if self.is_own_trial {
            self.breaker.held.silent(self.asker);
        }
    }

    /// No valid answer came: upstream may be at fault, or the request.
    pub fn failed(mut self) {
        self.fail(Proof::Part);
        if self.settled {
            self.breaker.failed_alone(self.asker, self.turn);
        }
    }

    fn fail(&mut self, proof: Proof) {
        self.settled = self.breaker.settings.failures > 0;
        if self.settled {
            self.breaker.failed(self.asker, proof, self.epoch);
        }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.settled {
            return;
        }
        if is_open(self.epoch) {
            self.breaker.lock().silent(witness(self.asker), Instant::now());
        }
        if self.is_own_trial {
            self.breaker.held.silent(self.asker);
        }
    }
}
