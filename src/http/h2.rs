//! HTTP/2 with one client: hyper reads the frames, and the handler answers the requests.

pub(in crate::http) mod body;
mod under_way;

use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Method, Response, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::time::Instant;

use crate::http::body::Body;
use crate::http::connection::io::Connection;
use crate::http::connection::memory::{Full as NoMemory, Link, Reservation};
use crate::http::connection::phase::Phase;
use crate::http::handler::Handler;
use crate::http::net::presence::Presence;
use crate::http::net::stream::Stream;
use crate::http::proto::fields::Fields;
use crate::http::proto::head::{Rules, is_authority};
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Reply, TEXT, plain};
use crate::http::request::{Came, Request};
use crate::http::terms::Terms;
use body::H2Body;
use under_way::UnderWay;

/// How many requests one HTTP/2 client may have at once, and how long the headers of each may be, in bytes.
const MOST_STREAMS: u32 = 64;
const MOST_HEADERS: u32 = 16 * 1024;
/// How many unread bytes a client may send: of one request, and of all together.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 128 * 1024;
/// How many streams a client may reset faster than the gateway clears them (CVE-2023-44487).
const MOST_RESETS: usize = 64;

/// Serves requests until the client or the gateway ends the connection.
pub async fn speak<H: Handler>(mut connection: Connection<Stream>, link: Link, handler: Arc<H>) {
    connection.pass_h2();
    let state = link.state.clone();
    let is_used = Cell::new(false);
    let service = service_fn(move |request| {
        let (handler, link) = (handler.clone(), link.clone());
        let came = Came { version: "2", is_reused: is_used.replace(true) };
        async move { Ok::<_, Infallible>(serve(&*handler, link, came, request).await) }
    });
    let served = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_pending_accept_reset_streams(MOST_RESETS)
        .max_local_error_reset_streams(MOST_RESETS)
        .serve_connection(TokioIo::new(connection), service);
    let mut served = pin!(served);
    let mut is_told = false;
    let ended = poll_fn(|cx| {
        if !is_told && state.is_dismissed(cx) {
            is_told = true;
            served.as_mut().graceful_shutdown();
        }
        served.as_mut().poll(cx)
    });
    // An error here says only that the client closed; the handler has counted its requests.
    let _ = ended.await;
}

async fn serve<H: Handler>(
    handler: &H,
    link: Link,
    came: Came,
    request: hyper::Request<Incoming>,
) -> Response<Full<Bytes>> {
    let terms = handler.terms().load_full();
    if link.state.is_over() {
        // The client was sent GOAWAY and has had time to react.
        return plain(503, GONE.into(), TEXT).into_response();
    }
    let (head, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    let phase = if has_body { Phase::Body } else { Phase::Serving };
    let under_way = UnderWay::begin(link, phase, &terms.deadlines);
    let mut reply = answer(handler, &under_way, &terms, (came, &head), body).await;
    if handler.is_leaving() {
        // An HTTP/1 connection ends with such an answer; HTTP/2 answers its other requests first.
        under_way.link().state.dismiss();
    }
    if head.method == Method::HEAD {
        // An answer to HEAD has a length and no body (RFC 9110, section 9.3.2).
        reply.say("Content-Length", reply.body.len().to_string());
        reply.body = Bytes::new();
    }
    under_way.is_answered(reply.body.len());
    framed(reply, under_way)
}

const GONE: &str = "the connection is at its end: open another one\n";

async fn answer<H: Handler>(
    handler: &H,
    under_way: &UnderWay,
    terms: &Terms,
    (came, head): (Came, &Parts),
    body: Incoming,
) -> Reply {
    let at = Instant::now();
    let mut memory = Reservation::nothing(under_way.link().clone());
    let peer = under_way.link().state.peer();
    if let Err(refusal) = taken(head, &terms.rules).and_then(|size| hold(&mut memory, size, terms)) {
        handler.refused(peer, refusal, at);
        return plain(refusal.status(), format!("{}\n", refusal.why()).into(), TEXT);
    }
    let mut fields = Fields::default();
    for (name, value) in &head.headers {
        fields.take(name.as_str().as_bytes(), value.as_bytes());
    }
    let request = Request {
        at,
        peer,
        came,
        method: head.method.clone(),
        path: head.uri.path().as_bytes(),
        query: head.uri.query().unwrap_or_default().as_bytes(),
        fields: &fields,
        authority: authority(head),
        lines: b"",
        presence: &Presence::STREAM,
    };
    let body = if body.is_end_stream() { Body::Empty } else { Body::H2(H2Body::new(body, under_way)) };
    handler.handle(&request, body).await
}

/// The host to which a request was sent: its `:authority`, or `Host` without one (RFC 9113, section 8.3.1).
fn authority(head: &Parts) -> &[u8] {
    let own = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    own.or_else(|| Some(head.headers.get(header::HOST)?.as_bytes())).unwrap_or_default()
}

fn hold(held: &mut Reservation, size: usize, terms: &Terms) -> Result<(), HeadReject> {
    held.grow(size, terms.memory).map_err(|NoMemory| HeadReject::Memory)
}

/// Checks a head by the rules for HTTP/1; returns its size in bytes.
fn taken(head: &Parts, rules: &Rules) -> Result<usize, HeadReject> {
    let host = host(head)?;
    let target = head.uri.path().len() + head.uri.query().map_or(0, |query| query.len() + 1);
    // As a line of HTTP/1, each header would have a colon, a space and a line end.
    let headers: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    rules.allows(target, headers, head.headers.len(), host)?;
    Ok(target + headers)
}

/// Checks that there is one authority, and no Host that differs from it: HTTP/2's form of the rule "one Host"
/// (RFC 9113, section 8.3.1).
fn host(head: &Parts) -> Result<&[u8], HeadReject> {
    let mut hosts = head.headers.get_all(header::HOST).iter().map(header::HeaderValue::as_bytes);
    let authority = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = hosts.next();
    let agree = match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => true,
    };
    let name = authority.or(host).filter(|name| is_authority(name)).ok_or(HeadReject::NoAuthority)?;
    if agree && hosts.next().is_none() { Ok(name) } else { Err(HeadReject::TwoAuthorities) }
}

/// Turns a reply into HTTP/2's, without the headers that only HTTP/1 has (RFC 9113, section 8.2.2).
fn framed(mut reply: Reply, mut under_way: UnderWay) -> Response<Full<Bytes>> {
    reply.ends = false;
    under_way.bytes = std::mem::take(&mut reply.body);
    reply.body = if under_way.bytes.is_empty() { Bytes::new() } else { Bytes::from_owner(under_way) };
    reply.into_response()
}
