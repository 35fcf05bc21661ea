//! The entries: where each stands, what it weighs, and which gives way.

use std::time::Duration;

use bytes::Bytes;
use foldhash::quality::RandomState;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::beside::Beside;
use super::generations::Generation;
use super::{Key, Settings};
use crate::policy::fingerprint::Fingerprint;

/// What an entry takes beside its texts: its key, its place in the map and in the order of use.
const OVERHEAD: usize = 256;

/// A year: moka panics at a time to live of more than 1,000 of them.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Where an entry stands: all of a read except how many rows it wants.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    app: Fingerprint,
    upstream: u64,
    operation: usize,
    group: String,
    variant: String,
    /// Nobody but upstream knows how many rows a read without count gets: it neither serves those
    /// with one nor is it served by them, and they do not push each other out.
    counted: bool,
    generation: Generation,
}

impl Slot {
    /// Where a read looks, and the rows it wants.
    pub(super) fn of(key: Key, generation: Generation) -> (Self, Option<u64>) {
        let Key { app, upstream, operation, group, variant, count } = key;
        let counted = count.is_some();
        (Self { app, upstream, operation, group, variant, counted, generation }, count)
    }

    fn text(&self) -> usize {
        self.group.len() + self.variant.len()
    }
}

/// An answer of upstream's.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) bytes: Bytes,
    /// How many rows were asked for.
    pub(super) count: Option<u64>,
    /// When upstream was asked: the answer was true at that time or later.
    pub(super) since: Duration,
    /// For what is made of it.
    pub(super) beside: Beside,
}

impl Entry {
    pub(super) fn new(bytes: &Bytes, count: Option<u64>, since: Duration) -> Self {
        Self { bytes: bytes.clone(), count, since, beside: Beside::new(bytes.len()) }
    }
}

/// The entries of all apps.
pub(super) struct Store {
    entries: Cache<Slot, Entry, RandomState>,
    entry_bytes: usize,
}

impl Store {
    pub(super) fn new(settings: &Settings) -> Self {
        let stale = settings.stale_while_revalidate.max(settings.stale_if_error);
        let entries = Cache::builder()
            .max_capacity(settings.bytes)
            .weigher(weight)
            // Generations pass and never come back, however often their entries were asked for.
            .eviction_policy(EvictionPolicy::lru())
            // The backstop: what the cache's own clock calls too old is gone soon after.
            .time_to_live(settings.fresh.saturating_add(stale).min(LONGEST))
            // Keyed anew in each process, and half the price of the standard one.
            .build_with_hasher(RandomState::default());
        Self { entries, entry_bytes: settings.entry_bytes }
    }

    pub(super) fn get(&self, slot: &Slot) -> Option<Entry> {
        self.entries.get(slot)
    }

    /// Puts an answer in the place of what upstream said before; one that may not be kept, or is too
    /// large, leaves the place empty.
    pub(super) fn settle(&self, slot: &Slot, entry: Entry, keep: bool) {
        if self.get(slot).is_some_and(|kept| kept.since >= entry.since && kept.count >= entry.count) {
            // A fuller fill, begun later, has overtaken this one.
            return;
        }
        if !keep || slot.text() + entry.bytes.len() > self.entry_bytes {
            self.entries.invalidate(slot);
            return;
        }
        // A copy: `bytes` may be a small part of a large buffer, and would hold all of it.
        let bytes = Bytes::copy_from_slice(&entry.bytes);
        self.entries.insert(slot.clone(), Entry { bytes, ..entry });
        // moka would let entries pile up and evict later.
        self.entries.run_pending_tasks();
    }

    pub(super) fn bytes(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.weighted_size()
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.entry_count()
    }

    /// The bytes of the answers that are in memory, whatever moka has counted so far.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.entries.iter().map(|(_slot, entry)| entry.bytes.len() + entry.beside.held()).sum()
    }
}

fn weight(slot: &Slot, entry: &Entry) -> u32 {
    // What is made of it comes later, and takes as much at most.
    u32::try_from(OVERHEAD + slot.text() + 2 * entry.bytes.len()).unwrap_or(u32::MAX)
}
