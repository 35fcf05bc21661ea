//! Fills under way: each asks upstream once for all reads that wait for the answer.

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

/// A slot has more than one fill only if a later read asked for more rows.
type FlightsBySlot = HashMap<CacheSlot, Vec<Arc<Flight>>>;

struct Flight {
    count: Option<u64>,
    /// The fill's result; empty if its task vanished.
    outcome: OnceLock<Result<Filled, Reject>>,
    /// Never has a permit; closing it at the fill's end wakes all waiting reads.
    ended: Semaphore,
}

/// How a read gets its fill.
pub(super) enum Boarding {
    /// The fill has ended, and the entry is there.
    Landed(Served),
    /// The read joins a fill that is under way.
    Joined(Boarded),
    /// There is none: the caller must run this one.
    Began(Boarded, Landing),
}

impl Flights {
    /// Finds a fill with enough rows. `landed` looks for an entry after that: a fill stores its answer before it leaves
    /// this list, so a fill that ends meanwhile is found in one of the two.
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

/// A read that waits for a fill; dropping it does not disturb the fill.
pub(super) struct Boarded(Arc<Flight>);

impl Boarded {
    /// The fill's result; `None` if its task has vanished with its runtime.
    pub(super) async fn landed(self) -> Option<Result<Filled, Reject>> {
        // The error is expected: it says that the semaphore was closed.
        let _ = self.0.ended.acquire().await;
        self.0.outcome.get().cloned()
    }
}

/// Held by the task of a fill; its drop wakes all waiting reads.
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

    /// Passes the result to all waiting reads.
    pub(super) fn land(self, result: Result<Filled, Reject>) {
        // No other task sets the outcome.
        let _ = self.flight.outcome.set(result);
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The task panicked. Waiting reads get the error; each would otherwise run into the same panic.
            let _ = self.flight.outcome.set(Err(Reject::Internal));
        }
        // Leaves the list first: a read that wakes without an outcome must not find this fill again.
        self.flights.remove(&self.slot, &self.flight);
        self.flight.ended.close();
    }
}
