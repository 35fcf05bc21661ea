//! What answers requests, and all that HTTP knows of it.

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

/// Whoever answers the requests of one listener. Everything that bounds, times, counts or makes room among its
/// connections is the same whatever is behind it.
pub trait Handler: Send + Sync + 'static {
    /// Counts a connection for as long as it is open.
    type Open: Send + 'static;

    /// What is in force, which new settings may change at any time.
    fn terms(&self) -> &Arc<ArcSwap<Terms>>;

    /// Answers one request; never fails.
    fn handle(&self, request: &Request<'_, '_>, body: Body<'_>) -> impl Future<Output = Reply> + Send;

    /// Whether every answer is to end its connection, because serving is about to end.
    fn is_leaving(&self) -> bool;

    /// A connection was taken.
    fn opened(&self) -> Self::Open;

    /// A connection could not be taken, because of this.
    fn not_accepted(&self, error: &io::Error);

    /// A connection was ended to make room for others.
    fn dismissed(&self);

    /// A client's TLS handshake came to nothing.
    fn not_secured(&self, peer: IpAddr, reason: Reason, error: &(dyn Display + Sync));

    /// A request was refused by its head, which came from `peer` and was whole at `at`.
    fn refused(&self, peer: IpAddr, refusal: HeadReject, at: Instant);
}
