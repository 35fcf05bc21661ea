//! The client of a request, as HTTP knows it.

use std::net::IpAddr;

use crate::http::net::presence::Presence;
use crate::upstream::along::Along;

/// A request's client.
#[derive(Clone, Copy)]
pub struct Client<'c> {
    /// The client's address.
    pub address: IpAddr,
    /// Its User-Agent, if it sends one.
    pub user_agent: Option<&'c [u8]>,
    /// Whether the client asks for an answer that is not cached.
    pub no_cache: bool,
    /// Whether the client is still there.
    pub presence: &'c Presence,
    /// What goes along to upstream.
    pub along: &'c Along<'c>,
}
