//! What a connection, its requests and whoever makes room among connections tell each other.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

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
    /// Whether HTTP/2 is spoken: many requests at once, and a word of its own for the end.
    is_framed: bool,
    /// Requests whose answers the client does not have yet; on HTTP/2 more than one.
    open: usize,
    /// Whether the next request that has not begun is not waited for.
    is_dismissed: bool,
    waiting: Option<Waker>,
}

impl Heading {
    /// For a fresh connection of the client at `peer`.
    #[must_use]
    pub fn new(peer: IpAddr) -> Self {
        let state = State {
            peer,
            phase: Phase::Shaking,
            since: Instant::now(),
            is_framed: false,
            open: 0,
            is_dismissed: false,
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

    /// HTTP/2 is spoken.
    pub fn is_framed(&self) {
        self.state().is_framed = true;
    }

    /// Whether HTTP/1 is spoken, or may still be.
    pub fn is_of_lines(&self) -> bool {
        !self.state().is_framed
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

    /// The only request on an HTTP/1 connection begins; gives whose it is.
    pub fn begin_line(&self, phase: Phase, now: Instant) -> IpAddr {
        let mut state = self.state();
        (state.phase, state.since) = (phase, now);
        state.peer
    }

    /// One of many requests on an HTTP/2 connection begins.
    pub fn begin(&self) {
        let mut state = self.state();
        state.open += 1;
        state.enter(Phase::Serving);
    }

    /// One of many has its answer.
    pub fn end(&self) {
        let mut state = self.state();
        state.open = state.open.saturating_sub(1);
        // Where others are still under way, this is the sign that the client takes its answers.
        state.since = Instant::now();
        if state.open == 0 {
            state.enter(Phase::Resting);
        }
    }

    /// The connection ends unless a request has begun to come.
    pub fn dismiss(&self) {
        let mut state = self.state();
        state.is_dismissed = true;
        if let Some(waiting) = state.waiting.take() {
            waiting.wake();
        }
    }

    /// Where the connection stands and since when; `None` if it was dismissed before a request has begun.
    /// Its task is woken when it is.
    pub(super) fn unless_dismissed(&self, cx: &Context<'_>) -> Option<(Phase, Instant)> {
        let mut state = self.state();
        if matches!(state.phase, Phase::Silent | Phase::Resting) {
            if state.is_dismissed {
                return None;
            }
            match &state.waiting {
                Some(waiting) if waiting.will_wake(cx.waker()) => {}
                _ => state.waiting = Some(cx.waker().clone()),
            }
        }
        Some((state.phase, state.since))
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
