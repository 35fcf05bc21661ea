//! What the handler needs of a request's head, over either version of HTTP.

use std::net::IpAddr;

use hyper::Method;
use tokio::time::Instant;

use crate::http::net::presence::Presence;
use crate::http::proto::fields::Fields;

/// A request as it comes from a connection, without its body.
pub struct Request<'r, 'h> {
    /// When its head was whole.
    pub at: Instant,
    /// The socket's peer, or the client that the PROXY protocol named.
    pub peer: IpAddr,
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: &'h [u8],
    /// The query behind the `?`, as it was sent.
    pub query: &'h [u8],
    /// The headers that the handler uses.
    pub fields: &'r Fields<'h>,
    /// Whether the client is still connected.
    pub presence: &'r Presence,
}
