//! The request path: one way down, one way back. Every step is named here, in its order.

mod asking;
mod errand;

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

use hyper::body::{Body, Incoming};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, header};

use crate::config::Config;
use crate::http::heading::Arrival;
use crate::http::reply::{self, Reply};
use crate::http::wire::STAND_IN;
use crate::http::{METHODS, body, client_address, cors};
use crate::log;
use crate::outcome::Outcome;
use crate::reject::Reject;
use crate::snapshot::Snapshot;
use crate::trail::{Door, Trail};
use crate::translate::envelope::Envelope;
use crate::translate::facts::{self, Facts};
use crate::translate::form::Form;
use crate::translate::request::Meant;
use crate::translate::{self, kept, refusal, response};
use crate::worker::{View, Worker};
use errand::{Client, Errand, Fetched};

/// Answers one request; never fails. Outer half: clock, counters, access line.
pub async fn handle(worker: &Worker, arrival: Arrival, request: Request<Incoming>) -> Reply {
    let started = Instant::now();
    let in_flight = worker.cells.in_flight();
    let view = worker.view();
    let snapshot = &view.snapshot;
    let Arrival { peer, query, is_last } = arrival;
    let (head, body) = request.into_parts();
    let client = client_address::of(&snapshot.config.listen, &head.headers, peer);
    let mut trail = Trail::new(client, !body.is_end_stream());
    let relayed = caught(relay(&view, &worker.bodies, &head, query, body, &mut trail)).await;
    let mut reply = relayed.unwrap_or_else(|reject| refuse(snapshot, &reject, &mut trail));
    reply::policies(&trail, reply.headers_mut());
    cors::permit(&snapshot.config.cors, &head.headers, reply.headers_mut());
    if trail.unread || is_last || worker.stop.is_leaving() {
        reply::close(&mut reply);
    }
    let took = started.elapsed();
    worker.cells.count(&trail);
    view.requests.count(&trail, took);
    log::access(snapshot, &trail, &reply, took);
    drop(in_flight);
    reply
}

/// Inner half: `?` all the way; what it refuses is answered by the outer one.
async fn relay(
    view: &View,
    bodies: &body::Room,
    head: &Parts,
    query: Option<Vec<u8>>,
    body: Incoming,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let config = &view.snapshot.config;
    if let Some(reply) = outside(&view.snapshot, head) {
        return Ok(reply);
    }
    // It counts for as long as the body is in memory.
    let mut memory = bodies.hold(config.cap.bodies);
    let body = body::read(&head.headers, body, config.cap.body, config.deadline.body, &mut memory).await?;
    trail.unread = false;
    let query = query_of(head, query.as_deref());
    trail.bytes_in = query.len() + body.len();
    let incoming = translate::Incoming {
        query,
        content_type: head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()),
        body: &body,
        most_pairs: config.cap.pairs,
    };
    let client = Client { address: trail.client, no_cache: asks_for_no_cache(&head.headers) };
    let read = translate::read(&incoming).inspect_err(|_| trail.echo_form(&translate::glimpse(&incoming)));
    match read? {
        translate::Request::Legacy(form) => {
            trail.door = Door::Legacy;
            let answered = legacy(view, &form, client, trail).await;
            if answered.is_err() {
                trail.echo_form(&form);
            }
            answered
        }
        translate::Request::Json(envelope) => {
            trail.door = Door::Json;
            trail.echo(&envelope.op, envelope.id.clone());
            json(view, &envelope, client, trail).await
        }
    }
}

/// The old door: parameters → JSON → upstream → what the page documents.
async fn legacy(view: &View, form: &Form, client: Client, trail: &mut Trail) -> Result<Reply, Reject> {
    let snapshot = &view.snapshot;
    let table = &snapshot.table;
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = table.find(op).ok_or_else(|| table.bad_op(op))?;
    trail.operation = Some(operation.number);
    let token = form.single("token")?.ok_or(Reject::NoToken)?;
    let errand = Errand::new(view, Some(operation), token, client, trail)?;
    let mut meant = Meant::understand(operation, table, form)?;
    errand.clamp(&mut meant);
    trail.dropped = meant.dropped.len();
    let facts = Facts::of_form(operation, &meant);
    errand.admit(&facts, trail)?;
    let token = errand.token(token);
    let call = |for_all| {
        if for_all { meant.write_for_all(operation, token) } else { meant.write(operation, token) }.into()
    };
    let fetched = errand.fetch(&facts, call, trail).await?;
    let told = response::legacy(operation, &meant, &fetched.answer.bytes)?;
    trail.answered(told.result);
    let status = match told.code {
        Some(code @ 400..=599) if snapshot.config.http_status => code,
        _ => 200,
    };
    Ok(reply::json(status, told.body.into(), Outcome::Done))
}

/// The new door: the payload as it came, the answer as it came.
async fn json(view: &View, envelope: &Envelope, client: Client, trail: &mut Trail) -> Result<Reply, Reject> {
    let snapshot = &view.snapshot;
    let operation = snapshot.table.find(&envelope.op);
    trail.operation = operation.map(|operation| operation.number);
    let sent = envelope.token.as_deref().unwrap_or_default();
    let errand = Errand::new(view, operation, sent, client, trail)?;
    // A read whose answer may be kept is asked as the form that means the same, so that both doors
    // share what is kept.
    let form = operation.and_then(|operation| facts::form_of_json(operation, envelope));
    let mut meant = operation
        .zip(form.as_ref())
        .and_then(|(operation, form)| Meant::understand(operation, &snapshot.table, form).ok());
    if let Some(meant) = &mut meant {
        errand.clamp(meant);
    }
    let facts = match (operation, &meant) {
        (Some(operation), Some(meant)) => Facts::of_form(operation, meant),
        (Some(operation), None) => Facts::of_json(operation, envelope),
        (None, _) => Facts::default(),
    };
    errand.admit(&facts, trail)?;
    let call = |for_all| match (operation, &meant) {
        (Some(operation), Some(meant)) if for_all => {
            meant.write_for_all(operation, errand.token(sent)).into()
        }
        _ if errand.has_own_token() => envelope.with_token(errand.token(sent)),
        _ => envelope.payload.clone(),
    };
    let Fetched { answer, own } = errand.fetch(&facts, call, trail).await?;
    let (verdict, body) = match (own, operation) {
        (None, Some(operation)) => {
            let most_rows = facts.page.as_ref().and_then(|page| page.count);
            let body = kept::personal(operation, &answer.bytes, envelope.id.as_deref(), most_rows);
            (response::verdict(&answer.bytes, &snapshot.envelope)?, body)
        }
        (Some(verdict), _) => (verdict, answer.bytes),
        // Only what the table has is shared.
        (None, None) => return Err(Reject::Internal),
    };
    trail.answered(verdict.result);
    Ok(reply::json(answer.status, body, Outcome::Done))
}

/// Whether a caller asks for an answer that is not kept (RFC 9111, section 5.2.1.4).
fn asks_for_no_cache(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("no-cache"))
}

/// What is no request to the API: another path, another method, a browser's question.
fn outside(snapshot: &Snapshot, head: &Parts) -> Option<Reply> {
    let config = &snapshot.config;
    if head.method == Method::OPTIONS && head.uri.path() == "*" {
        return Some(options(config, head));
    }
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
        Method::OPTIONS => Some(options(config, head)),
        _ => {
            let what = format!("this method does nothing here: use one of {METHODS}\n");
            let mut reply = reply::plain(405, what.into(), "text/plain; charset=utf-8");
            reply.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(METHODS));
            Some(reply)
        }
    }
}

/// What a browser asks before it calls (or anybody, of the server as a whole).
fn options(config: &Config, head: &Parts) -> Reply {
    let mut reply = reply::empty(204);
    reply.headers_mut().insert(header::ALLOW, header::HeaderValue::from_static(METHODS));
    cors::preflight(&config.cors, &head.headers, reply.headers_mut());
    reply
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
    trail.outcome = reject.outcome();
    trail.retry_after = reject.retry_after();
    let status = if snapshot.config.http_status { reject.status() } else { 200 };
    let body = refusal::refusal(reject, &trail.op, trail.id.as_deref());
    reply::json(status, body.into(), trail.outcome)
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
