//! Refusals: the limits that pay for a refusal, and the envelope that both doors share.

use std::borrow::Cow;

use super::legacy_reply::has_http_status;
use crate::config::UpstreamId;
use crate::http::reply::{self, JSON, Reply};
use crate::protocol::reject::Reject;
use crate::protocol::translate::refusal;
use crate::snapshot::Snapshot;
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::trail::{Door, Trail};

/// Warns the operator of a loop, which clients cannot mend.
#[cold]
pub fn tell(worker: &Worker, reject: &Reject) {
    if let Reject::Loop(why) = reject
        && let Some(untold) = worker.looped.now()
    {
        tracing::warn!(why, untold, "a request went round in circles");
    }
}

/// Charges the limits of the client's address for a request that is refused before limits were checked, and gives the
/// reject to answer with. A fault of the gateway's own costs the client nothing.
#[cold]
#[inline(never)]
pub fn charged(view: &View, reject: Reject, trail: &mut Trail) -> Reject {
    if trail.admitted || matches!(reject, Reject::Overload(_) | Reject::Internal) {
        return reject;
    }
    let snapshot = &view.snapshot;
    let operation = trail.operation.and_then(|number| snapshot.table.operations().get(number));
    let upstream = trail.app.as_ref().map_or(UpstreamId::OF_ALL, |app| app.upstream(operation));
    let charged = snapshot.policies.charge(
        operation,
        (trail.client, view.upstreams[upstream].kind()),
        &mut trail.admission,
    );
    charged.err().unwrap_or(reject)
}

/// Answers a refusal in the envelope that both doors share.
pub fn refuse(snapshot: &Snapshot, reject: &Reject, trail: &mut Trail) -> Reply {
    let kind = reject.kind();
    trail.label = kind.label;
    if let Reject::RateLimit { rule, .. } = reject {
        trail.refusing = Some(rule.clone());
    }
    trail.error = Some(Cow::Borrowed(kind.code));
    trail.outcome = kind.outcome;
    trail.retry_after = reject.retry_after();
    trail.upstream_status = reject.upstream_status();
    let status = if has_http_status(snapshot, trail) { kind.status } else { 200 };
    let body = refusal::refusal(reject, &trail.op, trail.id.as_deref());
    let content_type = match trail.door {
        Door::Json => JSON,
        // A client that is not understood is taken for an old one, which may depend on the content type.
        Door::Legacy | Door::Unread => snapshot.config.legacy.content_type,
    };
    reply::json(status, body.into(), trail.outcome, content_type)
}
