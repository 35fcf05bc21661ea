//! The trait by which HTTP reaches what answers its requests; `handle` and `admin` implement it.

use std::fmt::Display;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::time::Instant;

use crate::http::body::Body;
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::terms::Terms;
use crate::http::unsecured::Reason;

/// Answers the requests of one listener. Caps, deadlines, counts and eviction of connections are HTTP's, and do
/// not depend on the handler.
pub trait Handler: Send + Sync + 'static {
    /// Counts a connection for as long as it is open.
    type Open: Send + 'static;

    /// The settings in force, which a reload may replace at any time.
    fn terms(&self) -> &Arc<ArcSwap<Terms>>;

    /// Answers one request; never fails.
    fn handle(&self, request: &Request<'_, '_>, body: Body<'_>) -> impl Future<Output = Reply> + Send;

    /// Whether every answer is to end its connection, because the gateway shuts down.
    fn is_leaving(&self) -> bool;

    /// A connection was accepted.
    fn opened(&self) -> Self::Open;

    /// A connection could not be accepted.
    fn not_accepted(&self, error: &io::Error);

    /// A connection was closed to make room for others.
    fn dismissed(&self);

    /// A client's TLS handshake failed.
    fn not_secured(&self, peer: IpAddr, reason: Reason, error: &(dyn Display + Sync));

    /// What a client is told that asks for `host`, for which the listener does not answer; by default what every listener
    /// says.
    fn misdirected(&self, _host: &str) -> Option<String> {
        None
    }

    /// A request from `peer`, which came at `at`, was refused for its head.
    fn refused(&self, peer: IpAddr, refusal: HeadReject, at: Instant);
}
