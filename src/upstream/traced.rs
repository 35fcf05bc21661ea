//! A request to upstream as part of a trace: each time that it is sent is a span of its own.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::time::Instant;

use crate::protocol::reject::Reject;
use crate::telemetry::trace::context::{Context, hex};
use crate::telemetry::trace::span::{Attempt, Host, Span};

/// How many digits the id of a span has.
const DIGITS: usize = 16;

/// The part of an outgoing request that concerns its trace.
pub struct Traced {
    span: Arc<Span>,
    /// Where in the request the digits of the asking span stand, if upstream is told.
    digits: Option<usize>,
    /// The other end of the connection that was used.
    peer: Option<SocketAddr>,
}

/// One time of asking, under way.
pub struct Begun {
    place: Context,
    at: Instant,
}

impl Traced {
    /// The part of a request of this span.
    #[must_use]
    pub fn new(span: Arc<Span>, digits: Option<usize>) -> Self {
        Self { span, digits, peer: None }
    }

    /// Begins to ask: the request names the new span as its parent.
    pub fn begin(&mut self, request: &mut [u8]) -> Begun {
        let place = self.span.next();
        if let Some(digits) = self.digits.and_then(|at| request.get_mut(at..at + DIGITS)) {
            hex(place.span.into(), digits);
        }
        self.peer = None;
        Begun { place, at: Instant::now() }
    }

    /// Notes with whom the connection is on which the request goes.
    pub fn meets(&mut self, peer: Option<SocketAddr>) {
        self.peer = peer;
    }

    /// Ends what was begun: with the status that came, if one did, and why there is no answer, if there is none. `is_reused`
    /// says of the connection whether it had been used before, if there was one.
    pub fn end(
        &self,
        begun: Begun,
        status: Option<u16>,
        fault: Option<&Reject>,
        (is_reused, host): (Option<bool>, &Arc<Host>),
    ) {
        self.span.asked(Attempt {
            id: begun.place.span,
            after: begun.at.saturating_duration_since(self.span.at),
            took: begun.at.elapsed(),
            status,
            fault: fault.map(|reject| reject.label().text()),
            is_reused: is_reused == Some(true),
            peer: self.peer,
            host: host.clone(),
        });
    }
}
