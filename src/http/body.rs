//! The one place where a request's body is read: under a cap and a deadline.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

use crate::http::connection::body::{LineBody, Loss};
use crate::protocol::reject::Reject;

/// A request's body, as each version of HTTP has it.
pub enum Body<'w> {
    /// There is none.
    Empty,
    /// HTTP/1's.
    Line(LineBody<'w>),
    /// HTTP/2's.
    Frames(Incoming),
}

impl Body<'_> {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn at_least(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Line(body) => body.at_least(),
            Self::Frames(body) => body.size_hint().lower(),
        }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Loss> {
        match self {
            Self::Empty => Ok(None),
            Self::Line(body) => body.piece().await,
            Self::Frames(body) => loop {
                match body.frame().await {
                    None => return Ok(None),
                    Some(Err(_)) => return Err(Loss::Broken),
                    Some(Ok(frame)) => {
                        if let Ok(data) = frame.into_data() {
                            return Ok(Some(data));
                        }
                    }
                }
            },
        }
    }
}

/// Reads a body to its end.
///
/// # Errors
/// TOOLARGE over `cap` bytes, OVERLOAD where long bodies have no room left, BADREQUEST for a body that
/// breaks off, is framed wrongly, comes too slowly or is compressed. After an error the rest of the body
/// is still on the wire: the connection must end with the reply.
pub async fn read(
    is_compressed: bool,
    body: Body<'_>,
    cap: usize,
    deadline: Duration,
    held: &mut Held<'_>,
) -> Result<Bytes, Reject> {
    if body.is_empty() {
        return Ok(Bytes::new());
    }
    if is_compressed {
        return Err(Reject::BadRequest(
            "the body is compressed: send it plain, without Content-Encoding".into(),
        ));
    }
    if body.at_least() > cap as u64 {
        return Err(too_large(cap));
    }
    let lost = |loss| match loss {
        Loss::Late => Reject::SlowBody(deadline.as_millis()),
        Loss::Broken => Reject::BadRequest("the body breaks off or is framed wrongly".into()),
    };
    match body {
        // The wire has a clock of its own for it.
        Body::Empty | Body::Line(_) => gather(body, cap, held, lost).await,
        Body::Frames(_) => {
            let gathered = tokio::time::timeout(deadline, gather(body, cap, held, lost)).await;
            gathered.unwrap_or_else(|_| Err(lost(Loss::Late)))
        }
    }
}

async fn gather(
    mut body: Body<'_>,
    cap: usize,
    held: &mut Held<'_>,
    lost: impl Fn(Loss) -> Reject,
) -> Result<Bytes, Reject> {
    let mut first: Option<Bytes> = None;
    let mut whole = BytesMut::new();
    while let Some(data) = body.piece().await.map_err(&lost)? {
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
    use crate::protocol::reject::Reject;

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
