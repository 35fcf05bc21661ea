//! Bounds how many requests one worker has at upstream at once, and how many may wait: beyond that, an early
//! refusal is better than a late one.
//!
//! No caller's flood keeps another waiting: a free seat goes to the party with the fewest ([`seats`]).

mod seats;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::Receiver;
use tokio::time::{Instant, timeout_at};

use super::asker::Asker;
use crate::protocol::reject::Reject;
use crate::telemetry::metrics::{Meanwhile, WorkerCounters};
use seats::{Party, Seats};

const FULL: &str = "upstream has as many requests as it may have (upstream.connections), and as many wait as may wait (upstream.queue)";
const SLOW: &str = "upstream has as many requests as it may have (upstream.connections), and none ended in time (deadline.queue)";

/// The gate to one upstream, of one worker.
pub struct Gate {
    seats: Mutex<Seats>,
    deadline: Duration,
    counters: Arc<WorkerCounters>,
}

/// Permission to have one request at upstream; dropping it lets the next one in.
pub struct Seat<'g> {
    /// When the request got it.
    pub since: Instant,
    /// Whether the request had to wait.
    pub is_late: bool,
    gate: &'g Gate,
    number: usize,
    _present: Meanwhile<'g>,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.gate.lock().give_back(self.number);
    }
}

/// A waiting request, until this is dropped.
struct Waiting<'g> {
    gate: &'g Gate,
    party: Party,
    ticket: u64,
    seat: Receiver<usize>,
    _present: Meanwhile<'g>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut seats = self.gate.lock();
        // The request may have got a seat in the moment in which it left.
        match self.seat.try_recv() {
            Ok(number) => seats.give_back(number),
            Err(_) => seats.leave(self.party, self.ticket),
        }
    }
}

impl Gate {
    /// A gate with so many `seats`, for which `queue` requests may wait, each for `deadline` at most.
    #[must_use]
    pub fn new(seats: usize, queue: usize, deadline: Duration, counters: Arc<WorkerCounters>) -> Self {
        Self { seats: Mutex::new(Seats::new(seats, queue)), deadline, counters }
    }

    /// Waits for a seat from `now` on, but not beyond `until`.
    ///
    /// # Errors
    /// OVERLOAD; CLIENTLEFT, if the client has left meanwhile.
    #[inline]
    pub async fn enter(&self, asker: &Asker<'_>, now: Instant, until: Instant) -> Result<Seat<'_>, Reject> {
        let number = self.lock().take(asker.caller.0);
        if let Some(number) = number {
            return Ok(self.seat(number, now, false));
        }
        // Boxed, because it is rare and every request's future would hold it.
        Box::pin(self.enter_late(asker, until.min(now + self.deadline))).await
    }

    #[cold]
    async fn enter_late(&self, asker: &Asker<'_>, until: Instant) -> Result<Seat<'_>, Reject> {
        let party = Party::of(asker);
        let number = self.lock().take_kept(party);
        if let Some(number) = number {
            return Ok(self.seat(number, Instant::now(), false));
        }
        let mut waiting = self.wait(party)?;
        let called = tokio::select! {
            biased;
            called = timeout_at(until, &mut waiting.seat) => called,
            () = asker.presence.left() => return Err(Reject::ClientLeft),
        };
        match called {
            Ok(Ok(number)) => Ok(self.seat(number, Instant::now(), true)),
            // The place in the queue went to a party with fewer requests there.
            Ok(Err(_)) => Err(Reject::Overload(FULL)),
            Err(_) => Err(Reject::Overload(SLOW)),
        }
    }

    fn seat(&self, number: usize, since: Instant, is_late: bool) -> Seat<'_> {
        Seat { since, is_late, gate: self, number, _present: self.counters.upstream_call() }
    }

    fn wait(&self, party: Party) -> Result<Waiting<'_>, Reject> {
        let (ticket, seat) = self.lock().wait(party).ok_or(Reject::Overload(FULL))?;
        Ok(Waiting { gate: self, party, ticket, seat, _present: self.counters.upstream_waiting() })
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
