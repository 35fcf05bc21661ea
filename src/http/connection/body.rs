//! A request's body over HTTP/1, read from the connection piece by piece.

use bytes::Bytes;

use crate::http::connection::io::{Connection, End};
use crate::http::connection::memory::Link;
use crate::http::connection::phase::Phase;
use crate::http::net::stream::Stream;
use crate::http::proto::chunks::Chunks;
use crate::http::proto::head::Framing;

/// A body, of which some may still be unread.
pub struct H1Body<'w> {
    connection: &'w mut Connection<Stream>,
    due: Due,
    /// Whether the client waits for `100 Continue` before it sends the body.
    expects: bool,
}

/// The part of a body that is still unread.
enum Due {
    Bytes(u64),
    Chunks(Chunks),
    Nothing,
}

/// Why the rest of a body does not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The deadline has passed.
    Late,
    /// The body breaks off, or is framed wrongly.
    Broken,
}

impl From<End> for Loss {
    fn from(end: End) -> Self {
        match end {
            End::Late => Self::Late,
            End::Left | End::Refused(_) | End::Misdirected(_) | End::Broken(_) => Self::Broken,
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

    /// The least number of bytes that are still unread; 0 for chunks, whose length is not announced.
    #[must_use]
    pub fn at_least(&self) -> u64 {
        if let Due::Bytes(length) = self.due { length } else { 0 }
    }

    /// The connection that the body comes on.
    #[must_use]
    pub fn link(&self) -> Link {
        self.connection.link().clone()
    }

    /// Whether the whole body has been read.
    #[must_use]
    pub fn is_at_its_end(&self) -> bool {
        matches!(self.due, Due::Nothing)
    }

    /// Waits for the next piece; `None` after the last one.
    ///
    /// # Errors
    /// [`Loss`], when the rest does not arrive.
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

    /// Takes the waiting bytes that belong to the body.
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
