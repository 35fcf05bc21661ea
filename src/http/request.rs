//! What the handler needs of a request's head, over either version of HTTP.

use std::net::IpAddr;

use hyper::Method;
use tokio::time::Instant;

use crate::http::net::presence::Presence;
use crate::http::proto::fields::Fields;

/// How a request has come, in words of the log's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Came {
    /// The version of HTTP: `1.0`, `1.1` or `2`.
    pub version: &'static str,
    /// Whether its connection had brought a request before.
    pub is_reused: bool,
}

/// A request as it comes from a connection, without its body.
pub struct Request<'r, 'h> {
    /// When its head was whole.
    pub at: Instant,
    /// The socket's peer, or the client that the PROXY protocol named.
    pub peer: IpAddr,
    /// How it has come.
    pub came: Came,
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: &'h [u8],
    /// The query behind the `?`, as it was sent.
    pub query: &'h [u8],
    /// The headers that the handler uses.
    pub fields: &'r Fields<'h>,
    /// The authority over HTTP/2; empty over HTTP/1, where `Host` is among the lines.
    pub authority: &'h [u8],
    /// All lines of headers as they came over HTTP/1, for those that few handlers use.
    pub lines: &'h [u8],
    /// Whether the client is still connected.
    pub presence: &'r Presence,
}

impl<'h> Request<'_, 'h> {
    /// The host to which the request was sent, with its port if it has one.
    #[must_use]
    pub fn host(&self) -> Option<&'h [u8]> {
        if self.authority.is_empty() { self.header("host") } else { Some(self.authority) }
    }

    /// The first value of a header that is in no [`Fields`]; `None` over HTTP/2. Looked for only when it is asked for, so
    /// that it costs other requests nothing.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'h [u8]> {
        header(self.lines, name)
    }
}

/// The first value of a header in the lines of a head.
#[must_use]
pub fn header<'h>(lines: &'h [u8], name: &str) -> Option<&'h [u8]> {
    lines.split(|byte| *byte == b'\n').find_map(|line| {
        let (known, value) = line.split_at(memchr::memchr(b':', line)?);
        known.eq_ignore_ascii_case(name.as_bytes()).then(|| value[1..].trim_ascii())
    })
}
