//! HTTP with one client: hyper on the one side, the handler on the other.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Incoming;
use hyper::header;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;

use super::head::{MISDIRECTED, is_authority, is_ours};
use super::heading::Heading;
use super::reply::{self, Reply};
use super::stream::Stream;
use super::wire::Wire;
use crate::config::Caps;
use crate::handle::handle;
use crate::worker::Worker;

/// What ends a connection when serving ends, one for each version.
pub struct Watchers {
    /// HTTP/1.
    pub lines: Watcher,
    /// HTTP/2.
    pub frames: Watcher,
}

/// Requests that one HTTP/2 client may have at once, and what their headers may take together.
const MOST_STREAMS: u32 = 64;
const MOST_HEADERS: u32 = 16 * 1024;
/// Streams that a client may reset faster than they are worked off (CVE-2023-44487).
const MOST_RESETS: usize = 64;

/// Speaks HTTP/1 until one of the two ends it.
pub async fn lines(
    wire: Wire<Stream>,
    heading: Arc<Heading>,
    worker: Arc<Worker>,
    cap: Caps,
    watcher: Watcher,
) {
    let service = service_fn(move |request| {
        let (worker, heading) = (worker.clone(), heading.clone());
        async move {
            let arrival = heading.begin();
            let reply = handle(&worker, arrival, request).await;
            if !reply::ends_connection(&reply) {
                heading.end();
            }
            Ok::<_, Infallible>(reply)
        }
    });
    let connection = http1::Builder::new()
        // The wire has the deadlines: hyper's one timer cannot tell a slow head from a rest.
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        // A client that has said all it has to say still gets its answer, and a write that has
        // begun is never cut off half-way.
        .half_close(true)
        .max_buf_size(cap.head)
        .max_headers(cap.headers)
        .serve_connection(TokioIo::new(wire), service);
    // The client's side of an end is no news; requests are counted where they are handled.
    let _ = watcher.watch(connection).await;
}

/// Speaks HTTP/2 until one of the two ends it.
pub async fn frames(mut wire: Wire<Stream>, heading: Arc<Heading>, worker: Arc<Worker>, watcher: Watcher) {
    wire.pass_frames();
    let service = service_fn(move |request| {
        let (worker, heading) = (worker.clone(), heading.clone());
        async move {
            let arrival = heading.begin_one_of_many();
            let under_way = UnderWay { heading, bytes: Bytes::new() };
            let reply = match misdirected(&worker, &request) {
                Some(reply) => reply,
                None => handle(&worker, arrival, request).await,
            };
            Ok::<_, Infallible>(framed(reply, under_way).await)
        }
    });
    let connection = http2::Builder::new(TokioExecutor::new())
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADERS)
        .max_pending_accept_reset_streams(MOST_RESETS)
        .max_local_error_reset_streams(MOST_RESETS)
        .serve_connection(TokioIo::new(wire), service);
    let _ = watcher.watch(connection).await;
}

/// HTTP/2's own form of "one Host": one authority, and no other beside it (RFC 9113, section 8.3.1).
fn misdirected(worker: &Worker, request: &Request<Incoming>) -> Option<Reply> {
    let text = "text/plain; charset=utf-8";
    let mut hosts = request.headers().get_all(header::HOST).iter().map(header::HeaderValue::as_bytes);
    let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let host = hosts.next();
    let agree = match (authority, host) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => true,
    };
    let Some(name) = authority.or(host).filter(|name| is_authority(name)) else {
        return Some(reply::plain(400, "the authority is missing or is none\n".into(), text));
    };
    if !agree || hosts.next().is_some() {
        return Some(reply::plain(
            400,
            "the Host header names another host than the authority\n".into(),
            text,
        ));
    }
    let view = worker.view();
    let hosts = &view.snapshot.config.listen.hosts;
    (!hosts.is_empty() && !is_ours(hosts, name))
        .then(|| reply::plain(421, format!("{MISDIRECTED}\n").into(), text))
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
async fn framed(mut reply: Reply, mut under_way: UnderWay) -> Reply {
    reply.headers_mut().remove(header::CONNECTION);
    let (parts, body) = reply.into_parts();
    #[allow(clippy::disallowed_methods)] // it is our own and whole
    let Ok(whole) = body.collect().await;
    under_way.bytes = whole.to_bytes();
    let body = if under_way.bytes.is_empty() { Bytes::new() } else { Bytes::from_owner(under_way) };
    Reply::from_parts(parts, Full::new(body))
}
