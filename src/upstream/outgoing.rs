//! A request to upstream. Its body is written after a gap for its head, which is filled in once the length is
//! known: so the request is one piece, and is never copied.

use super::traced::{Begun, Traced};
use crate::telemetry::trail::Asked;

/// The most digits of a length.
const MOST_DIGITS: usize = 20;
/// The most bytes of spare capacity that are kept while upstream works on its answer.
const MOST_SPARE: usize = 64 * 1024;
/// The bytes between head and body.
const END: &[u8] = b"\r\n\r\n";

/// A whole request.
///
/// No `Debug`: it holds a token.
pub struct OutgoingRequest {
    bytes: Vec<u8>,
    start: usize,
    /// Whether the request may be sent again although upstream may have read it.
    may_repeat: bool,
    /// How often it was asked, and on which kind of connection last.
    pub asked: Asked,
    /// Its part in a trace, if it has one.
    pub(super) traced: Option<Traced>,
}

impl OutgoingRequest {
    /// A request with this head, which ends where the body's length is due; `body` appends the body, of about
    /// `room` bytes, to its argument. Without `may_repeat` the request is sent once.
    pub fn new(head: &[u8], may_repeat: bool, room: usize, body: impl FnOnce(&mut Vec<u8>)) -> Self {
        let before = head.len() + MOST_DIGITS + END.len();
        let mut bytes = Vec::with_capacity(before + room);
        bytes.resize(before, 0);
        body(&mut bytes);
        // Escaping may make the body six times as long as expected, and its buffer grows by doubling.
        if bytes.capacity() - bytes.len() > MOST_SPARE {
            bytes.shrink_to_fit();
        }
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(bytes.len() - before).as_bytes();
        let mut start = before;
        for part in [END, digits, head] {
            let end = start;
            start -= part.len();
            bytes[start..end].copy_from_slice(part);
        }
        Self { bytes, start, may_repeat, asked: Asked::default(), traced: None }
    }

    /// The bytes to send; none after [`Self::sent`] of a request that is sent once.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Begins to send it once more, as far as its trace is concerned.
    #[inline]
    pub(super) fn begin(&mut self) -> Option<Begun> {
        self.traced.as_mut().map(|traced| traced.begin(&mut self.bytes[self.start..]))
    }

    /// Marks the request as sent. If it is never repeated, its memory is freed while upstream works on its
    /// answer.
    pub fn sent(&mut self) {
        if !self.may_repeat {
            (self.bytes, self.start) = (Vec::new(), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::OutgoingRequest;

    #[test]
    fn the_head_stands_right_before_the_body_with_its_length() {
        for length in [0, 7, 10, 12345] {
            let body = "b".repeat(length);
            let outgoing = OutgoingRequest::new(b"POST / HTTP/1.1\r\ncontent-length: ", true, 3, |out| {
                out.extend(body.bytes());
            });
            let expected = format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
            assert_eq!(String::from_utf8_lossy(outgoing.bytes()), expected);
        }
    }

    #[test]
    fn what_goes_once_is_gone_when_it_has_left() {
        for may_repeat in [true, false] {
            let mut outgoing = OutgoingRequest::new(b"HEAD ", may_repeat, 2, |out| out.extend(b"{}"));
            let before = outgoing.bytes().to_vec();
            outgoing.sent();
            assert_eq!(outgoing.bytes() == before, may_repeat);
            assert_eq!(outgoing.bytes().is_empty(), !may_repeat);
        }
    }
}
