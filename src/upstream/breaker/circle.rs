//! The rules of a breaker: counts failures in a row and the callers that had them, opens, and after a wait lets
//! one caller at a time try. `breaker` has one for all callers, `failing` one for each caller. Pure: the time
//! is given.

use std::time::Duration;

use smallvec::SmallVec;
use tokio::time::Instant;

use crate::config;
use crate::upstream::jitter::around;

/// How far a wait varies at random, in percent: replicas that saw the same outage must not all try at once.
const JITTER: u32 = 10;
/// How long a trial keeps other callers from trying, so that a slow one does not take their turn.
const TURN: Duration = Duration::from_secs(1);
/// How long a caller whose trial proved nothing lets others try.
const PAUSE: Duration = Duration::from_secs(1);

/// What a failure proves about upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Upstream is at fault: no byte of the request had left.
    Whole,
    /// Upstream or the request is at fault: another caller must have found the same.
    Part,
    /// Nothing about upstream: the caller is unknown.
    None,
}

/// The breaker of a circle of callers.
#[derive(Default)]
pub struct Circle {
    /// Failures in a row while closed that prove an outage by themselves.
    proven: u32,
    /// The other failures, by caller.
    seen: SmallVec<[(u128, u32); 2]>,
    open: Option<OpenCircle>,
}

/// The state of an open circle.
struct OpenCircle {
    /// Whether all callers are refused. Otherwise a caller that has not failed is let through, since the
    /// failures may be the others' own fault.
    is_for_all: bool,
    /// The callers whose failures have opened the circle, and those that failed since.
    failed: SmallVec<[u128; 4]>,
    wait: Duration,
    until: Instant,
    /// The caller that tries now, and since when.
    trial: Option<(u128, Instant)>,
    tried: SmallVec<[Tried; 2]>,
}

/// A caller that has tried in vain, and is refused for longer than the others.
struct Tried {
    asker: u128,
    wait: Duration,
    until: Instant,
    /// Whether its trial has failed and counts as a witness's.
    is_witness: bool,
}

/// The most failures of one caller that count: others must have had the rest.
const fn most_of_one(failures: u32) -> u32 {
    failures.div_ceil(2)
}

impl Circle {
    /// Whether it is open, trials included.
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether it is open, and a trial is under way or its wait ended less than `grace` ago: a caller that no
    /// longer tries is not counted for ever.
    pub fn is_waiting(&self, grace: Duration, now: Instant) -> bool {
        self.open.as_ref().is_some_and(|open| open.tried_until() + grace > now || open.trial.is_some())
    }

    /// Whether `asker` would be let through.
    ///
    /// # Errors
    /// How long `asker` has to wait; zero when that depends on another caller's trial.
    pub fn check(&self, asker: u128, now: Instant) -> Result<(), Duration> {
        self.open.as_ref().map_or(Ok(()), |open| open.check(asker, now))
    }

    /// Lets `asker` through, which is a trial while the circle is open.
    ///
    /// # Errors
    /// How long `asker` still has to wait.
    pub fn pass(&mut self, asker: u128, now: Instant) -> Result<(), Duration> {
        self.check(asker, now)?;
        if let Some(open) = self.open.as_mut().filter(|open| open.concerns(asker)) {
            // A caller whose trial was slow comes after those that have not tried.
            if let Some((slow, _)) = open.trial.replace((asker, now)) {
                open.tried(slow, open.wait, now + open.wait, false);
            }
        }
        Ok(())
    }

    /// A request was answered: upstream is sound.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// A request of `asker` failed; returns whether that has opened the circle.
    pub fn failed(
        &mut self,
        asker: u128,
        proof: Proof,
        settings: &config::BreakerConfig,
        now: Instant,
    ) -> bool {
        if let Some(open) = &mut self.open {
            open.failed(asker, proof, settings, now);
            return false;
        }
        if self.counted(asker, proof, settings.failures) < settings.failures {
            return false;
        }
        let failed = self.seen.iter().map(|(witness, _)| *witness).collect();
        let is_for_all = self.proven >= settings.failures;
        let open = OpenCircle { is_for_all, failed, ..OpenCircle::new(settings.wait, now) };
        *self = Self { open: Some(open), ..Self::default() };
        true
    }

    /// The trial of `asker` has proved nothing.
    pub fn silent(&mut self, asker: u128, now: Instant) {
        if let Some(open) = &mut self.open {
            open.release(asker);
            open.tried(asker, open.wait, now + PAUSE.min(open.wait), false);
        }
    }

    /// The trial of `asker` has ended without a result.
    pub fn release(&mut self, asker: u128) {
        if let Some(open) = &mut self.open {
            open.release(asker);
        }
    }

    /// Counts one more failure; returns how many count now.
    fn counted(&mut self, asker: u128, proof: Proof, failures: u32) -> u32 {
        match proof {
            Proof::Whole => self.proven = self.proven.saturating_add(1),
            Proof::None => {}
            Proof::Part => match self.seen.iter_mut().find(|(witness, _)| *witness == asker) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => self.seen.push((asker, 1)),
            },
        }
        // One caller's failures prove nothing until another caller has failed too.
        if self.proven == 0 && self.seen.len() < 2 {
            return 0;
        }
        let most = most_of_one(failures);
        self.seen.iter().fold(self.proven, |all, (_, count)| all.saturating_add((*count).min(most)))
    }
}

impl OpenCircle {
    fn new(wait: Duration, now: Instant) -> Self {
        Self {
            is_for_all: true,
            failed: SmallVec::new(),
            wait,
            until: now + around(wait, JITTER),
            trial: None,
            tried: SmallVec::new(),
        }
    }

    /// Whether `asker` is among the callers that are refused.
    fn concerns(&self, asker: u128) -> bool {
        self.is_for_all || self.failed.contains(&asker)
    }

    fn tried_until(&self) -> Instant {
        self.tried.iter().map(|tried| tried.until).fold(self.until, Instant::max)
    }

    fn check(&self, asker: u128, now: Instant) -> Result<(), Duration> {
        if !self.concerns(asker) {
            return Ok(());
        }
        let own =
            self.tried.iter().find(|tried| tried.asker == asker).map_or(self.until, |tried| tried.until);
        let left = own.max(self.until).saturating_duration_since(now);
        let is_taken = self.trial.is_some_and(|(trying, since)| trying == asker || now < since + TURN);
        if left.is_zero() && !is_taken { Ok(()) } else { Err(left) }
    }

    fn failed(&mut self, asker: u128, proof: Proof, settings: &config::BreakerConfig, now: Instant) {
        self.release(asker);
        if proof == Proof::Part && !self.concerns(asker) {
            self.failed.push(asker);
            // So many callers are not all at fault themselves.
            self.is_for_all = self.failed.len() >= MOST_TRIED;
            return;
        }
        if proof == Proof::None {
            return;
        }
        let is_other = |tried: &Tried| tried.is_witness && tried.asker != asker;
        if proof == Proof::Whole || self.tried.iter().any(is_other) {
            let (is_for_all, failed) =
                (self.is_for_all || proof == Proof::Whole, std::mem::take(&mut self.failed));
            *self = Self { is_for_all, failed, ..Self::new((self.wait * 2).min(settings.longest), now) };
            return;
        }
        let before =
            self.tried.iter().find(|tried| tried.asker == asker).map_or(self.wait, |tried| tried.wait);
        let wait = (before * 2).min(settings.longest);
        self.tried(asker, wait, now + around(wait, JITTER), true);
    }

    fn release(&mut self, asker: u128) {
        self.trial = self.trial.filter(|(trying, _)| *trying != asker);
    }

    fn tried(&mut self, asker: u128, wait: Duration, until: Instant, is_witness: bool) {
        match self.tried.iter_mut().find(|tried| tried.asker == asker) {
            Some(tried) => {
                let is_witness = tried.is_witness || is_witness;
                *tried =
                    Tried { asker, wait: tried.wait.max(wait), until: tried.until.max(until), is_witness };
            }
            None => self.make_room_for(Tried { asker, wait, until, is_witness }),
        }
    }

    /// When the list is full, the caller that may try again soonest is forgotten.
    fn make_room_for(&mut self, tried: Tried) {
        if self.tried.len() >= MOST_TRIED
            && let Some(soonest) = (0..self.tried.len()).min_by_key(|place| self.tried[*place].until)
        {
            self.tried.swap_remove(soonest);
        }
        self.tried.push(tried);
    }
}

/// The most callers that are remembered to have tried. Two witnesses begin the wait anew, so that most of these
/// have proved nothing.
const MOST_TRIED: usize = 64;
