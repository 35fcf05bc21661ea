//! Counts the bytes of each token's cache entries, and keeps their order, for eviction.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::slot::CacheSlot;
use crate::policy::fingerprint::{Fingerprint, Ready};

/// A shelf for each token with entries.
#[derive(Default)]
pub(super) struct Shelves(Mutex<Shelved>);

#[derive(Default)]
struct Shelved {
    bytes: u64,
    of: HashMap<Fingerprint, Shelf, Ready>,
    /// The smallest shelf first.
    by_size: BTreeSet<(u64, Fingerprint)>,
}

/// One token's entries.
#[derive(Default)]
struct Shelf {
    bytes: u64,
    /// By number, in the order of insertion.
    entries: BTreeMap<u64, CacheSlot>,
    last: u64,
}

impl Shelves {
    /// Adds an entry to its token's shelf and returns its number.
    pub(super) fn put(&self, slot: &CacheSlot, bytes: u32) -> u64 {
        let mut all = self.lock();
        let own = all.of.entry(slot.app).or_default();
        own.last += 1;
        let number = own.last;
        own.entries.insert(number, slot.clone());
        let after = own.bytes + u64::from(bytes);
        all.resize(slot.app, after);
        number
    }

    /// Removes an entry that the store has dropped.
    pub(super) fn gone(&self, slot: &CacheSlot, bytes: u32, number: u64) {
        let mut all = self.lock();
        if let Some(own) = all.of.get_mut(&slot.app) {
            own.entries.remove(&number);
            let after = own.bytes.saturating_sub(bytes.into());
            all.resize(slot.app, after);
        }
    }

    /// Takes the oldest entry of a token off its shelf if the token's entries exceed `most` bytes; the caller evicts
    /// it.
    pub(super) fn first_beyond(&self, app: Fingerprint, most: u64) -> Option<CacheSlot> {
        let mut all = self.lock();
        let own = all.of.get_mut(&app).filter(|own| own.bytes > most)?;
        own.entries.pop_first().map(|(_, slot)| slot)
    }

    /// Takes the oldest entry of the token with the most bytes if all entries together exceed `most`.
    pub(super) fn first_of_largest_beyond(&self, most: u64) -> Option<CacheSlot> {
        let mut all = self.lock();
        let (_, largest) = *all.by_size.last().filter(|_| all.bytes > most)?;
        all.of.get_mut(&largest)?.entries.pop_first().map(|(_, slot)| slot)
    }

    fn lock(&self) -> MutexGuard<'_, Shelved> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn of(&self, app: Fingerprint) -> (u64, usize) {
        self.lock().of.get(&app).map_or((0, 0), |own| (own.bytes, own.entries.len()))
    }
}

impl Shelved {
    fn resize(&mut self, app: Fingerprint, after: u64) {
        let Some(own) = self.of.get_mut(&app) else {
            return;
        };
        self.by_size.remove(&(own.bytes, app));
        self.bytes = self.bytes.saturating_sub(own.bytes) + after;
        own.bytes = after;
        if after == 0 {
            self.of.remove(&app);
        } else {
            self.by_size.insert((after, app));
        }
    }
}
