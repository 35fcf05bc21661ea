//! The one place where a request's body is read: under a cap and a deadline.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::{HeaderMap, header};

use crate::reject::Reject;

/// Reads a body to its end.
///
/// # Errors
/// TOOLARGE over `cap` bytes, OVERLOAD where long bodies have no room left, BADREQUEST for a body that breaks off, is framed wrongly, comes too
/// slowly or is compressed. After an error the rest of the body is still on the wire: the connection
/// must end with the reply.
pub async fn read(
    headers: &HeaderMap,
    body: Incoming,
    cap: usize,
    deadline: Duration,
    held: &mut Held<'_>,
) -> Result<Bytes, Reject> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Reject::BadRequest(
            "the body is compressed: send it plain, without Content-Encoding".into(),
        ));
    }
    if body.size_hint().lower() > cap as u64 {
        return Err(too_large(cap));
    }
    let slow = |_| Reject::SlowBody(deadline.as_millis());
    tokio::time::timeout(deadline, gather(body, cap, held)).await.map_err(slow)?
}

async fn gather(mut body: Incoming, cap: usize, held: &mut Held<'_>) -> Result<Bytes, Reject> {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |_| Reject::BadRequest("the body breaks off or is framed wrongly".into());
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        let length = first.as_ref().map_or(0, Bytes::len) + whole.len() + data.len();
        if length > cap {
            return Err(too_large(cap));
        }
        held.grow(length)?;
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

/// Bodies up to this length are always taken: their number is bounded by that of connections.
const SHORT: usize = 64 * 1024;

/// What long bodies take of a worker's memory.
#[derive(Debug, Default)]
pub struct Room(AtomicUsize);

/// One body's part of it, until it is dropped.
pub struct Held<'r> {
    room: &'r AtomicUsize,
    most: usize,
    bytes: usize,
}

impl Room {
    /// For a body that is about to come, where all together may take `most` bytes.
    #[must_use]
    pub fn hold(&self, most: usize) -> Held<'_> {
        Held { room: &self.0, most, bytes: 0 }
    }
}

impl Held<'_> {
    fn grow(&mut self, length: usize) -> Result<(), Reject> {
        let more = length.saturating_sub(SHORT).saturating_sub(self.bytes);
        if more > 0 {
            self.bytes += more;
            if self.room.fetch_add(more, Relaxed) + more > self.most {
                return Err(Reject::Overload(
                    "long bodies take all the memory that there is for them (cap.bodies)",
                ));
            }
        }
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.room.fetch_sub(self.bytes, Relaxed);
        }
    }
}

fn too_large(cap: usize) -> Reject {
    Reject::TooLarge { what: "the body, in bytes,", limit: cap, setting: "cap.body" }
}

#[cfg(test)]
mod tests {
    use super::{Room, SHORT};
    use crate::reject::Reject;

    #[test]
    fn long_bodies_share_a_room_and_short_ones_need_none() {
        let room = Room::default();
        let (mut one, mut other) = (room.hold(1000), room.hold(1000));
        assert_eq!((one.grow(SHORT), one.grow(SHORT + 600)), (Ok(()), Ok(())));
        assert_eq!((other.grow(SHORT + 400), one.grow(SHORT + 600)), (Ok(()), Ok(())));
        assert!(matches!(other.grow(SHORT + 401), Err(Reject::Overload(_))));
        assert_eq!(room.hold(1000).grow(SHORT), Ok(()));
        drop((one, other));
        assert_eq!(room.hold(1000).grow(SHORT + 1000), Ok(()));
    }
}
