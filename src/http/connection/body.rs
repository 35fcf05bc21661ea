//! A body of HTTP/1, piece by piece.

use bytes::Bytes;

use crate::http::connection::io::{Connection, End};
use crate::http::connection::memory::Link;
use crate::http::connection::phase::Phase;
use crate::http::net::stream::Stream;
use crate::http::proto::chunks::Chunks;
use crate::http::proto::head::Framing;

/// A body that is still on the wire, or a part of it.
pub struct H1Body<'w> {
    connection: &'w mut Connection<Stream>,
    due: Due,
    /// Whether the client waits for a word before it sends the body.
    expects: bool,
}

/// What of it is still due.
enum Due {
    Bytes(u64),
    Chunks(Chunks),
    Nothing,
}

/// Why the rest of a body cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// It did not come in time.
    Late,
    /// It breaks off, or is framed wrongly.
    Broken,
}

impl From<End> for Loss {
    fn from(end: End) -> Self {
        match end {
            End::Late => Self::Late,
            End::Left | End::Refused(_) | End::Broken(_) => Self::Broken,
        }
    }
}

impl<'w> H1Body<'w> {
    /// The body behind a head.
    pub fn new(connection: &'w mut Connection<Stream>, framing: Framing, expects: bool) -> Self {
        let due = match framing {
            Framing::Nothing => Due::Nothing,
            Framing::Length(length) => Due::Bytes(length),
            Framing::Chunks => Due::Chunks(Chunks::default()),
        };
        Self { connection, due, expects }
    }

    /// How many bytes there are at least.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        if let Due::Bytes(length) = self.due { length } else { 0 }
    }

    /// The connection that it comes on.
    #[must_use]
    pub fn link(&self) -> Link {
        self.connection.link().clone()
    }

    /// Whether all of it has come.
    #[must_use]
    pub fn is_at_its_end(&self) -> bool {
        matches!(self.due, Due::Nothing)
    }

    /// Its next piece; none behind the last one.
    ///
    /// # Errors
    /// That the rest cannot be had.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Loss> {
        if std::mem::take(&mut self.expects) {
            self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n").await.map_err(|_| Loss::Broken)?;
        }
        loop {
            if matches!(self.due, Due::Nothing) {
                return Ok(None);
            }
            if self.connection.waiting().is_empty() {
                self.connection.fill().await?;
            }
            let piece = self.take()?;
            if matches!(self.due, Due::Nothing) {
                self.connection.state().enter(Phase::Serving);
            }
            if !piece.is_empty() {
                return Ok(Some(piece));
            }
        }
    }

    /// Takes what waits and belongs to the body.
    fn take(&mut self) -> Result<Bytes, Loss> {
        let waiting = self.connection.waiting();
        let (piece, is_whole) = match &mut self.due {
            Due::Nothing => return Ok(Bytes::new()),
            Due::Bytes(left) => {
                let taken = waiting.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                let is_whole = *left == 0;
                (self.connection.take_out(taken).freeze(), is_whole)
            }
            Due::Chunks(chunks) => {
                let mut data = Vec::new();
                let end = chunks.walk(waiting, &mut data).map_err(|_| Loss::Broken)?;
                let taken = end.unwrap_or(waiting.len());
                self.connection.take_out(taken);
                (data.into(), end.is_some())
            }
        };
        if is_whole {
            self.due = Due::Nothing;
        }
        Ok(piece)
    }
}
