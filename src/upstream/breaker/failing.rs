//! Callers that are refused by themselves: each for its own failures, so that no other caller notices.
//!
//! An unknown token is a caller too. A client that invents one for each request is never refused, since
//! refusing its address would punish others behind it. Unknown callers have a table of their own, so that
//! inventions push out no known caller.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::circle::{Circle, Proof};
use crate::config;
use crate::upstream::asker::Asker;

/// How many callers' failures are remembered, of known and of unknown ones each. The caller that failed longest
/// ago makes room.
const MOST: usize = 1024;
/// The size of the table of marks, which tells quickly who cannot have failed.
const MARKS: usize = 1024;

/// All callers that have failed lately.
pub struct Failing {
    settings: config::BreakerConfig,
    /// How many callers are remembered; while there are none, nothing is looked up.
    count: AtomicU32,
    /// How many of them fall on each mark, so that hardly a caller that has not failed needs the lock.
    marks: Box<[AtomicU32]>,
    /// Grows when a caller begins or ceases to be refused.
    turns: AtomicU64,
    all: Mutex<Callers>,
}

#[derive(Default)]
struct Callers {
    known: HashMap<u128, Failures>,
    strangers: HashMap<u128, Failures>,
}

struct Failures {
    circle: Circle,
    /// Results of requests from before this turn no longer count.
    turn: u64,
    /// When the caller last failed.
    at: Instant,
}

impl Failing {
    /// An empty table.
    pub fn new(settings: config::BreakerConfig) -> Self {
        let marks = (0..MARKS).map(|_| AtomicU32::new(0)).collect();
        Self { settings, count: AtomicU32::new(0), marks, turns: AtomicU64::new(0), all: Mutex::default() }
    }

    /// Whether no failures are remembered.
    pub fn is_nobody(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    /// How often a caller has begun or ceased to be refused.
    pub fn turn(&self) -> u64 {
        self.turns.load(Relaxed)
    }

    /// Whether the caller is let through.
    ///
    /// # Errors
    /// How long the caller has to wait.
    pub fn check(&self, asker: &Asker<'_>) -> Result<(), Duration> {
        if !self.may_have(asker) {
            return Ok(());
        }
        let caller = asker.caller.0;
        self.lock().circle(asker).map_or(Ok(()), |circle| circle.check(caller, Instant::now()))
    }

    /// Lets a caller through; returns whether that is a trial.
    ///
    /// # Errors
    /// How long the caller is still refused.
    pub fn pass(&self, asker: &Asker<'_>) -> Result<bool, Duration> {
        if !self.may_have(asker) {
            return Ok(false);
        }
        let mut all = self.lock();
        let Some(circle) = all.circle(asker) else {
            return Ok(false);
        };
        circle.pass(asker.caller.0, Instant::now())?;
        Ok(circle.is_open())
    }

    /// A request of the caller, let through at `turn`, was answered.
    pub fn succeeded(&self, asker: &Asker<'_>, turn: u64) {
        if !self.may_have(asker) {
            return;
        }
        let (caller, mut all) = (asker.caller.0, self.lock());
        let callers = all.of(asker);
        let Some(entry) = callers.get_mut(&caller).filter(|entry| turn >= entry.turn) else {
            return;
        };
        if entry.circle.is_open() {
            // The entry stays, so that results of earlier requests do not count from now on.
            entry.circle.succeeded();
            entry.turn = self.moved();
        } else {
            callers.remove(&caller);
            self.unmark(caller);
        }
    }

    /// A request of the caller, let through at `turn`, failed; returns whether the caller is refused from now
    /// on.
    pub fn failed(&self, asker: &Asker<'_>, turn: u64) -> bool {
        let (caller, now) = (asker.caller.0, Instant::now());
        let mut all = self.lock();
        let entry = self.entry(all.of(asker), caller, now);
        if turn < entry.turn {
            return false;
        }
        entry.at = now;
        let has_opened = entry.circle.failed(caller, Proof::Whole, &self.settings, now);
        if has_opened {
            entry.turn = self.moved();
        }
        has_opened
    }

    /// The caller's trial has proved nothing.
    pub fn silent(&self, asker: &Asker<'_>) {
        if let Some(circle) = self.lock().circle(asker) {
            circle.release(asker.caller.0);
        }
    }

    /// How many callers are refused by themselves.
    pub fn callers(&self) -> usize {
        let (all, now) = (self.lock(), Instant::now());
        let callers = all.known.values().chain(all.strangers.values());
        callers.filter(|entry| entry.circle.is_waiting(self.settings.longest, now)).count()
    }

    fn may_have(&self, asker: &Asker<'_>) -> bool {
        self.count.load(Relaxed) != 0 && self.marks[mark(asker.caller.0)].load(Relaxed) != 0
    }

    fn entry<'m>(
        &self,
        callers: &'m mut HashMap<u128, Failures>,
        asker: u128,
        now: Instant,
    ) -> &'m mut Failures {
        if callers.len() >= MOST && !callers.contains_key(&asker) {
            self.make_room(callers);
        }
        callers.entry(asker).or_insert_with(|| {
            self.count.fetch_add(1, Relaxed);
            self.marks[mark(asker)].fetch_add(1, Relaxed);
            Failures { circle: Circle::default(), turn: 0, at: now }
        })
    }

    fn make_room(&self, callers: &mut HashMap<u128, Failures>) {
        if let Some(oldest) = callers.iter().min_by_key(|(_, entry)| entry.at).map(|(asker, _)| *asker) {
            callers.remove(&oldest);
            self.unmark(oldest);
        }
    }

    fn unmark(&self, asker: u128) {
        self.count.fetch_sub(1, Relaxed);
        self.marks[mark(asker)].fetch_sub(1, Relaxed);
    }

    fn moved(&self) -> u64 {
        self.turns.fetch_add(1, Relaxed) + 1
    }

    fn lock(&self) -> MutexGuard<'_, Callers> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Callers {
    /// The table that the caller is in.
    fn of(&mut self, asker: &Asker<'_>) -> &mut HashMap<u128, Failures> {
        if asker.is_known() { &mut self.known } else { &mut self.strangers }
    }

    fn circle(&mut self, asker: &Asker<'_>) -> Option<&mut Circle> {
        self.of(asker).get_mut(&asker.caller.0).map(|entry| &mut entry.circle)
    }
}

/// The caller's mark.
fn mark(asker: u128) -> usize {
    // Fingerprints are as good as random.
    usize::from(u16::from_le_bytes([asker.to_le_bytes()[0], asker.to_le_bytes()[1]])) % MARKS
}
