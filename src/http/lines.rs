//! HTTP/1 with one client: one request after the other, each framed without a doubt before anybody
//! believes it, and not a byte of the next before the last one has its answer.

mod write;

use std::io;
use std::sync::Arc;

use hyper::Method;
use tokio::time::Instant;

use super::asked::Asked;
use super::body::Body;
use super::connection::body::LineBody;
use crate::handle::handle;
use crate::http::connection::heading::Phase;
use crate::http::connection::wire::{End, Wire};
use crate::http::net::stream::Stream;
use crate::http::net::turn;
use crate::http::proto::head::{Framing, Head, Refusal, Rules};
use crate::snapshot::worker::Worker;

/// Speaks HTTP/1 until one of the two ends it.
pub async fn speak(mut wire: Wire<Stream>, rules: Rules, worker: Arc<Worker>) {
    loop {
        match exchange(&mut wire, &rules, &worker).await {
            Ok(true) => {}
            Ok(false) | Err(End::Left | End::Late) => return wire.close().await,
            Err(End::Refused(refusal)) => {
                worker.cells.refused_head(refusal.status);
                return wire.part(write::refusal(refusal)).await;
            }
            Err(End::Broken(_)) => return,
        }
    }
}

/// One request and its answer; whether another may follow.
async fn exchange(wire: &mut Wire<Stream>, rules: &Rules, worker: &Worker) -> Result<bool, End> {
    let bytes = wire.head(rules).await?;
    let Head { method, path, query, fields, framing, expects, is_1_0, stays } = rules.read(&bytes)?;
    let method = Method::from_bytes(method).map_err(|_| NO_METHOD)?;
    let is_head = method == Method::HEAD;
    let has_body = !matches!(framing, Framing::Nothing | Framing::Length(0));
    let at = Instant::now();
    let peer = wire.heading().begin_line(if has_body { Phase::Body } else { Phase::Serving }, at);
    let asked = Asked { at, peer, method, path, query, fields };
    let body = if has_body { Body::Line(LineBody::new(wire, framing, expects)) } else { Body::Empty };
    let mut reply = handle(worker, asked, body).await;
    reply.ends |= !stays;
    let (written, rest) = write::reply(&reply, is_1_0, is_head);
    turn::behind_others().await;
    wire.send(&written).await?;
    if !rest.is_empty() {
        wire.send(rest).await?;
    }
    if reply.ends {
        return Ok(false);
    }
    wire.heading().enter(Phase::Resting);
    wire.reuse(bytes);
    Ok(true)
}

const NO_METHOD: Refusal = Refusal { status: 400, why: "the method is no token" };

impl From<io::Error> for End {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}
