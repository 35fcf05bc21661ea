//! The one place where a request's body is read: under a cap and a deadline.

use std::time::Duration;

use bytes::Bytes;

use crate::http::connection::body::{H1Body, Loss};
use crate::http::connection::memory::{Full, Reservation};
use crate::http::h2::body::H2Body;
use crate::protocol::reject::Reject;

/// A request's body, as each version of HTTP has it.
pub enum Body<'w> {
    /// There is none.
    Empty,
    /// HTTP/1's.
    Line(H1Body<'w>),
    /// HTTP/2's.
    H2(H2Body<'w>),
}

/// A body that is whole, and its part of the worker's memory.
pub struct WholeBody {
    /// Its bytes.
    pub bytes: Bytes,
    /// What it takes.
    pub memory: BodyMemory,
}

/// What a request takes of the worker's memory, for as long as this lives.
pub struct BodyMemory {
    held: Option<Reservation>,
    most: usize,
}

impl BodyMemory {
    fn of(body: &Body<'_>, most: Most) -> Self {
        Self { held: body.held(), most: most.memory }
    }

    /// Takes so many bytes in all, if it does not have as many already.
    ///
    /// # Errors
    /// OVERLOAD, where long requests have no room left.
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
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// What it will take of the worker's memory: nothing so far.
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

/// What a body may be.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Its length, in bytes.
    pub length: usize,
    /// What long ones may take of a worker's memory together, in bytes.
    pub memory: usize,
    /// How long it may take to come.
    pub time: Duration,
}

/// Reads a body to its end.
///
/// # Errors
/// TOOLARGE over its length, OVERLOAD where long bodies have no room left, BADREQUEST for a body that
/// breaks off, is framed wrongly, comes too slowly or is compressed. After an error the rest of the body
/// is still on the wire: the connection must end with the reply.
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
        // The wire has a clock of its own for it.
        Body::Empty | Body::Line(_) => gather(body, most).await,
        Body::H2(frames) => {
            let state = frames.link().state;
            let gathered = tokio::time::timeout(most.time, gather(Body::H2(frames), most)).await;
            gathered.unwrap_or_else(|_| {
                // As with HTTP/1, the connection ends with it.
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
        // One piece is the rule: it is kept as it is. A part of more is copied, since a small piece may hold all
        // of the memory that it came in.
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

/// The next piece; a long body may have to make room meanwhile.
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
