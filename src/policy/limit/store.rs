//! Where governor keeps its states: its own map, with a cap that no owner of keys can use up alone.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, NotKeyed, StateStore};

use super::capacity::{Capacity, Owners};

/// A power of two. Enough that workers seldom meet in one, few enough that many small rules are
/// small: dashmap's own number grows with the machine.
const SHARDS: usize = 16;

/// How many budgets those share who find no room: who has used it up meets few others.
const CELLS: usize = 256;

/// A state for each key up to a number of them, and some that all other keys share, by their owners. governor's
/// maps know no bound, and a key costs its caller nothing.
pub struct CounterStore {
    states: DashMapStateStore<u128>,
    owners: Owners,
    room: Arc<Capacity>,
    overflow: Box<[InMemoryState]>,
    hasher: RandomState,
}

impl CounterStore {
    /// Empty.
    pub fn new(owners: Owners, room: Arc<Capacity>) -> Self {
        let hasher = RandomState::new();
        let states = DashMapStateStore::with_capacity_and_hasher_and_shard_amount(0, hasher.clone(), SHARDS);
        let overflow = std::iter::repeat_with(InMemoryState::default).take(CELLS).collect();
        Self { states, owners, room, overflow, hasher }
    }

    /// The budget of those who find no room.
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
            // Another worker came first with the same key.
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

    /// Only where at least half of the memory comes back: a table that is cut to what it holds has
    /// to grow again with the next key.
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

/// The time that a state holds. governor shows it to nobody but a decision; this one leaves it be.
fn last(state: &InMemoryState) -> Nanos {
    let shown: Result<(), _> = state.measure_and_replace(&NotKeyed::NonKey, Err);
    shown.err().flatten().unwrap_or_default()
}
