//! Reads a request's body to its end, under a cap and a deadline; `handle` calls it.

use std::time::Duration;

use bytes::Bytes;

use crate::http::connection::body::{H1Body, Loss};
use crate::http::connection::memory::{Full, Reservation};
use crate::http::h2::body::H2Body;
use crate::protocol::reject::Reject;

/// A request's body, by version of HTTP.
pub enum Body<'w> {
    /// The request has no body.
    Empty,
    /// A body over HTTP/1.
    Line(H1Body<'w>),
    /// A body over HTTP/2.
    H2(H2Body<'w>),
}

/// A whole body, and the worker's memory that is reserved for it.
pub struct WholeBody {
    /// Its bytes.
    pub bytes: Bytes,
    /// The memory that is reserved for it.
    pub memory: BodyMemory,
}

/// The worker's memory that a request takes, until this is dropped.
pub struct BodyMemory {
    held: Option<Reservation>,
    most: usize,
}

impl BodyMemory {
    fn of(body: &Body<'_>, most: Most) -> Self {
        Self { held: body.held(), most: most.memory }
    }

    /// Raises the reservation to `bytes` in all; a larger one stays as it is.
    ///
    /// # Errors
    /// OVERLOAD, when long requests have used up their memory.
    #[inline]
    pub fn take(&mut self, bytes: usize) -> Result<(), Reject> {
        let grown = self.held.as_mut().map_or(Ok(()), |held| held.grow(bytes, self.most));
        grown.map_err(|Full| NO_MEMORY)
    }

    fn long(&self) -> Option<&Reservation> {
        self.held.as_ref().filter(|held| held.is_long())
    }
}

impl Body<'_> {
    /// Whether the request has no body.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// An empty reservation on the body's connection.
    fn held(&self) -> Option<Reservation> {
        match self {
            Self::Empty => None,
            Self::Line(body) => Some(Reservation::nothing(body.link())),
            Self::H2(body) => Some(Reservation::nothing(body.link())),
        }
    }

    fn at_least(&self) -> u64 {
        match self {
            Self::Empty => 0,
            Self::Line(body) => body.at_least(),
            Self::H2(body) => body.at_least(),
        }
    }

    fn is_at_its_end(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Line(body) => body.is_at_its_end(),
            Self::H2(body) => body.is_at_its_end(),
        }
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Loss> {
        match self {
            Self::Empty => Ok(None),
            Self::Line(body) => body.piece().await,
            Self::H2(body) => body.piece().await,
        }
    }
}

/// The caps of a body.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// The longest body, in bytes.
    pub length: usize,
    /// The most of a worker's memory that long requests may take together, in bytes.
    pub memory: usize,
    /// How long the body may take to arrive.
    pub time: Duration,
}

/// Reads a body to its end.
///
/// # Errors
/// TOOLARGE over its length, OVERLOAD when long bodies have used up their memory, BADREQUEST for a body that
/// breaks off, is framed wrongly, comes too slowly or is compressed. After an error the rest of the body is
/// unread: the connection must end with the reply.
pub async fn read(coding: Option<&str>, body: Body<'_>, most: Most) -> Result<WholeBody, Reject> {
    if body.is_empty() {
        return Ok(WholeBody { bytes: Bytes::new(), memory: BodyMemory::of(&body, most) });
    }
    if let Some(coding) = coding {
        return Err(compressed(coding));
    }
    if body.at_least() > most.length as u64 {
        return Err(too_large(most.length));
    }
    match body {
        // An HTTP/1 connection counts the body's deadline itself.
        Body::Empty | Body::Line(_) => gather(body, most).await,
        Body::H2(frames) => {
            let state = frames.link().state;
            let gathered = tokio::time::timeout(most.time, gather(Body::H2(frames), most)).await;
            gathered.unwrap_or_else(|_| {
                // The connection ends with the reply, as over HTTP/1.
                state.dismiss();
                Err(lost(Loss::Late, most))
            })
        }
    }
}

fn compressed(coding: &str) -> Reject {
    let what = format!("the body is compressed by {coding}: send it plain, without Content-Encoding");
    Reject::BadRequest(what.into())
}

fn lost(loss: Loss, most: Most) -> Reject {
    match loss {
        Loss::Late => Reject::SlowBody(most.time.as_millis()),
        Loss::Broken => Reject::BadRequest("the body breaks off or is framed wrongly".into()),
    }
}

async fn gather(mut body: Body<'_>, most: Most) -> Result<WholeBody, Reject> {
    let mut memory = BodyMemory::of(&body, most);
    let mut whole = Vec::new();
    while let Some(piece) = next(&mut body, &memory, most).await? {
        let length = whole.len() + piece.len();
        if length > most.length {
            return Err(too_large(most.length));
        }
        // A body that comes in one piece, as most do, is kept as it is. Several pieces are copied, since a
        // small one may hold all the memory that it arrived in.
        if whole.is_empty() && body.is_at_its_end() {
            memory.take(length)?;
            return Ok(WholeBody { bytes: piece, memory });
        }
        if length > whole.capacity() {
            let capacity = length.next_power_of_two().min(most.length);
            memory.take(capacity)?;
            whole.reserve_exact(capacity - whole.len());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(WholeBody { bytes: whole.into(), memory })
}

/// Waits for the next piece; a long body may be evicted meanwhile.
async fn next(body: &mut Body<'_>, memory: &BodyMemory, most: Most) -> Result<Option<Bytes>, Reject> {
    let piece = match memory.long() {
        None => body.piece().await,
        Some(held) => tokio::select! {
            biased;
            () = held.evicted() => return Err(NO_MEMORY),
            piece = body.piece() => piece,
        },
    };
    piece.map_err(|loss| lost(loss, most))
}

const NO_MEMORY: Reject =
    Reject::Overload("long bodies take all the memory that there is for them (cap.bodies)");

fn too_large(cap: usize) -> Reject {
    Reject::TooLarge { what: "the body, in bytes,", limit: cap, setting: "cap.body" }
}
