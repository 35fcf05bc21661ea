//! The breaker of one circle of callers, whoever is in it: counts failures in a row and who had them, opens, and
//! lets one at a time try when the wait is over. Pure: the time is given.

use std::time::Duration;

use smallvec::SmallVec;
use tokio::time::Instant;

use crate::config;
use crate::upstream::jitter::around;

/// How far chance moves a wait, in percent: replicas that saw the same outage must not all try at once.
const JITTER: u32 = 10;
/// For how long a try keeps others from trying: one that is slow must not take their turn.
const TURN: Duration = Duration::from_secs(1);
/// For how long whoever tried and found nothing out lets others try.
const PAUSE: Duration = Duration::from_secs(1);

/// What a failure proves of upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Enough by itself: nothing of the request had left.
    Whole,
    /// That upstream may be at fault, or the request: others must have found the same.
    Part,
    /// Nothing, as far as others are concerned: whoever had it may be anybody.
    None,
}

/// A circle's state.
#[derive(Default)]
pub struct Circle {
    /// Failures in a row, while closed, that need no witness.
    proven: u32,
    /// The others, by whoever had them.
    seen: SmallVec<[(u128, u32); 2]>,
    open: Option<OpenCircle>,
}

/// What counts while it is open.
struct OpenCircle {
    /// Whether everybody is left out. Otherwise whoever has not failed is still let through: what others have found
    /// may be their own fault.
    is_for_all: bool,
    /// Who had the failures that have opened it, and more since.
    failed: SmallVec<[u128; 4]>,
    wait: Duration,
    until: Instant,
    /// Who tries now, and since when.
    trial: Option<(u128, Instant)>,
    tried: SmallVec<[Tried; 2]>,
}

/// One who has tried in vain, and is left alone for longer than the others.
struct Tried {
    asker: u128,
    wait: Duration,
    until: Instant,
    /// Whether its try has failed, and is a witness's.
    is_witness: bool,
}

/// The most failures of one caller that count: somebody else must have had the rest.
const fn most_of_one(failures: u32) -> u32 {
    failures.div_ceil(2)
}

impl Circle {
    /// Whether it is open, one that tries included.
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Whether it is open, and its wait has not been over for longer than `grace`: whoever does not try any more is
    /// no news.
    pub fn is_waiting(&self, grace: Duration, now: Instant) -> bool {
        self.open.as_ref().is_some_and(|open| open.tried_until() + grace > now || open.trial.is_some())
    }

    /// Whether `who` is let through.
    ///
    /// # Errors
    /// How long `who` has to wait; zero where that depends on another's try.
    pub fn check(&self, asker: u128, now: Instant) -> Result<(), Duration> {
        self.open.as_ref().map_or(Ok(()), |open| open.check(asker, now))
    }

    /// Lets `who` through, which is a try while it is open.
    ///
    /// # Errors
    /// How long `who` is still to wait.
    pub fn pass(&mut self, asker: u128, now: Instant) -> Result<(), Duration> {
        self.check(asker, now)?;
        if let Some(open) = self.open.as_mut().filter(|open| open.concerns(asker)) {
            // Whoever was slow at it comes after those that have not tried.
            if let Some((slow, _)) = open.trial.replace((asker, now)) {
                open.tried(slow, open.wait, now + open.wait, false);
            }
        }
        Ok(())
    }

    /// `who` got an answer: upstream is sound.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// `who` got none. Tells whether that has opened it.
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

    /// The try of `who` has found nothing out.
    pub fn silent(&mut self, asker: u128, now: Instant) {
        if let Some(open) = &mut self.open {
            open.release(asker);
            open.tried(asker, open.wait, now + PAUSE.min(open.wait), false);
        }
    }

    /// The try of `who` has ended without a word.
    pub fn release(&mut self, asker: u128) {
        if let Some(open) = &mut self.open {
            open.release(asker);
        }
    }

    /// Counts one more; how many count now.
    fn counted(&mut self, asker: u128, proof: Proof, failures: u32) -> u32 {
        match proof {
            Proof::Whole => self.proven = self.proven.saturating_add(1),
            Proof::None => {}
            Proof::Part => match self.seen.iter_mut().find(|(witness, _)| *witness == asker) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => self.seen.push((asker, 1)),
            },
        }
        // Somebody else must have found the same, or nobody could have.
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

    /// Whether `who` is one of those that are left out.
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
            // So many would not all be at fault.
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

    /// Whoever may try again soonest is forgotten first.
    fn make_room_for(&mut self, tried: Tried) {
        if self.tried.len() >= MOST_TRIED
            && let Some(soonest) = (0..self.tried.len()).min_by_key(|place| self.tried[*place].until)
        {
            self.tried.swap_remove(soonest);
        }
        self.tried.push(tried);
    }
}

/// The most who are remembered to have tried. Two witnesses begin the wait anew: these are some who found nothing
/// out.
const MOST_TRIED: usize = 64;
