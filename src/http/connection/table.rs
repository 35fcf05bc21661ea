//! The connections of one worker: how many are open, how much of its memory their requests take, and which one
//! is closed when all slots or all memory are taken.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::http::connection::phase::Phase;
use crate::http::connection::share::beyond;
use crate::http::connection::state::ConnectionState;

/// A worker's connections.
#[derive(Clone)]
pub struct Connections {
    members: Arc<Mutex<ConnectionTable>>,
    /// The memory that requests take beyond their connections' own, in bytes.
    memory: Arc<AtomicUsize>,
    most: usize,
    /// Called for each connection that had to make room.
    dismissed: Arc<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct ConnectionTable {
    next: u64,
    known: HashMap<u64, (Arc<ConnectionState>, AbortHandle)>,
    /// Slots that are taken.
    taken: usize,
}

/// A connection's slot, until this is dropped.
pub struct Slot {
    members: Arc<Mutex<ConnectionTable>>,
    number: u64,
}

/// How long a head and a body may take, and an answer may lie, before their connection may be closed. On a
/// sound network they take less, and a client with a request in hand must not wait for those that trickle.
const PATIENCE_WITH_HEAD: Duration = Duration::from_millis(20);
const PATIENCE_WITH_BODY: Duration = Duration::from_millis(100);
const PATIENCE_WITH_ANSWER: Duration = Duration::from_millis(500);

impl Connections {
    /// A table of at most `most` connections; `dismissed` is called for each that has to make room.
    #[must_use]
    pub fn new(most: usize, dismissed: impl Fn() + Send + Sync + 'static) -> Self {
        Self { members: Arc::default(), memory: Arc::default(), most, dismissed: Arc::new(dismissed) }
    }

    /// Whether all slots are taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        lock(&self.members).taken >= self.most
    }

    /// Whether one more connection can come: a slot is free, or a connection may be closed for it.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let members = lock(&self.members);
        members.taken < self.most || members.longest_waited_for(|_| true).is_some()
    }

    /// Whether a connection may still bring its first request: within `patience` of its handshake's end.
    #[must_use]
    pub fn has_newcomers(&self, patience: Duration) -> bool {
        let now = Instant::now();
        lock(&self.members).known.values().any(|(state, _)| match state.phase() {
            (Phase::Shaking, _) => true,
            (Phase::Silent, since) => now.duration_since(since) < patience,
            _ => false,
        })
    }

    /// Whether a connection speaks HTTP/1, or may still do so.
    #[must_use]
    pub fn has_h1(&self) -> bool {
        lock(&self.members).known.values().any(|(state, _)| state.is_h1())
    }

    /// Whether any connection is open.
    #[must_use]
    pub fn has_anybody(&self) -> bool {
        !lock(&self.members).known.is_empty()
    }

    /// Ends the connections on which no request has begun.
    pub fn dismiss_all(&self) {
        lock(&self.members).known.values().for_each(|(state, _)| state.dismiss());
    }

    /// Ends the HTTP/2 connections: they send GOAWAY, by which no request is lost (RFC 9113, section 6.8).
    pub fn dismiss_h2(&self) {
        let members = lock(&self.members);
        let framed = members.known.values().filter(|(state, _)| !state.is_h1());
        framed.for_each(|(state, _)| state.dismiss());
    }

    /// Closes the connection that has kept the worker waiting longest; `false` if there is none.
    #[must_use]
    pub fn make_room(&self) -> bool {
        self.dismiss_longest(&mut lock(&self.members))
    }

    /// Takes memory for `own` beyond what connections have of their own, of which there may be `most`. When
    /// there is not enough, the long request that has kept the worker waiting longest is evicted; `false` if
    /// there is none, or if it is that of `own`.
    #[must_use]
    pub fn reserve(&self, own: &ConnectionState, bytes: usize, most: usize) -> bool {
        let one_more = |taken: usize| taken.checked_add(bytes).filter(|taken| *taken <= most);
        while self.memory.fetch_update(Relaxed, Relaxed, one_more).is_err() {
            if bytes > most || !self.make_memory(own) {
                return false;
            }
        }
        true
    }

    fn make_memory(&self, own: &ConnectionState) -> bool {
        let members = lock(&self.members);
        let longest = members.longest_waited_for(|state| beyond(state.memory()) > 0);
        let other = longest
            .filter(|it| !members.known.get(it).is_some_and(|(it, _)| std::ptr::eq(Arc::as_ptr(it), own)));
        let Some((state, _)) = other.and_then(|it| members.known.get(&it)) else {
            return false;
        };
        // The evicted task answers its client; its memory counts as free at once.
        self.release(state.give_all_memory());
        state.evict();
        drop(members);
        (self.dismissed)();
        true
    }

    /// Gives back memory that [`Self::reserve`] has taken.
    pub fn release(&self, bytes: usize) {
        if bytes > 0 {
            self.memory.fetch_sub(bytes, Relaxed);
        }
    }

    /// Ends a connection. Its slot is free when its task has ended, which is before the next connection is
    /// accepted.
    fn dismiss(&self, members: &mut ConnectionTable, number: u64) -> bool {
        let Some((state, task)) = members.known.remove(&number) else {
            return false;
        };
        self.release(state.give_all_memory());
        state.evict();
        task.abort();
        (self.dismissed)();
        true
    }

    fn dismiss_longest(&self, members: &mut ConnectionTable) -> bool {
        members.longest_waited_for(|_| true).is_some_and(|number| self.dismiss(members, number))
    }

    /// A slot for one more connection. When all are taken, the connection that has kept the worker waiting
    /// longest is closed; `None` if there is none.
    #[must_use]
    pub fn enter(&self) -> Option<Slot> {
        let mut members = lock(&self.members);
        if members.taken >= self.most && !self.dismiss_longest(&mut members) {
            return None;
        }
        members.taken += 1;
        members.next += 1;
        Some(Slot { members: self.members.clone(), number: members.next })
    }

    /// Registers the slot's connection, and the task to end it by.
    pub fn know(&self, number: u64, state: Arc<ConnectionState>, task: AbortHandle) {
        lock(&self.members).known.insert(number, (state, task));
    }
}

impl Slot {
    /// The slot's number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut members = lock(&self.members);
        members.known.remove(&self.number);
        members.taken -= 1;
    }
}

impl ConnectionTable {
    /// The connection to close first, of those that may go: clients that send nothing come first, then those
    /// whose head is slow, then those whose body is slow, and last those that do not take an answer.
    fn longest_waited_for(&self, may_go: impl Fn(&ConnectionState) -> bool) -> Option<u64> {
        let now = Instant::now();
        let waiting = self.known.iter().filter_map(|(number, (state, _))| {
            let (phase, since) = state.phase();
            let (rank, patience) = match phase {
                Phase::Serving => return None,
                Phase::Shaking | Phase::Silent | Phase::Resting | Phase::Leaving => (0, Duration::ZERO),
                Phase::Head => (1, PATIENCE_WITH_HEAD),
                Phase::Body => (2, PATIENCE_WITH_BODY),
                Phase::Taking => (3, PATIENCE_WITH_ANSWER),
            };
            (now.duration_since(since) >= patience && may_go(state)).then_some((rank, since, *number))
        });
        waiting.min().map(|(_, _, number)| number)
    }
}

fn lock(members: &Mutex<ConnectionTable>) -> MutexGuard<'_, ConnectionTable> {
    members.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
