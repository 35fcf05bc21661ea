//! The handler of HTTP: a worker, which answers requests and counts what becomes of connections.

use std::fmt::Display;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::time::Instant;

use super::handle;
use crate::http::body::Body;
use crate::http::handler::Handler;
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Reply, refused};
use crate::http::request::Request;
use crate::http::terms::Terms;
use crate::http::unsecured::Reason;
use crate::snapshot::worker::Worker;
use crate::telemetry::log::ShownHead;
use crate::telemetry::metrics::Present;
use crate::telemetry::trail::Trail;

impl Handler for Worker {
    type Open = Present;

    fn terms(&self) -> &Arc<ArcSwap<Terms>> {
        &self.terms
    }

    fn handle(&self, request: &Request<'_, '_>, body: Body<'_>) -> impl Future<Output = Reply> + Send {
        handle(self, request, body)
    }

    fn is_leaving(&self) -> bool {
        self.stop.is_leaving()
    }

    fn opened(&self) -> Present {
        self.counters.connection()
    }

    fn not_accepted(&self, error: &io::Error) {
        self.counters.not_accepted(error);
    }

    fn dismissed(&self) {
        self.counters.dismissed();
    }

    fn not_secured(&self, peer: IpAddr, reason: Reason, error: &(dyn Display + Sync)) {
        self.counters.not_secured(reason);
        let (why, advice) = (reason.text(), reason.advice());
        tracing::debug!(%peer, why, %error, "a client's TLS handshake failed");
        // A client that only tries whether the port is open is not worth a warning.
        if reason != Reason::Gone
            && let Some(untold) = self.not_secured.now()
        {
            tracing::warn!(%peer, why, advice, untold, "a client's TLS handshake failed");
        }
    }

    fn refused(&self, peer: IpAddr, refusal: HeadReject, at: Instant) {
        self.counters.refused_head(refusal);
        if let Some(log) = &self.log {
            let (trail, nothing) = (Trail::new(peer, true), ShownHead::default());
            let view = self.view();
            log.add(view.snapshot.in_force(), &trail, &nothing, &refused(refusal), at.elapsed());
        }
    }
}
