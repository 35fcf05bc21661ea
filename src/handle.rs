//! The request path: one way down, one way back. Every step is named here, in its order.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::http::request::Parts;
use hyper::{Method, Request, header};

use crate::http::reply::{self, Outcome, Reply};
use crate::http::wire::{Heading, STAND_IN};
use crate::http::{METHODS, body, cors};
use crate::log;
use crate::reject::Reject;
use crate::trail::{Door, Trail};
use crate::translate::envelope::Envelope;
use crate::translate::form::Form;
use crate::translate::request::Meant;
use crate::translate::{self, response};
use crate::worker::{Snapshot, Worker};

/// Answers one request; never fails. Outer half: clock, counters, access line.
pub async fn handle(worker: &Worker, heading: &Heading, request: Request<Incoming>) -> Reply {
    let started = Instant::now();
    let query = heading.begin();
    let in_flight = worker.cells.in_flight();
    let snapshot = worker.snapshot.clone();
    let (head, body) = request.into_parts();
    let mut trail = Trail::new(!body.is_end_stream());
    let relayed = caught(relay(worker, &snapshot, &head, query, body, &mut trail)).await;
    let mut reply = relayed.unwrap_or_else(|reject| refuse(&snapshot, &reject, &mut trail));
    cors::permit(&snapshot.config.cors, &head.headers, reply.headers_mut());
    if trail.unread {
        reply::close(&mut reply);
    } else {
        heading.end();
    }
    let took = started.elapsed();
    worker.cells.count(&trail, took);
    log::access(&snapshot, &trail, heading.peer(), &reply, took);
    drop(in_flight);
    reply
}

/// Inner half: `?` all the way; what it refuses is answered by the outer one.
async fn relay(
    worker: &Worker,
    snapshot: &Snapshot,
    head: &Parts,
    query: Option<Vec<u8>>,
    body: Incoming,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let config = &snapshot.config;
    if let Some(reply) = outside(snapshot, head) {
        return Ok(reply);
    }
    let body = body::read(&head.headers, body, config.cap.body, config.deadline.body).await?;
    trail.unread = false;
    let query = query_of(head, query.as_deref());
    trail.bytes_in = query.len() + body.len();
    let incoming = translate::Incoming {
        query,
        content_type: head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
        body: &body,
        most_pairs: config.cap.pairs,
    };
    let read = translate::read(&incoming).inspect_err(|_| trail.echo_form(&translate::glimpse(&incoming)));
    match read? {
        translate::Request::Legacy(form) => {
            trail.door = Door::Legacy;
            let answered = legacy(worker, snapshot, &form, trail).await;
            if answered.is_err() {
                trail.echo_form(&form);
            }
            answered
        }
        translate::Request::Json(envelope) => {
            trail.door = Door::Json;
            trail.echo(&envelope.op, envelope.id.clone());
            json(worker, snapshot, envelope, trail).await
        }
    }
}

/// The old door: parameters → JSON → upstream → what the page documents.
async fn legacy(
    worker: &Worker,
    snapshot: &Snapshot,
    form: &Form,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let table = &snapshot.table;
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = table.find(op).ok_or_else(|| table.bad_op(op))?;
    trail.operation = Some(operation.number);
    let meant = Meant::understand(operation, table, form)?;
    trail.dropped = meant.dropped.len();
    let call = meant.write(operation, meant.token);
    let answer = upstream(worker, call.into(), trail).await?;
    let told = response::legacy(operation, &meant, &answer.bytes)?;
    trail.answered(told.result);
    let status = match told.code {
        Some(code @ 400..=599) if snapshot.config.http_status => code,
        _ => 200,
    };
    Ok(reply::json(status, told.body.into(), Outcome::Done))
}

/// The new door: the payload as it came, the answer as it came.
async fn json(
    worker: &Worker,
    snapshot: &Snapshot,
    envelope: Envelope,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    trail.operation = snapshot.table.find(&envelope.op).map(|operation| operation.number);
    let answer = upstream(worker, envelope.payload, trail).await?;
    let result = response::verdict(&answer.bytes, &snapshot.envelope)?;
    trail.answered(result);
    Ok(reply::json(answer.status, answer.bytes, Outcome::Done))
}

/// Upstream's part, timed.
async fn upstream(
    worker: &Worker,
    call: Bytes,
    trail: &mut Trail,
) -> Result<crate::upstream::Answer, Reject> {
    let started = Instant::now();
    let answer = worker.upstream.call(call).await;
    trail.upstream = Some(started.elapsed());
    answer
}

/// What is no request to the API: another path, another method, a browser's question.
fn outside(snapshot: &Snapshot, head: &Parts) -> Option<Reply> {
    let config = &snapshot.config;
    // A base URL that ends in a slash and a path that begins with one make two: both are meant as one.
    let path = head.uri.path().trim_start_matches('/');
    if !config.listen.paths.iter().any(|known| known.trim_start_matches('/') == path) {
        let what = format!("no API here: its paths are {}\n", config.listen.paths.join(", "));
        return Some(reply::plain(404, what.into(), "text/plain; charset=utf-8"));
    }
    match head.method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => None,
        // It asks what a GET would say; to find out would be to act.
        Method::HEAD => Some(reply::empty(200)),
        Method::OPTIONS => {
            let mut reply = reply::empty(204);
            reply.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(METHODS));
            cors::preflight(&config.cors, &head.headers, reply.headers_mut());
            Some(reply)
        }
        _ => {
            let what = format!("this method does nothing here: use one of {METHODS}\n");
            let mut reply = reply::plain(405, what.into(), "text/plain; charset=utf-8");
            reply.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(METHODS));
            Some(reply)
        }
    }
}

/// The query: the one that the wire took out of the request line, or the one that hyper has.
fn query_of<'a>(head: &'a Parts, taken: Option<&'a [u8]>) -> &'a [u8] {
    match (head.uri.query(), taken) {
        (Some(STAND_IN), Some(taken)) => taken,
        (query, _) => query.unwrap_or_default().as_bytes(),
    }
}

/// Answers a refusal in the envelope that both doors share.
fn refuse(snapshot: &Snapshot, reject: &Reject, trail: &mut Trail) -> Reply {
    trail.label = reject.label();
    trail.outcome = outcome(reject);
    let status = if snapshot.config.http_status { reject.status() } else { 200 };
    let body = response::refusal(reject, &trail.op, trail.id.as_deref());
    reply::json(status, body.into(), trail.outcome)
}

/// What a reject says of what happened upstream.
fn outcome(reject: &Reject) -> Outcome {
    match reject {
        Reject::Timeout(_) | Reject::BadAnswer(_) | Reject::Internal => Outcome::Unknown,
        Reject::NoOp
        | Reject::BadOp { .. }
        | Reject::NoToken
        | Reject::BadRequest(_)
        | Reject::SlowBody(_)
        | Reject::Params(_)
        | Reject::Ambiguous { .. }
        | Reject::TooLarge { .. }
        | Reject::UpstreamDown(_) => Outcome::NotSent,
    }
}

/// Runs the inner half; a panic in it is one refused request and nothing more.
async fn caught<T>(inner: impl Future<Output = Result<T, Reject>>) -> Result<T, Reject> {
    let mut inner = pin!(inner);
    std::future::poll_fn(|cx| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(Err(Reject::Internal)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::caught;
    use crate::reject::Reject;

    #[tokio::test]
    async fn a_panic_is_one_refused_request() {
        let panics = async { if true { panic!("on purpose") } else { Ok(()) } };
        assert_eq!(caught(panics).await, Err(Reject::Internal));
        assert_eq!(caught(async { Ok(1) }).await, Ok(1));
    }
}
