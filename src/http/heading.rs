//! What a connection's wire, its handler and whoever makes room among connections tell each other.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::time::Instant;

/// Where in its life a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The PROXY protocol and TLS are still to be had.
    Shaking,
    /// Nothing has come yet.
    Silent,
    /// Some of a request's head has come.
    Head,
    /// The head is whole, the body is not.
    Body,
    /// A request is whole, and its answer is not.
    Serving,
    /// The next request is due.
    Resting,
    /// The last word is said, and the client has not left yet.
    Leaving,
}

/// One client's connection.
pub struct Heading {
    state: Mutex<State>,
}

struct State {
    peer: IpAddr,
    phase: Phase,
    since: Instant,
    query: Option<Vec<u8>>,
    is_last: bool,
    /// Requests whose answers the client does not have yet; on HTTP/2 more than one.
    open: usize,
    waiting: Option<Waker>,
}

/// A request as it comes from a connection.
pub struct Arrival {
    /// Who is on the socket, or whom the PROXY protocol named.
    pub peer: IpAddr,
    /// The query, if it was taken out of the request line.
    pub query: Option<Vec<u8>>,
    /// Whether the connection must end with the answer.
    pub is_last: bool,
}

impl Heading {
    /// For a fresh connection of the client at `peer`.
    #[must_use]
    pub fn new(peer: IpAddr) -> Self {
        let state = State {
            peer,
            phase: Phase::Shaking,
            since: Instant::now(),
            query: None,
            is_last: false,
            open: 0,
            waiting: None,
        };
        Self { state: Mutex::new(state) }
    }

    /// Who is on the socket, or whom the PROXY protocol named.
    pub fn peer(&self) -> IpAddr {
        self.state().peer
    }

    /// The PROXY protocol names somebody.
    pub fn is_of(&self, peer: IpAddr) {
        self.state().peer = peer;
    }

    /// Where the connection stands, and since when.
    pub fn phase(&self) -> (Phase, Instant) {
        let state = self.state();
        (state.phase, state.since)
    }

    /// The connection goes on to a phase.
    pub fn enter(&self, phase: Phase) {
        self.state().enter(phase);
    }

    /// A head is whole, and this is what hyper does not get of it; the connection goes on to `phase`.
    pub(super) fn head(&self, query: Option<Vec<u8>>, is_last: bool, phase: Phase) {
        let mut state = self.state();
        state.query = query;
        state.is_last = is_last;
        state.enter(phase);
    }

    /// The handler takes a request.
    pub fn begin(&self) -> Arrival {
        let mut state = self.state();
        state.open += 1;
        Arrival { peer: state.peer, query: state.query.take(), is_last: state.is_last }
    }

    /// The same for one of many on a connection: a request is there while any is.
    pub fn begin_one_of_many(&self) -> Arrival {
        self.enter(Phase::Serving);
        self.begin()
    }

    /// A request has its answer, and what comes next is a request.
    pub fn end(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        // Where others are still under way, this is the sign that the client takes its answers.
        state.since = Instant::now();
        if state.open == 0 {
            state.enter(Phase::Resting);
            if let Some(waiting) = state.waiting.take() {
                waiting.wake();
            }
        }
    }

    /// Whether the request under way has its answer.
    pub(super) fn poll_answered(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.phase == Phase::Resting {
            return Poll::Ready(());
        }
        state.waiting = Some(cx.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        if self.phase != phase {
            self.phase = phase;
            self.since = Instant::now();
        }
    }
}
