//! What the handler needs of a request's head, whichever version of HTTP brought it.

use std::net::IpAddr;

use hyper::Method;
use smallvec::SmallVec;
use tokio::time::Instant;

/// A request as it comes from a connection, its body aside.
pub struct Asked<'h> {
    /// When its head was whole.
    pub at: Instant,
    /// Who is on the socket, or whom the PROXY protocol named.
    pub peer: IpAddr,
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: &'h [u8],
    /// What stands behind the `?`, as it was sent.
    pub query: &'h [u8],
    /// The headers that mean something here.
    pub fields: Fields<'h>,
}

/// The headers that mean something to the handler. Of all others it need not know.
#[derive(Default)]
pub struct Fields<'h> {
    /// The first `Content-Type`.
    pub content_type: Option<&'h [u8]>,
    /// Whether a `Content-Encoding` says anything but `identity`.
    pub is_compressed: bool,
    /// Whether the caller asks for an answer that is not kept (RFC 9111, section 5.2.1.4).
    pub no_cache: bool,
    /// The first `Origin`.
    pub origin: Option<&'h [u8]>,
    /// Every `Forwarded`.
    pub forwarded: Lines<'h>,
    /// Every `X-Forwarded-For`.
    pub x_forwarded_for: Lines<'h>,
}

/// The values of one header, in the order in which they came.
pub type Lines<'h> = SmallVec<[&'h [u8]; 1]>;

impl<'h> Fields<'h> {
    /// Takes one more header; a name may be in any case.
    pub fn take(&mut self, name: &[u8], value: &'h [u8]) {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            6 if is(b"origin") => _ = self.origin.get_or_insert(value),
            9 if is(b"forwarded") => self.forwarded.push(value),
            12 if is(b"content-type") => _ = self.content_type.get_or_insert(value),
            13 if is(b"cache-control") => self.no_cache |= has_word(value, b"no-cache"),
            15 if is(b"x-forwarded-for") => self.x_forwarded_for.push(value),
            16 if is(b"content-encoding") => self.is_compressed |= !value.eq_ignore_ascii_case(b"identity"),
            _ => {}
        }
    }
}

/// Whether a word stands in a header's list, in any case.
#[must_use]
pub fn has_word(list: &[u8], word: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(word))
}
