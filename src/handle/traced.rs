//! A request as a part of a trace: from the decision whether it is one to what it leaves behind.

use std::sync::Arc;
use std::time::Duration;

use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::log::shown_path;
use crate::telemetry::trace::record::{Record, Word};
use crate::telemetry::trace::span::Span;
use crate::telemetry::trace::tracer::{Brought, Tracer};
use crate::telemetry::trail::Trail;

/// The longest host that spans name: a part of one would name another.
const LONGEST_HOST: usize = 128;

/// The span of a request, if it may become part of a trace. Where there are no traces, nothing is looked at.
#[inline]
pub fn begin(worker: &Worker, request: &Request<'_, '_>) -> Option<Arc<Span>> {
    let fields = request.fields;
    let brought =
        Brought { parent: fields.traceparent, state: &fields.tracestate, peer: request.peer, at: request.at };
    worker.tracer.as_ref()?.begin(&brought)
}

/// Leaves what is told of a request that has been answered, if it is kept.
#[inline]
pub fn end(
    worker: &Worker,
    view: &View,
    request: &Request<'_, '_>,
    trail: &Trail,
    reply: &Reply,
    took: Duration,
) {
    let (Some(tracer), Some(span)) = (&worker.tracer, &trail.span) else { return };
    if tracer.keeps(span, trail.label, took) {
        tracer.leave(record(tracer, span, view, request, trail, (reply, took)));
    } else {
        span.forget();
    }
}

#[cold]
fn record(
    tracer: &Tracer,
    span: &Span,
    view: &View,
    request: &Request<'_, '_>,
    trail: &Trail,
    (reply, took): (&Reply, Duration),
) -> Record {
    let config = &view.snapshot.config;
    let at = reply.at.saturating_sub(took);
    let is_known = config.listen.paths.iter().any(|path| path.as_bytes() == request.path);
    let operations = view.snapshot.table.operations();
    let operation = trail.operation.map_or("", |number| &operations[number].row.name);
    Record {
        own: span.own,
        parent: span.parent,
        at,
        took,
        method: request.method.clone(),
        path: if is_known { Word::new(request.path) } else { Word::new(shown_path(request.path).as_bytes()) },
        is_known,
        host: request.host().filter(|host| host.len() <= LONGEST_HOST).map_or(Word::new(b""), Word::new),
        version: request.came.version,
        is_secure: view.snapshot.tls.is_some(),
        status: reply.status,
        came: (!trail.unread).then(|| trail.bytes_in.saturating_sub(request.query.len()) as u64),
        went: reply.body.len() as u64,
        door: trail.door,
        operation: Word::new(operation.as_bytes()),
        label: trail.label,
        outcome: trail.outcome,
        cache: trail.cache.map(|(provenance, _)| provenance),
        limit: trail.limit().cloned(),
        app: trail.app.clone(),
        client: tracer.tells_client().then_some(trail.client),
        attempts: span.take(at),
    }
}
