//! What goes along with a request to upstream, beside the request itself.

use std::sync::Arc;

use crate::telemetry::trace::context::PARENT_AT;
use crate::telemetry::trace::span::Span;

const TRACEPARENT: &[u8] = b"traceparent: ";
/// What the names of its lines and the trace take, at most.
const NAMES: usize = 128;

/// What an upstream is told of a request, beside the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub number: bool,
    /// Its place in its trace.
    pub trace: bool,
}

/// The gateways that a request has been through, its number, and its place in its trace.
pub struct Along<'a> {
    /// The gateways' entries in `Via`; [`crate::http::via::Name::passed`]. Empty for none.
    pub passed: Vec<u8>,
    /// The request's number; empty for none.
    pub number: &'a [u8],
    /// The request's span, if it may become part of a trace.
    pub span: Option<Arc<Span>>,
}

/// Nothing.
pub static ALONE: Along<'static> = Along { passed: Vec::new(), number: &[], span: None };

impl Along<'_> {
    /// Whether a request to an upstream that is told this much is as any other.
    #[inline]
    #[must_use]
    pub fn is_silent(&self, told: Told) -> bool {
        self.passed.is_empty() && !told.number && self.span.is_none()
    }

    /// How many bytes its lines take at most.
    pub(super) fn room(&self) -> usize {
        let state = self.span.as_ref().map_or(0, |span| span.state.len());
        NAMES + self.number.len() + state
    }

    /// Writes its lines; where in all of `out` the digits of the asking span stand, if they are told.
    pub(super) fn write(&self, told: Told, out: &mut Vec<u8>) -> Option<usize> {
        if told.number && !self.number.is_empty() {
            line(out, b"x-request-id: ", self.number);
        }
        let span = self.span.as_ref().filter(|_| told.trace)?;
        let digits = out.len() + TRACEPARENT.len() + PARENT_AT;
        line(out, TRACEPARENT, &span.own.written());
        if !span.state.is_empty() {
            line(out, b"tracestate: ", &span.state);
        }
        Some(digits)
    }
}

fn line(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}
