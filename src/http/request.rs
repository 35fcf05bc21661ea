//! What the handler needs of a request's head, whichever version of HTTP brought it.

use std::net::IpAddr;

use hyper::Method;
use tokio::time::Instant;

use crate::http::net::presence::Presence;
use crate::http::proto::fields::Fields;

/// A request as it comes from a connection, its body aside.
pub struct Request<'r, 'h> {
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
    pub fields: &'r Fields<'h>,
    /// Whether its client is still there.
    pub presence: &'r Presence,
}
