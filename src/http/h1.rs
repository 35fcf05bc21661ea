//! HTTP/1 with one client: one request after the other. Each request's framing is checked before it is handled,
//! and the next one is not looked at before the last has its answer.

mod write;

use std::io;
use std::time::Duration;

use hyper::Method;
use tokio::time::{Instant, timeout};

use crate::http::body::Body;
use crate::http::connection::body::H1Body;
use crate::http::connection::io::{Connection, End};
use crate::http::connection::phase::Phase;
use crate::http::handler::Handler;
use crate::http::net::presence::Presence;
use crate::http::net::stream::Stream;
use crate::http::net::turn;
use crate::http::proto::head::{Framing, Head};
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Feed, Reply, refused};
use crate::http::request::{Came, Request, header};

pub use write::refusal;

/// How often it is looked whether the client of a feed has left, while nothing comes.
const GLANCE: Duration = Duration::from_secs(1);

/// Serves requests until the client or the gateway ends the connection.
pub async fn speak<H: Handler>(mut connection: Connection<Stream>, handler: &H) {
    let presence = Presence::of(connection.stream().tcp().clone());
    let mut is_reused = false;
    loop {
        match exchange(&mut connection, is_reused, &presence, handler).await {
            Ok(true) => is_reused = true,
            Ok(false) | Err(End::Left | End::Late) => return connection.close().await,
            Err(End::Refused(refusal)) => {
                handler.refused(connection.state().peer(), refusal, Instant::now());
                return connection.close_with(write::refusal(refusal)).await;
            }
            Err(End::Misdirected(told)) => {
                let refusal = HeadReject::Misdirected;
                handler.refused(connection.state().peer(), refusal, Instant::now());
                let reply = Reply { body: told.into(), ..refused(refusal) };
                return connection.close_with(write::last(&reply)).await;
            }
            Err(End::Broken(_)) => return,
        }
    }
}

/// Serves one request; returns whether another may follow.
async fn exchange<H: Handler>(
    connection: &mut Connection<Stream>,
    is_reused: bool,
    presence: &Presence,
    handler: &H,
) -> Result<bool, End> {
    let bytes = connection.head().await?;
    let head = connection.understand(&bytes).map_err(|end| misdirected(end.into(), &bytes, handler))?;
    let Head { path, query, ref fields, lines, framing, expects, is_1_0, stays, .. } = head;
    let method = Method::from_bytes(head.method).map_err(|_| HeadReject::Method)?;
    let is_head = method == Method::HEAD;
    let has_body = !matches!(framing, Framing::Nothing | Framing::Length(0));
    let at = Instant::now();
    let peer = connection.state().begin_h1(if has_body { Phase::Body } else { Phase::Serving }, at);
    let came = Came { version: if is_1_0 { "1.0" } else { "1.1" }, is_reused };
    let request = Request { at, authority: b"", peer, came, method, path, query, fields, lines, presence };
    let body = if has_body { Body::Line(H1Body::new(connection, framing, expects)) } else { Body::Empty };
    let mut reply = handler.handle(&request, body).await;
    // What is left of a body must not be read as a request, whatever the handler says.
    let is_left = has_body && connection.state().phase().0 == Phase::Body;
    reply.ends |= !stays || is_left;
    let (written, rest) = write::reply(&reply, is_1_0, is_head, connection.rests());
    turn::yield_to_ready().await;
    connection.send(&written).await?;
    if !rest.is_empty() {
        connection.send(rest).await?;
    }
    if let Some(feed) = reply.feed.take().filter(|_| !is_head) {
        // In memory of its own, since few connections have one.
        Box::pin(pass_on(connection, presence, *feed)).await?;
    }
    if reply.ends {
        return Ok(false);
    }
    connection.state().enter(Phase::Resting);
    drop(head);
    connection.reuse(bytes);
    Ok(true)
}

/// Tells a client that asks for another host which one that was, where the handler has words for it.
#[cold]
fn misdirected<H: Handler>(end: End, head: &[u8], handler: &H) -> End {
    let told = match end {
        End::Refused(HeadReject::Misdirected) => {
            let host = header(head, "host").map(String::from_utf8_lossy);
            host.and_then(|host| handler.misdirected(&host))
        }
        _ => None,
    };
    told.map_or(end, End::Misdirected)
}

/// Sends the pieces of a reply as they come, until there is no more or the client has left.
async fn pass_on(connection: &mut Connection<Stream>, presence: &Presence, mut feed: Feed) -> io::Result<()> {
    loop {
        match timeout(GLANCE, feed.recv()).await {
            Ok(Some(piece)) => connection.send(&piece).await?,
            Ok(None) => return Ok(()),
            Err(_) if presence.has_left() => return Ok(()),
            Err(_) => {}
        }
    }
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}
