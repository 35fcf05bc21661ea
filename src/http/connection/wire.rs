//! A client's connection as bytes under deadlines: its first byte, a request's head and body, the rest
//! between two requests, and a client that does not take its answer each have a time of their own.

mod inbox;
mod write;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::farewell::Farewell;
use super::heading::{Heading, Phase};
use crate::config::Deadlines;
use crate::http::net::alarm::Alarm;
use crate::http::net::stream::with_scratch;
use crate::http::proto::head::{Refusal, Rules};
use inbox::Inbox;

/// What an HTTP/2 connection begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const SLOW_HEAD: Refusal =
    Refusal { status: 408, why: "the headers did not come in time (deadline.head): send them at once" };

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0 or 1.1.
    One,
    /// HTTP/2.
    Two,
}

/// A client's stream.
pub struct Wire<S> {
    stream: S,
    heading: Arc<Heading>,
    deadlines: Deadlines,
    inbox: Inbox,
    alarm: Alarm,
    stalled: Option<Pin<Box<Sleep>>>,
    farewell: Option<Farewell>,
    has_left: bool,
    is_framed: bool,
}

/// Why there are no more bytes.
#[derive(Debug)]
pub enum End {
    /// The client has left, or has nothing under way and its time is over.
    Left,
    /// A body has not come in time.
    Late,
    /// What it sent is not taken, and it is told so.
    Refused(Refusal),
    /// The socket failed.
    Broken(io::Error),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<S> Wire<S> {
    /// Watches a fresh connection.
    pub fn new(stream: S, heading: Arc<Heading>, deadlines: Deadlines) -> Self {
        Self {
            stream,
            heading,
            deadlines,
            inbox: Inbox::default(),
            alarm: Alarm::new(Instant::now() + deadlines.first_byte),
            stalled: None,
            farewell: None,
            has_left: false,
            is_framed: false,
        }
    }

    /// Where the connection stands.
    #[must_use]
    pub fn heading(&self) -> &Heading {
        &self.heading
    }

    /// The client speaks HTTP/2: its bytes are for another reader.
    pub fn pass_frames(&mut self) {
        self.is_framed = true;
        self.heading.is_framed();
        self.heading.enter(Phase::Resting);
    }

    /// What has come and nobody has taken.
    #[must_use]
    pub fn waiting(&self) -> &[u8] {
        self.inbox.bytes()
    }

    /// Takes the first `count` bytes of what waits.
    pub fn take_out(&mut self, count: usize) -> BytesMut {
        self.inbox.take(count)
    }

    /// Gives back the room of bytes that are done with.
    pub fn reuse(&mut self, room: BytesMut) {
        self.inbox.reuse(room);
    }

    /// When the time of a phase that began at `since` is over, if it has one.
    fn due(&self, phase: Phase, since: Instant) -> Option<Instant> {
        let Deadlines { first_byte, head, body, idle, queue, total, write, .. } = self.deadlines;
        let time = match phase {
            Phase::Silent => first_byte,
            Phase::Head => head,
            Phase::Body => body,
            Phase::Resting => idle,
            // A client can leave answers lying by HTTP/2's own means, which no socket shows.
            Phase::Serving if self.is_framed => body + queue + total + write,
            // An answer's time is counted where it is fetched.
            Phase::Shaking | Phase::Serving | Phase::Leaving => return None,
        };
        Some(since + time)
    }
}

impl<S: AsyncRead + Unpin> Wire<S> {
    /// Finds out which version the client speaks, by its first bytes alone.
    ///
    /// # Errors
    /// That it left, or took longer than the first byte may take.
    pub async fn sniff(&mut self) -> Result<Version, End> {
        loop {
            let come = self.inbox.bytes();
            let common = come.len().min(PREFACE.len());
            if come[..common] != PREFACE[..common] {
                return Ok(Version::One);
            }
            if common == PREFACE.len() {
                return Ok(Version::Two);
            }
            self.fill().await?;
        }
    }

    /// Waits for a request's head and takes it.
    ///
    /// # Errors
    /// That none comes, or none that could be taken.
    pub async fn head(&mut self, rules: &Rules) -> Result<BytesMut, End> {
        loop {
            if let Some(head) = self.inbox.take_head(rules)? {
                return Ok(head);
            }
            if !self.inbox.bytes().is_empty() {
                self.heading.enter(Phase::Head);
            }
            self.fill().await?;
        }
    }

    /// Waits for more bytes, within the phase's deadline.
    ///
    /// # Errors
    /// That none come.
    pub async fn fill(&mut self) -> Result<(), End> {
        poll_fn(|cx| self.poll_fill(cx)).await
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), End>> {
        with_scratch(|read| {
            ready!(self.poll_stream(cx, read))?;
            self.inbox.push(read.filled());
            Poll::Ready(Ok(()))
        })
    }

    /// Reads from the client, within the phase's deadline.
    fn poll_stream(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<(), End>> {
        let before = buf.filled().len();
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                self.has_left = buf.filled().len() == before;
                Poll::Ready(if self.has_left { Err(End::Left) } else { Ok(()) })
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(End::Broken(error))),
            Poll::Pending => self.poll_overdue(cx).map(Err),
        }
    }

    /// Why it makes no sense to wait any longer.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let stands =
            if self.is_framed { Some(self.heading.phase()) } else { self.heading.unless_dismissed(cx) };
        let Some((phase, since)) = stands else {
            return Poll::Ready(End::Left);
        };
        let Some(due) = self.due(phase, since) else {
            return Poll::Pending;
        };
        ready!(self.alarm.poll(cx, due));
        Poll::Ready(match phase {
            Phase::Head => End::Refused(SLOW_HEAD),
            Phase::Body => End::Late,
            // Nothing was under way: it is as if the client had left.
            _ => End::Left,
        })
    }
}

/// What another reader gets of the connection: HTTP/2's frames.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.inbox.bytes().is_empty() {
            let count = this.inbox.bytes().len().min(buf.remaining());
            buf.put_slice(&this.inbox.take(count));
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(match ready!(this.poll_stream(cx, buf)) {
            Ok(()) | Err(End::Left | End::Late | End::Refused(_)) => Ok(()),
            Err(End::Broken(error)) => Err(error),
        })
    }
}

#[cfg(test)]
mod tests;
