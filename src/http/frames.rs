//! HTTP/2 with one client: hyper on the one side, the handler on the other.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use tokio::time::Instant;

use super::asked::{Asked, Fields};
use super::body::Body;
use super::reply::{Reply, TEXT, plain};
use crate::handle::handle;
use crate::http::connection::heading::Heading;
use crate::http::connection::wire::Wire;
use crate::http::net::stream::Stream;
use crate::http::proto::head::{MISDIRECTED, is_authority, is_ours};
use crate::snapshot::worker::Worker;

/// Requests that one HTTP/2 client may have at once, and what their headers may take together.
const MOST_STREAMS: u32 = 64;
const MOST_HEADERS: u32 = 16 * 1024;
/// Streams that a client may reset faster than they are worked off (CVE-2023-44487).
const MOST_RESETS: usize = 64;

/// Speaks HTTP/2 until one of the two ends it.
pub async fn speak(mut wire: Wire<Stream>, heading: Arc<Heading>, worker: Arc<Worker>, watcher: Watcher) {
    wire.pass_frames();
    let service = service_fn(move |request| {
        let (worker, heading) = (worker.clone(), heading.clone());
        async move {
            heading.begin();
            let under_way = UnderWay { heading, bytes: Bytes::new() };
            let reply = answer(&worker, under_way.heading.as_ref(), request).await;
            Ok::<_, Infallible>(framed(reply, under_way))
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADERS)
        .max_pending_accept_reset_streams(MOST_RESETS)
        .max_local_error_reset_streams(MOST_RESETS)
        .serve_connection(TokioIo::new(wire), service);
    // The client's side of an end is no news; requests are counted where they are handled.
    let _ = watcher.watch(connection).await;
}

async fn answer(worker: &Worker, heading: &Heading, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    if let Some(reply) = misdirected(worker, &head) {
        return reply;
    }
    let mut fields = Fields::default();
    for (name, value) in &head.headers {
        fields.take(name.as_str().as_bytes(), value.as_bytes());
    }
    let asked = Asked {
        at: Instant::now(),
        peer: heading.peer(),
        method: head.method,
        path: head.uri.path().as_bytes(),
        query: head.uri.query().unwrap_or_default().as_bytes(),
        fields,
    };
    let body = if body.is_end_stream() { Body::Empty } else { Body::Frames(body) };
    handle(worker, asked, body).await
}

/// HTTP/2's own form of "one Host": one authority, and no other beside it (RFC 9113, section 8.3.1).
fn misdirected(worker: &Worker, head: &Parts) -> Option<Reply> {
    let mut hosts = head.headers.get_all(header::HOST).iter().map(header::HeaderValue::as_bytes);
    let authority = head.uri.authority().map(|authority| authority.as_str().as_bytes());
    let host = hosts.next();
    let agree = match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => true,
    };
    let Some(name) = authority.or(host).filter(|name| is_authority(name)) else {
        return Some(plain(400, "the authority is missing or is none\n".into(), TEXT));
    };
    if !agree || hosts.next().is_some() {
        return Some(plain(400, "the Host header names another host than the authority\n".into(), TEXT));
    }
    let view = worker.view();
    let hosts = &view.snapshot.config.listen.hosts;
    (!hosts.is_empty() && !is_ours(hosts, name)).then(|| plain(421, format!("{MISDIRECTED}\n").into(), TEXT))
}

/// One of many requests on a connection, until the client has taken the last byte of its answer.
struct UnderWay {
    heading: Arc<Heading>,
    bytes: Bytes,
}

impl AsRef<[u8]> for UnderWay {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.heading.end();
    }
}

/// A reply on HTTP/2: without what belongs to HTTP/1 alone (RFC 9113, section 8.2.2).
fn framed(mut reply: Reply, mut under_way: UnderWay) -> Response<Full<Bytes>> {
    reply.ends = false;
    under_way.bytes = std::mem::take(&mut reply.body);
    reply.body = if under_way.bytes.is_empty() { Bytes::new() } else { Bytes::from_owner(under_way) };
    reply.into_response()
}
