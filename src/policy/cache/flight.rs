//! Fills under way: each is one question to upstream, whoever waits for the answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::Filled;
use tokio::sync::Semaphore;

use super::Served;
use super::slot::CacheSlot;
use crate::protocol::reject::Reject;

/// Every fill under way.
#[derive(Default)]
pub(super) struct Flights {
    under_way: Mutex<FlightsBySlot>,
}

/// More than one for a slot only where a later one asked for more rows.
type FlightsBySlot = HashMap<CacheSlot, Vec<Arc<Flight>>>;

struct Flight {
    count: Option<u64>,
    /// What it ended with; empty if its task vanished.
    outcome: OnceLock<Result<Filled, Reject>>,
    /// Never has a permit: it is closed when the fill has ended, which wakes all who wait for one.
    ended: Semaphore,
}

/// How a read finds its fill.
pub(super) enum Boarding {
    /// There is an entry by now.
    Landed(Served),
    /// One was under way.
    Joined(Boarded),
    /// None was: the caller must carry this one.
    Began(Boarded, Landing),
}

impl Flights {
    /// Finds a fill that brings enough rows. `landed` looks for an entry after that: a fill stores
    /// before it leaves this list, so that one that ends now is found either here or there.
    pub(super) fn board(
        self: &Arc<Self>,
        slot: &CacheSlot,
        count: Option<u64>,
        landed: impl FnOnce() -> Option<Served>,
    ) -> Boarding {
        let mut under_way = self.lock();
        let flights = under_way.get(slot).map(Vec::as_slice).unwrap_or_default();
        if let Some(flight) = flights.iter().find(|flight| flight.count >= count) {
            return Boarding::Joined(Boarded(flight.clone()));
        }
        if let Some(served) = landed() {
            return Boarding::Landed(served);
        }
        let flight = Arc::new(Flight { count, outcome: OnceLock::new(), ended: Semaphore::new(0) });
        under_way.entry(slot.clone()).or_default().push(flight.clone());
        let landing = Landing { flights: self.clone(), slot: slot.clone(), flight: flight.clone() };
        Boarding::Began(Boarded(flight), landing)
    }

    fn remove(&self, slot: &CacheSlot, flight: &Arc<Flight>) {
        let mut under_way = self.lock();
        if let Some(flights) = under_way.get_mut(slot) {
            flights.retain(|other| !Arc::ptr_eq(other, flight));
            if flights.is_empty() {
                under_way.remove(slot);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, FlightsBySlot> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one who waits; leaving it disturbs nobody.
pub(super) struct Boarded(Arc<Flight>);

impl Boarded {
    /// What the fill ends with; none if its task has vanished with its runtime.
    pub(super) async fn landed(self) -> Option<Result<Filled, Reject>> {
        // An error is what is waited for: that the semaphore is closed.
        let _ = self.0.ended.acquire().await;
        self.0.outcome.get().cloned()
    }
}

/// What the task of a fill holds: dropped with it, it lets those who wait go on.
pub(super) struct Landing {
    flights: Arc<Flights>,
    slot: CacheSlot,
    flight: Arc<Flight>,
}

impl Landing {
    pub(super) fn slot(&self) -> &CacheSlot {
        &self.slot
    }

    pub(super) fn count(&self) -> Option<u64> {
        self.flight.count
    }

    /// Tells all who wait.
    pub(super) fn land(self, result: Result<Filled, Reject>) {
        // Nobody else sets it.
        let _ = self.flight.outcome.set(result);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Those who wait would run into the same fault, one after the other.
            let _ = self.flight.outcome.set(Err(Reject::Internal));
        }
        // First out of the list: whoever wakes up without an outcome must not find it there again.
        self.flights.remove(&self.slot, &self.flight);
        self.flight.ended.close();
    }
}
