//! The one place where a request's body is read: under a cap and a deadline.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::{HeaderMap, header};

use crate::reject::Reject;

/// Reads a body to its end.
///
/// # Errors
/// TOOLARGE over `cap` bytes, BADREQUEST for a body that breaks off, is framed wrongly, comes too
/// slowly or is compressed. After an error the rest of the body is still on the wire: the connection
/// must end with the reply.
pub async fn read(
    headers: &HeaderMap,
    body: Incoming,
    cap: usize,
    deadline: Duration,
) -> Result<Bytes, Reject> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if let Some(encoding) = headers.get(header::CONTENT_ENCODING)
        && !encoding.as_bytes().eq_ignore_ascii_case(b"identity")
    {
        return Err(Reject::BadRequest(
            "the body is compressed: send it plain, without Content-Encoding".into(),
        ));
    }
    if body.size_hint().lower() > cap as u64 {
        return Err(too_large(cap));
    }
    let slow = |_| Reject::SlowBody(deadline.as_millis());
    tokio::time::timeout(deadline, gather(body, cap)).await.map_err(slow)?
}

async fn gather(mut body: Incoming, cap: usize) -> Result<Bytes, Reject> {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |_| Reject::BadRequest("the body breaks off or is framed wrongly".into());
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if first.as_ref().map_or(0, Bytes::len) + whole.len() + data.len() > cap {
            return Err(too_large(cap));
        }
        // One piece is the rule: it is kept as it is, and copied only when a second one comes.
        match &first {
            None => first = Some(data),
            Some(piece) => {
                if whole.is_empty() {
                    whole.extend_from_slice(piece);
                    first = Some(Bytes::new());
                }
                whole.extend_from_slice(&data);
            }
        }
    }
    Ok(if whole.is_empty() { first.unwrap_or_default() } else { whole.freeze() })
}

fn too_large(cap: usize) -> Reject {
    Reject::TooLarge { what: "the body, in bytes,", limit: cap, setting: "cap.body" }
}
