//! How many programs still need the old door.

use std::sync::{Mutex, PoisonError};

use crate::report::Clients;
use crate::snapshot::Snapshot;

/// How long a count of programs is good for: counting reads the whole ledger, and pages ask every second.
const GOOD: u64 = 10;

/// How many programs still need the old door, counted now and then.
#[derive(Default)]
pub(super) struct Left(Mutex<Option<(u64, usize)>>);

impl Left {
    /// The number, at most [`GOOD`] seconds old.
    pub fn of(&self, snapshot: &Snapshot, now: u64) -> usize {
        let Some(keeper) = &snapshot.ledger else { return 0 };
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, left)) = *known
            && now.saturating_sub(at) < GOOD
        {
            return left;
        }
        let left = Clients::of(&keeper.ledger(), &snapshot.table, now).left();
        *known = Some((now, left));
        left
    }
}
