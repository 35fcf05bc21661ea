//! How many requests of one worker an upstream has at once, and how many more may wait: what is
//! beyond is better refused at once than late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

use crate::protocol::reject::Reject;
use crate::telemetry::metrics::{Cells, Meanwhile};

const FULL: &str = "upstream has as many requests as it may have (upstream.connections), and as many wait as may wait (upstream.queue)";
const SLOW: &str = "upstream has as many requests as it may have (upstream.connections), and none ended in time (deadline.queue)";

/// The gate.
pub struct Gate {
    seats: Semaphore,
    most_waiting: usize,
    waiting: AtomicUsize,
    deadline: Duration,
    cells: Arc<Cells>,
}

/// Leave to be one of those that upstream has; dropping it lets the next in.
pub struct Seat<'g> {
    /// When it was had.
    pub since: Instant,
    _permit: SemaphorePermit<'g>,
    _present: Meanwhile<'g>,
}

/// One that waits, until it is dropped.
struct Waiting<'g> {
    gate: &'g Gate,
    _present: Meanwhile<'g>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.gate.waiting.fetch_sub(1, Relaxed);
    }
}

impl Gate {
    /// Lets `seats` in, and `queue` wait for `deadline` at most.
    #[must_use]
    pub fn new(seats: usize, queue: usize, deadline: Duration, cells: Arc<Cells>) -> Self {
        let seats = Semaphore::new(seats.min(Semaphore::MAX_PERMITS));
        Self { seats, most_waiting: queue, waiting: AtomicUsize::new(0), deadline, cells }
    }

    /// Waits for a seat from `now` on, in the order of coming, and not beyond `until`.
    ///
    /// # Errors
    /// OVERLOAD.
    pub async fn enter(&self, now: Instant, until: Instant) -> Result<Seat<'_>, Reject> {
        if let Ok(permit) = self.seats.try_acquire() {
            return Ok(self.seat(permit, now));
        }
        let permit = self.wait(until.min(now + self.deadline)).await?;
        Ok(self.seat(permit, Instant::now()))
    }

    fn seat<'g>(&'g self, permit: SemaphorePermit<'g>, since: Instant) -> Seat<'g> {
        Seat { since, _permit: permit, _present: self.cells.upstream_call() }
    }

    async fn wait(&self, until: Instant) -> Result<SemaphorePermit<'_>, Reject> {
        if self.waiting.load(Relaxed) >= self.most_waiting {
            return Err(Reject::Overload(FULL));
        }
        self.waiting.fetch_add(1, Relaxed);
        let _waiting = Waiting { gate: self, _present: self.cells.upstream_waiting() };
        match timeout_at(until, self.seats.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            // It is never closed.
            Ok(Err(_)) | Err(_) => Err(Reject::Overload(SLOW)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Future, poll_fn};
    use std::pin::{Pin, pin};
    use std::sync::Arc;
    use std::task::Poll;
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{FULL, Gate, SLOW, Seat};
    use crate::protocol::reject::Reject;

    const DEADLINE: Duration = Duration::from_secs(1);

    fn gate(seats: usize, queue: usize) -> Gate {
        Gate::new(seats, queue, DEADLINE, Arc::default())
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    async fn enter(gate: &Gate) -> Result<Seat<'_>, Reject> {
        gate.enter(Instant::now(), later()).await
    }

    async fn is_pending<T>(mut future: Pin<&mut impl Future<Output = T>>) -> bool {
        poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
    }

    #[track_caller]
    fn is(entered: Result<Seat<'_>, Reject>, why: &'static str) {
        assert_eq!(entered.err(), Some(Reject::Overload(why)));
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_seats_and_queue_it_is_overload_at_once() {
        let gate = gate(1, 1);
        let seat = enter(&gate).await.expect("a seat");
        let mut waiting = pin!(enter(&gate));
        assert!(is_pending(waiting.as_mut()).await);
        is(enter(&gate).await, FULL);
        drop(seat);
        waiting.await.expect("the seat");
        let _seat = enter(&gate).await.expect("a seat");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_queue_nobody_waits() {
        let gate = gate(1, 0);
        let _seat = enter(&gate).await.expect("a seat");
        is(enter(&gate).await, FULL);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_the_deadline() {
        let gate = gate(1, 8);
        let _seat = enter(&gate).await.expect("a seat");
        let began = Instant::now();
        is(enter(&gate).await, SLOW);
        assert_eq!(began.elapsed(), DEADLINE);
        is(gate.enter(Instant::now(), Instant::now() + DEADLINE / 4).await, SLOW);
        assert_eq!(began.elapsed(), DEADLINE + DEADLINE / 4);
    }

    #[tokio::test(start_paused = true)]
    async fn one_who_leaves_the_queue_makes_room_in_it() {
        let gate = gate(1, 1);
        let seat = enter(&gate).await.expect("a seat");
        {
            let mut leaves = pin!(enter(&gate));
            assert!(is_pending(leaves.as_mut()).await);
        }
        let mut stays = pin!(enter(&gate));
        assert!(is_pending(stays.as_mut()).await);
        drop(seat);
        stays.await.expect("the seat");
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_are_served_in_the_order_of_coming() {
        let gate = gate(1, 8);
        let seat = enter(&gate).await.expect("a seat");
        let (mut first, mut second) = (pin!(enter(&gate)), pin!(enter(&gate)));
        assert!(is_pending(first.as_mut()).await && is_pending(second.as_mut()).await);
        drop(seat);
        assert!(is_pending(second.as_mut()).await);
        let seat = first.await.expect("the seat");
        advance(DEADLINE / 2).await;
        drop(seat);
        second.await.expect("the seat");
    }
}
