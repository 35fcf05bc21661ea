//! governor's state store: its own map, with a cap that no single owner of keys can use up.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, NotKeyed, StateStore};

use super::capacity::{Capacity, Owners};

/// A power of two: enough that workers seldom meet in one shard, few enough that many small rules stay small. dashmap's
/// default grows with the machine.
const SHARDS: usize = 16;

/// How many budgets callers without room share: enough that a caller that exhausts one affects few others.
const CELLS: usize = 256;

/// A state for each key up to a number of keys, and shared states for all other keys, by owner. governor's own maps
/// have no bound, and a key costs its caller nothing.
pub struct CounterStore {
    states: DashMapStateStore<u128>,
    owners: Owners,
    room: Arc<Capacity>,
    overflow: Box<[InMemoryState]>,
    hasher: RandomState,
}

impl CounterStore {
    pub fn new(owners: Owners, room: Arc<Capacity>) -> Self {
        let hasher = RandomState::new();
        let states = DashMapStateStore::with_capacity_and_hasher_and_shard_amount(0, hasher.clone(), SHARDS);
        let overflow = std::iter::repeat_with(InMemoryState::default).take(CELLS).collect();
        Self { states, owners, room, overflow, hasher }
    }

    /// The shared budget of an owner without room.
    fn cell(&self, owner: u128) -> &InMemoryState {
        // The cast is exact: the remainder is below a small usize.
        #[allow(clippy::cast_possible_truncation)]
        let cell = (self.hasher.hash_one(owner) % CELLS as u64) as usize;
        &self.overflow[cell]
    }
}

impl StateStore for CounterStore {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, key: &u128, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if let Some(state) = self.states.get(key) {
            return state.measure_and_replace(&NotKeyed::NonKey, decide);
        }
        let owner = self.owners.of(*key);
        if !self.room.reserve(owner) {
            return self.cell(owner).measure_and_replace(&NotKeyed::NonKey, decide);
        }
        let mut new = false;
        let state = self.states.entry(*key).or_insert_with(|| {
            new = true;
            InMemoryState::default()
        });
        if !new {
            // Another worker has inserted the key meanwhile.
            self.room.release([owner]);
        }
        state.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

impl ShrinkableKeyedStateStore<u128> for CounterStore {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut dropped = Vec::new();
        self.states.retain(|key, state| {
            let keep = last(state) > drop_below;
            if !keep {
                dropped.push(self.owners.of(*key));
            }
            keep
        });
        self.room.release(dropped);
    }

    /// Shrinks only if at least half of the memory is freed: a table cut to its size must grow again with the next key.
    fn shrink_to_fit(&self) {
        if self.states.capacity() > 4 * self.states.len() {
            self.states.shrink_to_fit();
        }
    }

    fn len(&self) -> usize {
        self.room.held()
    }

    fn is_empty(&self) -> bool {
        self.room.held() == 0
    }
}

/// The time that a state holds. governor shows it only to a decision, so this decision refuses and changes nothing.
fn last(state: &InMemoryState) -> Nanos {
    let shown: Result<(), _> = state.measure_and_replace(&NotKeyed::NonKey, Err);
    shown.err().flatten().unwrap_or_default()
}
