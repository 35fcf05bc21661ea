//! The headers of a request that the handler uses.

use smallvec::SmallVec;

use crate::http::proto::names::is;
use crate::http::via::may_name;

/// The headers that the handler uses; all others are dropped.
#[derive(Default)]
pub struct Fields<'h> {
    /// The first `Accept`.
    pub accept: Option<&'h [u8]>,
    /// The first `Content-Type` that is not empty.
    pub content_type: Option<&'h [u8]>,
    /// The compression that `Content-Encoding` names. Old programs write other things there, such as a charset,
    /// which change no byte of the body.
    pub coding: Option<&'static str>,
    /// Whether the caller asks for an answer that is not cached (RFC 9111, section 5.2.1.4).
    pub no_cache: bool,
    /// The first `Origin`.
    pub origin: Option<&'h [u8]>,
    /// The first `Via` that may name a gateway.
    pub via: Option<&'h [u8]>,
    /// `traceparent`; empty, which is none, if there are several (Trace Context, section 3.2).
    pub traceparent: Option<&'h [u8]>,
    /// Every `tracestate`.
    pub tracestate: Lines<'h>,
    /// The first `X-Request-Id`.
    pub number: Option<&'h [u8]>,
    /// The first `User-Agent`.
    pub user_agent: Option<&'h [u8]>,
    /// The first `Access-Control-Request-Headers`; a browser sends one.
    pub wishes: Option<&'h [u8]>,
    /// Every `Forwarded`.
    pub forwarded: Lines<'h>,
    /// Every `X-Forwarded-For`.
    pub x_forwarded_for: Lines<'h>,
}

/// The values of one header, in the order in which they came.
pub type Lines<'h> = SmallVec<[&'h [u8]; 1]>;

impl<'h> Fields<'h> {
    /// Takes one more header; its name is a token, in upper or lower case.
    pub fn take(&mut self, name: &[u8], value: &'h [u8]) {
        match name.len() {
            3 if name.eq_ignore_ascii_case(b"via") && may_name(value) => _ = self.via.get_or_insert(value),
            6 if is(name, b"accept") => _ = self.accept.get_or_insert(value),
            6 if is(name, b"origin") => _ = self.origin.get_or_insert(value),
            9 if is(name, b"forwarded") => self.forwarded.push(value),
            10 if is(name, b"user-agent") => _ = self.user_agent.get_or_insert(value),
            10 if is(name, b"tracestate") => self.tracestate.push(value),
            11 if is(name, b"traceparent") => {
                self.traceparent = Some(if self.traceparent.is_none() { value } else { &[] });
            }
            12 if is(name, b"x-request-id") => _ = self.number.get_or_insert(value),
            12 if is(name, b"content-type") && !value.is_empty() => {
                _ = self.content_type.get_or_insert(value);
            }
            13 if is(name, b"cache-control") => self.no_cache |= has_word(value, b"no-cache"),
            15 if is(name, b"x-forwarded-for") => self.x_forwarded_for.push(value),
            16 if is(name, b"content-encoding") => self.coding = self.coding.or_else(|| coding(value)),
            30 if is(name, b"access-control-request-headers") => _ = self.wishes.get_or_insert(value),
            _ => {}
        }
    }
}

/// The codings that compress or encrypt a body (RFC 9110, section 8.4.1, and IANA's list of them).
const CODINGS: [&str; 12] = [
    "gzip",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "x-compress",
    "aes128gcm",
    "dcb",
    "dcz",
    "exi",
    "pack200-gzip",
];

/// The first of [`CODINGS`] in a list; `identity` and an empty list have none (RFC 9110, section 5.6.1).
fn coding(list: &[u8]) -> Option<&'static str> {
    let mut words = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    words.find_map(|word| CODINGS.into_iter().find(|coding| coding.as_bytes().eq_ignore_ascii_case(word)))
}

/// Whether a header's list has a word, in upper or lower case.
#[must_use]
pub fn has_word(list: &[u8], word: &[u8]) -> bool {
    list.split(|byte| *byte == b',').any(|item| item.trim_ascii().eq_ignore_ascii_case(word))
}
