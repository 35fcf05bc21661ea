//! The cache entries: their weights, and which are evicted first.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use foldhash::quality::RandomState;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use super::derived::Derived;
use super::shelf::Shelves;
use super::slot::CacheSlot;
use crate::config::Kept;
use crate::policy::fingerprint::Fingerprint;

/// The bytes of an entry beside its texts: its key, and its places in the map and in the order of use.
const OVERHEAD: usize = 256;

/// A year: moka panics at a time to live of more than 1,000 years.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// A cached answer of upstream's.
#[derive(Clone)]
pub(super) struct KeptAnswer {
    pub(super) bytes: Bytes,
    pub(super) count: Option<u64>,
    /// When upstream was asked: the answer was true at that time or later.
    pub(super) since: Duration,
    /// The value derived from the answer.
    pub(super) derived: Derived,
    /// Its number on its token's shelf.
    number: u64,
}

impl KeptAnswer {
    pub(super) fn new(bytes: &Bytes, count: Option<u64>, since: Duration) -> Self {
        Self { bytes: bytes.clone(), count, since, derived: Derived::new(bytes.len()), number: 0 }
    }
}

pub(super) struct Store {
    entries: Cache<CacheSlot, KeptAnswer, RandomState>,
    shelves: Arc<Shelves>,
    entry_bytes: usize,
    /// The most bytes of one token's entries.
    most_of_one: u64,
    /// The most bytes of all entries.
    most: u64,
}

impl Store {
    pub(super) fn new(settings: &Kept) -> Self {
        let stale = settings.stale_while_revalidate.max(settings.stale_if_error);
        let shelves = Arc::<Shelves>::default();
        let known = shelves.clone();
        let entries = Cache::builder()
            .max_capacity(settings.bytes)
            .weigher(weight)
            .eviction_listener(move |slot: Arc<CacheSlot>, entry: KeptAnswer, _cause| {
                known.gone(&slot, weight(&slot, &entry), entry.number);
            })
            // LRU, because a passed generation is never read again, however often its entries were.
            .eviction_policy(EvictionPolicy::lru())
            // A backstop: drops entries soon after the cache's own clock calls them too old.
            .time_to_live(settings.fresh.saturating_add(stale).min(LONGEST))
            // Keyed anew in each process, at half the price of the standard hasher.
            .build_with_hasher(RandomState::default());
        Self {
            entries,
            shelves,
            entry_bytes: settings.entry_bytes,
            most_of_one: settings.bytes / 2,
            most: settings.bytes,
        }
    }

    pub(super) fn get(&self, slot: &CacheSlot) -> Option<KeptAnswer> {
        self.entries.get(slot)
    }

    /// Replaces the slot's answer; an answer that may not be cached, or is too large, empties the slot.
    pub(super) fn settle(&self, slot: &CacheSlot, entry: KeptAnswer, keep: bool) {
        if self.get(slot).is_some_and(|kept| kept.since >= entry.since && kept.count >= entry.count) {
            // A fuller fill, begun later, has overtaken this one.
            return;
        }
        let weight = weight(slot, &entry);
        if !keep || slot.text() + entry.bytes.len() > self.entry_bytes || u64::from(weight) > self.most_of_one
        {
            self.entries.invalidate(slot);
            return;
        }
        self.make_room(slot.app, weight);
        // A copy, because `bytes` may be a small part of a large buffer and would hold all of it.
        let bytes = Bytes::copy_from_slice(&entry.bytes);
        let number = self.shelves.put(slot, weight);
        self.entries.insert(slot.clone(), KeptAnswer { bytes, number, ..entry });
        // moka would otherwise let entries pile up and evict later.
        self.entries.run_pending_tasks();
    }

    /// Makes room for an entry. A token that exceeds half of the room loses its own oldest entries. If all of the room
    /// is full, the token with the most bytes loses its oldest, so that no token pushes out a smaller one.
    fn make_room(&self, app: Fingerprint, weight: u32) {
        // Expired entries count until moka has removed them.
        self.entries.run_pending_tasks();
        while let Some(first) = self.shelves.first_beyond(app, self.most_of_one - u64::from(weight)) {
            self.entries.invalidate(&first);
        }
        while let Some(first) = self.shelves.first_of_largest_beyond(self.most - u64::from(weight)) {
            self.entries.invalidate(&first);
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.weighted_size()
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries.run_pending_tasks();
        self.entries.entry_count()
    }

    #[cfg(test)]
    pub(super) fn of(&self, app: Fingerprint) -> (u64, usize) {
        self.entries.run_pending_tasks();
        self.shelves.of(app)
    }

    /// The bytes of the answers in memory, whatever moka has counted so far.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.entries.iter().map(|(_slot, entry)| entry.bytes.len() + entry.derived.held()).sum()
    }
}

fn weight(slot: &CacheSlot, entry: &KeptAnswer) -> u32 {
    // Twice, because the derived value comes later and is at most as long.
    u32::try_from(OVERHEAD + slot.text() + 2 * entry.bytes.len()).unwrap_or(u32::MAX)
}
