//! Where governor keeps its states: its own map, with a cap.

use std::hash::RandomState;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{InMemoryState, NotKeyed, StateStore};

/// A power of two. Enough that workers seldom meet in one, few enough that many small rules are
/// small: dashmap's own number grows with the machine.
const SHARDS: usize = 16;

/// A state for each key up to a number of them, and one that all other keys share. governor's maps
/// know no bound, and a key costs its caller nothing.
pub struct Store {
    states: DashMapStateStore<u128>,
    room: Arc<Room>,
    overflow: InMemoryState,
}

/// How many keys a store holds and may hold; governor shows a store to nobody once it has it.
#[derive(Debug, Default)]
pub struct Room {
    /// Those in the map and those about to be put there: never fewer than there are.
    held: AtomicUsize,
    most: AtomicUsize,
}

impl Store {
    /// Empty.
    pub fn new(room: Arc<Room>) -> Self {
        let hasher = RandomState::new();
        let states = DashMapStateStore::with_capacity_and_hasher_and_shard_amount(0, hasher, SHARDS);
        Self { states, room, overflow: InMemoryState::default() }
    }
}

impl Room {
    /// Sets how many keys may be held; none until then. Those above a lower number than before stay
    /// until they are forgotten.
    pub fn set(&self, most: usize) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// How many keys are held.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// Counts one more before it is put in, so that the map is never over the cap.
    fn reserve(&self) -> bool {
        let most = self.most.load(Ordering::Relaxed);
        let one_more = |held| (held < most).then_some(held + 1);
        self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }

    fn release(&self, count: usize) {
        self.held.fetch_sub(count, Ordering::Relaxed);
    }
}

impl StateStore for Store {
    type Key = u128;

    fn measure_and_replace<T, F, E>(&self, key: &u128, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if let Some(state) = self.states.get(key) {
            return state.measure_and_replace(&NotKeyed::NonKey, decide);
        }
        if !self.room.reserve() {
            return self.overflow.measure_and_replace(&NotKeyed::NonKey, decide);
        }
        let mut new = false;
        let state = self.states.entry(*key).or_insert_with(|| {
            new = true;
            InMemoryState::default()
        });
        if !new {
            // Another worker came first with the same key.
            self.room.release(1);
        }
        state.measure_and_replace(&NotKeyed::NonKey, decide)
    }
}

impl ShrinkableKeyedStateStore<u128> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        let mut dropped = 0;
        self.states.retain(|_, state| {
            let keep = last(state) > drop_below;
            dropped += usize::from(!keep);
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
