//! The request path: one way down, one way back. Every step is named here, in its order.

mod asking;
mod errand;

use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::Poll;

use hyper::Method;

use crate::config::Config;
use crate::http::asked::Asked;
use crate::http::body::{self, Body};
use crate::http::net::clock::since_1970;
use crate::http::reply::{self, Reply, TEXT};
use crate::http::{METHODS, client_address, cors};
use crate::policy::cache::Beside;
use crate::protocol::ops::Operation;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Reject;
use crate::protocol::translate::envelope::Envelope;
use crate::protocol::translate::facts::{self, Facts};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::own::Own;
use crate::protocol::translate::request::Meant;
use crate::protocol::translate::response::Told;
use crate::protocol::translate::{self, kept, refusal, response};
use crate::snapshot::Snapshot;
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::trail::{Door, Trail};
use crate::upstream::Answer;
use errand::{Client, Errand};

/// Answers one request; never fails. Outer half: clock, counters, access line.
pub async fn handle(worker: &Worker, asked: Asked<'_>, body: Body<'_>) -> Reply {
    let in_flight = worker.cells.in_flight();
    let view = worker.view();
    let snapshot = &view.snapshot;
    let client = client_address::of(&snapshot.config.listen, &asked.fields, asked.peer);
    let mut trail = Trail::new(client, !body.is_empty());
    let relayed = caught(pin!(relay(&view, &worker.bodies, &asked, body, &mut trail))).await;
    let mut reply = relayed.unwrap_or_else(|reject| refuse(snapshot, &reject, &mut trail));
    reply::policies(&trail, &mut reply);
    if asked.method != Method::OPTIONS {
        cors::permit(&snapshot.config.cors, asked.fields.origin, &mut reply);
    }
    reply.ends = trail.unread || worker.stop.is_leaving();
    let took = asked.at.elapsed();
    reply.at = since_1970();
    worker.cells.count(&trail);
    view.requests.count(&trail, took);
    if let Some(log) = &worker.log {
        log.add(snapshot, &trail, &reply, took);
    }
    drop(in_flight);
    reply
}

/// Inner half: `?` all the way; what it refuses is answered by the outer one.
async fn relay(
    view: &View,
    bodies: &body::Room,
    asked: &Asked<'_>,
    body: Body<'_>,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let config = &view.snapshot.config;
    if let Some(reply) = outside(&view.snapshot, asked) {
        return Ok(reply);
    }
    // It counts for as long as the body is in memory.
    let mut memory = bodies.hold(config.cap.bodies);
    let is_compressed = asked.fields.is_compressed;
    let body = body::read(is_compressed, body, config.cap.body, config.deadline.body, &mut memory).await?;
    trail.unread = false;
    trail.bytes_in = asked.query.len() + body.len();
    let incoming = translate::Incoming {
        query: asked.query,
        content_type: asked.fields.content_type.and_then(|value| str::from_utf8(value).ok()),
        body: &body,
        most_pairs: config.cap.pairs,
    };
    let client = Client { address: trail.client, no_cache: asked.fields.no_cache };
    let mut form = match translate::read(&incoming) {
        Ok(translate::Request::Legacy(form)) => form,
        Ok(translate::Request::Json(envelope)) => {
            trail.door = Door::Json;
            let answered = json(view, &envelope, client, trail).await;
            if answered.is_err() {
                trail.echo(&envelope.op, envelope.id.map(str::to_owned));
            }
            return answered;
        }
        Err(reject) => {
            trail.echo_form(&translate::glimpse(&incoming));
            return Err(reject);
        }
    };
    // All of it is in the form, decoded, and another request can use its place.
    drop(body);
    trail.door = Door::Legacy;
    let answered = legacy(view, &mut form, client, trail).await;
    if answered.is_err() {
        trail.echo_form(&form);
    }
    answered
}

/// The old door: parameters → JSON → upstream → what the page documents.
async fn legacy(view: &View, form: &mut Form, client: Client, trail: &mut Trail) -> Result<Reply, Reject> {
    let snapshot = &view.snapshot;
    let table = &snapshot.table;
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = table.find(op).ok_or_else(|| table.bad_op(op))?;
    trail.operation = Some(operation.number);
    let token = form.single("token")?.ok_or(Reject::NoToken)?;
    let errand = Errand::new(view, Some(operation), token, client, trail)?;
    let mut meant = Meant::new(op, token);
    meant.take(operation, table, form)?;
    errand.clamp(&mut meant);
    trail.dropped = meant.dropped.len();
    let facts = Facts::of_form(operation, &meant);
    errand.admit(&facts, trail)?;
    let own = Own::of(operation, &meant);
    let token = errand.token(token);
    let letter = |for_all| {
        let body = |out: &mut Vec<u8>| meant.compose(operation, token, for_all, out);
        errand.letter(meant.room(token), body)
    };
    let told = if let Some(key) = errand.key(&facts) {
        let (answer, beside) = errand.shared(key, || letter(true), trail).await?;
        told(operation, &own, &answer, beside)?
    } else {
        let letter = letter(false);
        // What waits while upstream thinks is what its answer needs, and no more.
        drop(meant);
        form.forget();
        let read = |answer: &Answer| {
            let read = response::read(operation, &own, &answer.bytes)?;
            Ok((read.verdict, read.told))
        };
        let (_, (_, told)) = errand.alone(&facts, letter, read, trail).await?;
        told?
    };
    trail.answered(told.result);
    let status = match told.code {
        Some(code @ 400..=599) if snapshot.config.http_status => code,
        _ => 200,
    };
    Ok(reply::json(status, errand.scrubbed(told.body.into()), Outcome::Done))
}

/// What an answer that is shared tells one caller; what it tells everybody is made once, if it is kept.
fn told(
    operation: &Operation,
    own: &Own<'_>,
    answer: &Answer,
    beside: Option<Beside>,
) -> Result<Told, Reject> {
    let Some(beside) = beside else {
        return response::legacy(operation, own, &answer.bytes);
    };
    let shown = beside.get_or_make(|| response::shown(operation, own, &answer.bytes))?;
    Ok(response::kept(own, &shown))
}

/// The new door: the payload as it came, the answer as it came.
async fn json(
    view: &View,
    envelope: &Envelope<'_>,
    client: Client,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
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
    let room = envelope.payload.len();
    let (verdict, answer) = if let (Some(key), Some(operation), Some(meant)) =
        (errand.key(&facts), operation, &meant)
    {
        let letter = || errand.letter(room, |out| meant.compose(operation, errand.token(sent), true, out));
        let (answer, _) = errand.shared(key, letter, trail).await?;
        let most_rows = facts.page.as_ref().and_then(|page| page.count);
        let body = kept::personal(operation, &answer.bytes, envelope.id, most_rows);
        (response::verdict(&answer.bytes, &snapshot.envelope)?, Answer { bytes: body, ..answer })
    } else {
        let letter = errand.letter(room, |out| {
            if errand.has_own_token() {
                envelope.write_with_token(errand.token(sent), out);
            } else {
                out.extend_from_slice(&envelope.payload);
            }
        });
        let read = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
        let (answer, (verdict, ())) = errand.alone(&facts, letter, read, trail).await?;
        (verdict, answer)
    };
    trail.answered(verdict.result);
    Ok(reply::json(answer.status, answer.bytes, Outcome::Done))
}

/// What is no request to the API: another path, another method, a browser's question.
fn outside(snapshot: &Snapshot, asked: &Asked<'_>) -> Option<Reply> {
    let config = &snapshot.config;
    if asked.method == Method::OPTIONS && asked.path == b"*" {
        return Some(options(config, asked));
    }
    // A base URL that ends in a slash and a path that begins with one make two: both are meant as one.
    let path = without_slashes(asked.path);
    if !config.listen.paths.iter().any(|known| without_slashes(known.as_bytes()) == path) {
        let what = format!("no API here: its paths are {}\n", config.listen.paths.join(", "));
        return Some(reply::plain(404, what.into(), TEXT));
    }
    match asked.method {
        Method::GET | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => None,
        // It asks what a GET would say; to find out would be to act.
        Method::HEAD => Some(reply::empty(200)),
        Method::OPTIONS => Some(options(config, asked)),
        _ => {
            let what = format!("this method does nothing here: use one of {METHODS}\n");
            let mut reply = reply::plain(405, what.into(), TEXT);
            reply.say("allow", METHODS);
            Some(reply)
        }
    }
}

fn without_slashes(path: &[u8]) -> &[u8] {
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    &path[slashes..]
}

/// What a browser asks before it calls (or anybody, of the server as a whole).
fn options(config: &Config, asked: &Asked<'_>) -> Reply {
    let mut reply = reply::empty(204);
    reply.say("allow", METHODS);
    cors::preflight(&config.cors, asked.fields.origin, &mut reply);
    reply
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
async fn caught<T>(mut inner: Pin<&mut impl Future<Output = Result<T, Reject>>>) -> Result<T, Reject> {
    std::future::poll_fn(|cx| {
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(Err(Reject::Internal)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::caught;
    use crate::protocol::reject::Reject;

    #[tokio::test]
    async fn a_panic_is_one_refused_request() {
        let panics = async { if true { panic!("on purpose") } else { Ok(()) } };
        assert_eq!(caught(pin!(panics)).await, Err(Reject::Internal));
        assert_eq!(caught(pin!(async { Ok(1) })).await, Ok(1));
    }
}
