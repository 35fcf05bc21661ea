//! The request path: one way down, one way back. The first steps and the last stand here; the steps between
//! are in `legacy`, `json`, `call` and `fetch`. docs/architecture.md lists all steps in order.

mod asking;
mod brownout;
mod call;
mod client;
mod fetch;
mod handler;
mod headers;
mod json;
mod legacy;
mod legacy_reply;
mod outside;
mod passage;
mod probe;
mod record;
mod refused;
mod traced;

use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::Poll;

use hyper::Method;

use crate::http::body::{self, Body};
use crate::http::net::clock::since_1970;
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::http::{client_address, cors, number};
use crate::protocol::reject::Reject;
use crate::protocol::translate;
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::log::{ShownHead, live};
use crate::telemetry::trail::Trail;
use crate::upstream::along::Along;
use call::note;
use client::Client;
use json::json;
use legacy::legacy;
use outside::outside;
use record::record;
use refused::{charged, refuse};

/// Answers one request; never fails. Outer half: clock, counters, access line.
pub async fn handle(worker: &Worker, request: &Request<'_, '_>, body: Body<'_>) -> Reply {
    let in_flight = worker.counters.in_flight();
    let view = worker.view();
    let snapshot = &view.snapshot;
    let client = client_address::of(&snapshot.config.listen, request.fields, request.peer);
    let mut trail = Trail::new(client, !body.is_empty());
    trail.span = traced::begin(worker, request);
    let (made, given) = (worker.chance.number(), request.fields.number.filter(|sent| number::is_sound(sent)));
    let number = given.unwrap_or(&made);
    let relayed = caught(pin!(relay(&view, request, body, number, &mut trail))).await;
    let mut reply = match relayed {
        Ok(reply) => reply,
        Err(reject) => {
            refused::tell(worker, &reject);
            refuse(snapshot, &charged(&view, reject, &mut trail), &mut trail)
        }
    };
    passage::tell(worker, &trail);
    headers::policies(&trail, &mut reply);
    headers::deprecation(snapshot, &trail, request.fields.user_agent, &mut reply);
    if request.method != Method::OPTIONS {
        cors::permit(&snapshot.config.cors, request.fields.origin, &mut reply);
    }
    match given {
        None => reply.number = Some(made),
        Some(given) => reply.say(number::NAME, String::from_utf8_lossy(given).into_owned()),
    }
    reply.ends = trail.unread || worker.stop.is_leaving();
    let took = request.at.elapsed();
    reply.at = since_1970();
    worker.counters.count(&trail);
    let (bucket, ending) = (view.requests.count(&trail, took), trail.ending());
    worker.counters.glance.count(&trail, ending, bucket);
    if let Some(tally) = &worker.tally {
        record(tally, &view, request, &trail, (reply.at, ending));
    }
    traced::end(worker, &view, request, &trail, &reply, took);
    let seen =
        ShownHead { came: request.came, path: request.path, number, user_agent: request.fields.user_agent };
    if let Some(log) = &worker.log {
        log.add(snapshot.in_force(), &trail, &seen, &reply, took);
    }
    if worker.traffic.is_watched() {
        let head = (request.method.as_str(), &seen);
        worker.traffic.add(&live::line(snapshot.in_force(), &trail, head, &reply, took));
    }
    drop(in_flight);
    reply
}

/// Inner half: `?` all the way; the outer half answers rejects.
async fn relay(
    view: &View,
    request: &Request<'_, '_>,
    body: Body<'_>,
    number: &[u8],
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let config = &view.snapshot.config;
    if let Some(reply) = outside(&view.snapshot, request) {
        return Ok(reply);
    }
    let along = Along { passed: been_through(view, request, trail)?, number, span: trail.span.clone() };
    let most = body::Most { length: config.cap.body, memory: config.cap.bodies, time: config.deadline.body };
    // `memory` reserves the body's bytes, and those of what is made of it, against cap.bodies until it is dropped.
    let body::WholeBody { bytes: body, mut memory } = body::read(request.fields.coding, body, most)
        .await
        .inspect_err(|_| note_query(view, request, trail))?;
    trail.unread = false;
    trail.bytes_in = request.query.len() + body.len();
    // Bytes that are not UTF-8 become U+FFFD, which no known type has: a type with such bytes stays unknown.
    let content_type = request.fields.content_type.map(String::from_utf8_lossy);
    let incoming = translate::Incoming {
        query: request.query,
        content_type: content_type.as_deref(),
        body: &body,
        most_pairs: config.cap.pairs,
    };
    let client = Client {
        address: trail.client,
        user_agent: request.fields.user_agent,
        no_cache: request.fields.no_cache,
        presence: request.presence,
        along: &along,
    };
    let parsed =
        translate::read(&incoming).inspect_err(|_| note(view, &translate::glimpse(&incoming), trail))?;
    let mut form = match parsed {
        translate::Parsed::Legacy(form) => form,
        translate::Parsed::Json(envelope) => {
            let answered = json(view, &envelope, client, &mut memory, trail).await;
            if answered.is_err() {
                trail.echo(&envelope.op, envelope.id.map(str::to_owned));
            }
            return answered;
        }
    };
    // The form holds all of the body, decoded; other requests can use the body's memory.
    drop(body);
    let answered = legacy(view, &mut form, client, &mut memory, trail).await;
    if answered.is_err() {
        trail.echo_form(&form);
    }
    answered
}

/// The gateways that the request has been through.
///
/// # Errors
/// LOOP, if this gateway is among them, or if they are too many.
fn been_through(view: &View, request: &Request<'_, '_>, trail: &mut Trail) -> Result<Vec<u8>, Reject> {
    let Some(via) = request.fields.via else {
        return Ok(Vec::new());
    };
    view.snapshot.name.passed(via).inspect_err(|_| note_query(view, request, trail))
}

/// Notes what the query says of a request that is refused before its body is read: old clients put `op`, `id` and
/// `token` there even beside a body.
#[cold]
fn note_query(view: &View, request: &Request<'_, '_>, trail: &mut Trail) {
    let most = view.snapshot.config.cap.pairs;
    note(view, &translate::glimpse_of_query(request.query, most), trail);
}

/// Runs the inner half; a panic there is one refused request and nothing more.
async fn caught<T>(mut inner: Pin<&mut impl Future<Output = Result<T, Reject>>>) -> Result<T, Reject> {
    std::future::poll_fn(|cx| match std::panic::catch_unwind(AssertUnwindSafe(|| inner.as_mut().poll(cx))) {
        Ok(polled) => polled,
        Err(_) => Poll::Ready(Err(Reject::Internal)),
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
