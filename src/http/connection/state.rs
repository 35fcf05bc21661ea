//! The state of one client connection, shared by its own task and the connection table: peer, phase, memory,
//! and whether it may be closed.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::http::connection::lingering_close::LONGEST;
use crate::http::connection::phase::Phase;
use crate::http::connection::share::beyond;
use crate::http::connection::streams::Streams;

/// The state of one client connection.
pub struct ConnectionState {
    state: Mutex<Locked>,
    /// The bytes that its requests take of the worker's memory.
    memory: AtomicUsize,
    /// Whether its long request has to make room for another's, and the tasks that wait for that.
    is_evicted: AtomicBool,
    evicted: Notify,
}

struct Locked {
    /// In canonical form: an IPv4 client of a listener for both has its IPv4 address, in the log and for
    /// limits.
    peer: IpAddr,
    phase: Phase,
    since: Instant,
    /// The open HTTP/2 requests; `None` while HTTP/1 is spoken, or may still be.
    streams: Option<Streams>,
    /// When the connection was dismissed: from then on no further request is waited for.
    dismissed: Option<Instant>,
    waiting: Option<Waker>,
}

impl ConnectionState {
    /// The state of a fresh connection of the client at `peer`.
    #[must_use]
    pub fn new(peer: IpAddr) -> Self {
        let state = Locked {
            peer: peer.to_canonical(),
            phase: Phase::Shaking,
            since: Instant::now(),
            streams: None,
            dismissed: None,
            waiting: None,
        };
        Self {
            state: Mutex::new(state),
            memory: AtomicUsize::new(0),
            is_evicted: AtomicBool::new(false),
            evicted: Notify::new(),
        }
    }

    /// The socket's peer, or the client that the PROXY protocol named.
    pub fn peer(&self) -> IpAddr {
        self.state().peer
    }

    /// Sets the client that the PROXY protocol names.
    pub fn is_of(&self, peer: IpAddr) {
        self.state().peer = peer.to_canonical();
    }

    /// Marks the connection as HTTP/2.
    pub fn speaks_h2(&self) {
        self.state().streams = Some(Streams::default());
    }

    /// Whether the client speaks HTTP/1, or may still do so.
    pub fn is_h1(&self) -> bool {
        self.state().streams.is_none()
    }

    /// The connection's phase, and since when it lasts.
    pub fn phase(&self) -> (Phase, Instant) {
        let state = self.state();
        (state.phase, state.since)
    }

    /// Moves the connection to a phase.
    pub fn enter(&self, phase: Phase) {
        self.state().enter(phase);
    }

    /// Begins the only request on an HTTP/1 connection; returns the client's address.
    pub fn begin_h1(&self, phase: Phase, now: Instant) -> IpAddr {
        let mut state = self.state();
        (state.phase, state.since) = (phase, now);
        state.peer
    }

    /// Begins one of many requests on an HTTP/2 connection, in a phase that may last until `until`; returns its
    /// place.
    pub fn open(&self, phase: Phase, until: Instant) -> usize {
        self.with_streams(|streams| streams.open(phase, Instant::now(), until)).unwrap_or_default()
    }

    /// Moves the request at `place` to a phase that may last until `until`.
    pub fn go_on(&self, place: usize, phase: Phase, until: Instant) {
        self.with_streams(|streams| streams.enter(place, phase, Instant::now(), until));
    }

    /// Ends the request at `place`.
    pub fn close(&self, place: usize) {
        self.with_streams(|streams| streams.close(place));
    }

    /// When the first open HTTP/2 request is overdue.
    pub fn until(&self) -> Option<Instant> {
        self.state().streams.as_ref()?.until()
    }

    fn with_streams<T>(&self, change: impl FnOnce(&mut Streams) -> T) -> Option<T> {
        let mut state = self.state();
        let streams = state.streams.as_mut()?;
        let changed = change(streams);
        if let Some(stands) = streams.stand() {
            (state.phase, state.since) = stands;
            return Some(changed);
        }
        state.enter(Phase::Resting);
        // No request is open, so a dismissed connection may end now: its task is woken.
        let goes = state.dismissed.and_then(|_| state.waiting.take());
        drop(state);
        goes.into_iter().for_each(Waker::wake);
        Some(changed)
    }

    /// Ends the connection, unless a request has begun to arrive.
    pub fn dismiss(&self) {
        let mut state = self.state();
        state.dismissed.get_or_insert_with(Instant::now);
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    /// Whether the connection was dismissed; its task is woken when it is.
    pub(in crate::http) fn is_dismissed(&self, cx: &Context<'_>) -> bool {
        let mut state = self.state();
        state.watch(cx);
        state.dismissed.is_some()
    }

    /// Whether the connection was dismissed and its client has had a moment to react.
    pub(in crate::http) fn is_over(&self) -> bool {
        self.dismissed().is_some_and(|since| since.elapsed() >= LONGEST)
    }

    /// When the connection was dismissed.
    pub(in crate::http) fn dismissed(&self) -> Option<Instant> {
        self.state().dismissed
    }

    /// The connection's phase and since when it lasts; `None` if it was dismissed before a request has begun.
    /// Its task is woken when it is dismissed.
    pub(in crate::http) fn unless_dismissed(&self, cx: &Context<'_>) -> Option<(Phase, Instant)> {
        let mut state = self.state();
        if matches!(state.phase, Phase::Silent | Phase::Resting) {
            if state.dismissed.is_some() {
                return None;
            }
            state.watch(cx);
        }
        Some((state.phase, state.since))
    }

    /// The memory that its requests take, in bytes.
    pub(in crate::http) fn memory(&self) -> usize {
        self.memory.load(Relaxed)
    }

    pub(in crate::http) fn take_memory(&self, bytes: usize) {
        self.memory.fetch_add(bytes, Relaxed);
    }

    /// Gives bytes back; returns how many of them were beyond the connection's own.
    pub(in crate::http) fn give_memory(&self, bytes: usize) -> usize {
        let taken = self.memory.load(Relaxed);
        let left = taken.saturating_sub(bytes);
        self.memory.store(left, Relaxed);
        beyond(taken) - beyond(left)
    }

    /// Gives all memory back before the connection ends; returns how many bytes were beyond its own.
    pub(in crate::http) fn give_all_memory(&self) -> usize {
        beyond(self.memory.swap(0, Relaxed))
    }

    /// Makes the connection's long request give up its memory.
    pub(in crate::http) fn evict(&self) {
        self.is_evicted.store(true, Relaxed);
        self.evicted.notify_waiters();
    }

    /// Waits until the connection's long request has to make room.
    pub(in crate::http) async fn evicted(&self) {
        let heard = self.evicted.notified();
        if !self.is_evicted.load(Relaxed) {
            heard.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, Locked> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Locked {
    fn enter(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.since = Instant::now();
        }
    }

    fn watch(&mut self, cx: &Context<'_>) {
        match &self.waiting {
            Some(waiting) if waiting.will_wake(cx.waker()) => {}
            _ => self.waiting = Some(cx.waker().clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionState;

    #[test]
    fn an_ipv4_client_of_a_listener_for_both_is_itself() {
        let mapped = "::ffff:192.0.2.7".parse().expect("an address");
        let connection = ConnectionState::new(mapped);
        assert_eq!(connection.peer().to_string(), "192.0.2.7");
        connection.is_of("::ffff:192.0.2.8".parse().expect("an address"));
        assert_eq!(connection.peer().to_string(), "192.0.2.8");
    }
}
