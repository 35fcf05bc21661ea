//! Checks each read against what was known when it started, and against the promises.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::Current;
use super::answer::{self, Answer, Group};
use super::upstream::{LONGEST_PAUSE, failure};
use crate::config::Kept;
use crate::policy::cache::Provenance;
use crate::protocol::reject::Reject;

/// The longest duration of a fill: two pauses of upstream's.
const LONGEST_FILL: Duration = Duration::from_secs(2 * LONGEST_PAUSE);

/// What a read asks for: while a fill for it runs, there must be no second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wants {
    pub(super) group: Group,
    pub(super) count: Option<u64>,
    reloads: u64,
    /// The tenure of the app's token, if the token was known.
    tenure: Option<u64>,
    /// How many writes to the group had begun or ended.
    moves: u64,
}

impl Wants {
    fn will_do_for(&self, other: &Self) -> bool {
        let same = Self { count: other.count, ..*self } == *other;
        same && self.count.is_some() == other.count.is_some() && self.count >= other.count
    }
}

/// A read, and what was known when it started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) wants: Wants,
    pub(super) id: u64,
    settings: Kept,
    /// The group's version after the last write that was answered before.
    floor: u64,
    /// How many fills of the group had failed before.
    failures: u64,
}

/// How often the events of interest happened.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) hits: u64,
    pub(super) stale: u64,
    pub(super) stale_for_errors: u64,
    pub(super) misses: u64,
    pub(super) shared: u64,
    pub(super) errors: u64,
    pub(super) left: u64,
}

impl Seen {
    pub(super) fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.stale += other.stale;
        self.stale_for_errors += other.stale_for_errors;
        self.misses += other.misses;
        self.shared += other.shared;
        self.errors += other.errors;
        self.left += other.left;
    }
}

/// A broken promise, and the read that shows it.
pub(super) type Broken = (Promise, String);

/// The promises that every interleaving must keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    /// No caller sees an answer or an error of another app or another group.
    Isolation,
    /// A read that starts after a write was answered sees it.
    WriteSeen,
    /// The id in an answer is the caller's.
    OwnId,
    /// The caller gets the rows that it asked for.
    Rows,
    /// Failures and errors are not cached.
    FailuresPass,
    /// No entry is older than its stated age.
    Age,
    /// No answer is older than the settings allow.
    Bound,
    /// While a sufficient fill runs, no other begins, and each runs once.
    OneFill,
}

/// Watches one interleaving.
#[derive(Default)]
pub(super) struct Judge(Mutex<Known>);

#[derive(Default)]
struct Known {
    groups: HashMap<Group, Facts>,
    under_way: Vec<Asked>,
    fillers: HashSet<u64>,
    seen: Seen,
    broken: Vec<Broken>,
}

#[derive(Default, Clone, Copy)]
struct Facts {
    moves: u64,
    floor: u64,
    failures: u64,
}

impl Judge {
    pub(super) fn seen(&self) -> Seen {
        self.known().seen.clone()
    }

    pub(super) fn broken(&self) -> Vec<Broken> {
        self.known().broken.clone()
    }

    /// A caller left its read before the answer.
    pub(super) fn left(&self) {
        self.known().seen.left += 1;
    }

    /// A write to these groups has begun or ended.
    pub(super) fn moved(&self, groups: &[Group]) {
        let mut known = self.known();
        for group in groups {
            known.facts(*group).moves += 1;
        }
    }

    /// A caller has got the answer to its write.
    pub(super) fn answered(&self, versions: &[(Group, u64)]) {
        let mut known = self.known();
        for (group, version) in versions {
            let facts = known.facts(*group);
            facts.floor = facts.floor.max(*version);
        }
    }

    pub(super) fn starts(
        &self,
        group: Group,
        count: Option<u64>,
        id: u64,
        tenure: Option<u64>,
        current: &Current,
    ) -> Asked {
        let Facts { moves, floor, failures } = *self.known().facts(group);
        let wants = Wants { group, count, reloads: current.reloads, tenure, moves };
        Asked { wants, id, settings: current.settings, floor, failures }
    }

    pub(super) fn fill_begins(&self, asked: &Asked) {
        let mut known = self.known();
        let second = known.under_way.iter().any(|other| other.wants.will_do_for(&asked.wants));
        known.must(!second, Promise::OneFill, asked, &"a second fill");
        known.under_way.push(*asked);
        let again = !known.fillers.insert(asked.id);
        known.must(!again, Promise::OneFill, asked, &"it ran again");
    }

    pub(super) fn fill_ends(&self, asked: &Asked, failed: bool) {
        let mut known = self.known();
        known.under_way.retain(|other| other.id != asked.id);
        known.facts(asked.wants.group).failures += u64::from(failed);
    }

    /// `shared` is what the cache served, `told` what the caller got of it.
    pub(super) fn served(
        &self,
        asked: &Asked,
        now: Duration,
        (state, age): (Provenance, Duration),
        shared: &Answer,
        told: &Answer,
    ) {
        let mut known = self.known();
        let failed = known.facts(asked.wants.group).failures > asked.failures;
        known.count(asked, state, failed);
        let mut must = |holds, promise| known.must(holds, promise, asked, &(now, state, age, shared, told));

        must(shared.group == asked.wants.group, Promise::Isolation);
        must(shared.version >= asked.floor, Promise::WriteSeen);
        must(told.id == Some(asked.id), Promise::OwnId);
        must(told.rows == answer::rows(asked.wants.count), Promise::Rows);

        let since_upstream_looked = now.saturating_sub(shared.looked);
        let entry = matches!(state, Provenance::Hit | Provenance::Stale);
        must(shared.keep || !entry, Promise::FailuresPass);
        must(age >= since_upstream_looked || !entry, Promise::Age);
        must(since_upstream_looked <= oldest(&asked.settings, state, failed), Promise::Bound);
    }

    pub(super) fn failed(&self, asked: &Asked, reject: &Reject) {
        let mut known = self.known();
        known.seen.errors += 1;
        known.must(*reject == failure(asked.wants.group), Promise::Isolation, asked, reject);
        let now = known.facts(asked.wants.group).failures > asked.failures;
        known.must(now, Promise::FailuresPass, asked, reject);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }
}

/// The highest age that the settings allow.
fn oldest(settings: &Kept, state: Provenance, failed: bool) -> Duration {
    let Kept { fresh, stale_while_revalidate: revalidate, stale_if_error: error, .. } = *settings;
    let below = |limit: Duration| limit.saturating_sub(Duration::from_nanos(1));
    match state {
        Provenance::Hit => below(fresh),
        Provenance::Stale if failed => below(fresh + revalidate.max(error)),
        Provenance::Stale => below(fresh + revalidate),
        Provenance::Miss | Provenance::Bypass => LONGEST_FILL,
    }
}

impl Known {
    fn facts(&mut self, group: Group) -> &mut Facts {
        self.groups.entry(group).or_default()
    }

    fn must(&mut self, holds: bool, promise: Promise, asked: &Asked, got: &dyn std::fmt::Debug) {
        if !holds {
            self.broken.push((promise, format!("{asked:?} got {got:?}")));
        }
    }

    fn count(&mut self, asked: &Asked, state: Provenance, failed: bool) {
        let filled = self.fillers.contains(&asked.id);
        match state {
            Provenance::Hit => self.seen.hits += 1,
            Provenance::Stale if failed => self.seen.stale_for_errors += 1,
            Provenance::Stale => self.seen.stale += 1,
            Provenance::Miss if filled => self.seen.misses += 1,
            Provenance::Miss | Provenance::Bypass => self.seen.shared += 1,
        }
    }
}
