//! A client connection as bytes under deadlines, with one each for its first byte, a request's head, its body,
//! the rest between two requests, and the time in which the client takes an answer.

mod inbox;
mod write;

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::config::Deadlines;
use crate::http::connection::lingering_close::{self, LingeringClose};
use crate::http::connection::memory::{Full, Link, Reservation};
use crate::http::connection::phase::Phase;
use crate::http::connection::state::ConnectionState;
use crate::http::net::alarm::Alarm;
use crate::http::net::stream::with_scratch;
use crate::http::proto::head::Head;
use crate::http::proto::head_reject::HeadReject;
use crate::http::proto::version::Version;
use crate::http::terms::Current;
use inbox::Inbox;
pub use write::time_to_take;

/// The first bytes of an HTTP/2 connection (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Waiting bytes up to this length are not counted: a connection itself takes more of the system.
const UNCOUNTED: usize = 4 * 1024;

/// A client connection over the stream `S`.
pub struct Connection<S> {
    stream: S,
    link: Link,
    terms: Current,
    inbox: Inbox,
    /// The memory that is reserved for a long head, until its request is answered.
    held: Option<Reservation>,
    alarm: Alarm,
    stalled: Option<Stalled>,
    lingering_close: Option<LingeringClose>,
    has_left: bool,
    speaks_h2: bool,
}

/// The deadlines of a client that takes an answer more slowly than it is sent.
struct Stalled {
    /// Fires when the client has taken nothing for too long, and at `until`.
    timer: Pin<Box<Sleep>>,
    /// When the client must have taken everything.
    until: Instant,
    /// Whether the client has taken something since the timer was set.
    is_moving: bool,
}

/// Why no more bytes come.
#[derive(Debug)]
pub enum End {
    /// The client has left, or its time is over with nothing under way.
    Left,
    /// A body has not arrived in time.
    Late,
    /// The head is refused, and the client gets an answer that says so.
    Refused(HeadReject),
    /// Another host is asked, and the client is told this.
    Misdirected(String),
    /// The socket failed.
    Broken(io::Error),
}

impl From<HeadReject> for End {
    fn from(refusal: HeadReject) -> Self {
        Self::Refused(refusal)
    }
}

impl<S> Connection<S> {
    /// Wraps a fresh connection, whose first byte is now due.
    pub fn new(stream: S, link: Link, mut terms: Current) -> Self {
        let first_byte = terms.now().deadlines.first_byte;
        Self {
            stream,
            link,
            terms,
            inbox: Inbox::default(),
            held: None,
            alarm: Alarm::new(Instant::now() + first_byte),
            stalled: None,
            lingering_close: None,
            has_left: false,
            speaks_h2: false,
        }
    }

    /// The underlying stream.
    #[must_use]
    pub fn stream(&self) -> &S {
        &self.stream
    }

    /// The connection's state.
    #[must_use]
    pub fn state(&self) -> &ConnectionState {
        &self.link.state
    }

    /// The connection, with the table that it is in.
    #[must_use]
    pub fn link(&self) -> &Link {
        &self.link
    }

    /// Reads a whole head by the rules in force.
    ///
    /// # Errors
    /// The first thing that is wrong with the head.
    pub fn understand<'h>(&mut self, head: &'h [u8]) -> Result<Head<'h>, HeadReject> {
        self.terms.now().rules.read(head)
    }

    /// For how many seconds a client may count on an idle connection: one less than it stays open, so that a
    /// request that is on its way then still arrives.
    pub fn rests(&mut self) -> u64 {
        self.terms.now().deadlines.idle.as_secs().saturating_sub(1)
    }

    /// Marks the connection as HTTP/2; hyper reads its bytes from now on.
    pub fn pass_h2(&mut self) {
        self.speaks_h2 = true;
        self.link.state.speaks_h2();
    }

    /// Bytes that have arrived and are not taken.
    #[must_use]
    pub fn waiting(&self) -> &[u8] {
        self.inbox.bytes()
    }

    /// Takes the first `count` waiting bytes.
    pub fn take_out(&mut self, count: usize) -> BytesMut {
        self.inbox.take(count)
    }

    /// Gives back the buffer of bytes that are done with.
    pub fn reuse(&mut self, room: BytesMut) {
        self.inbox.reuse(room);
        if self.inbox.len() <= UNCOUNTED {
            self.held = None;
        }
    }

    /// Reserves memory for a long head, as far as it has arrived.
    fn hold(&mut self) -> Result<(), HeadReject> {
        let length = self.inbox.len();
        if length <= UNCOUNTED { Ok(()) } else { self.hold_long(length) }
    }

    #[cold]
    fn hold_long(&mut self, length: usize) -> Result<(), HeadReject> {
        let link = &self.link;
        let held = self.held.get_or_insert_with(|| Reservation::nothing(link.clone()));
        held.grow(length, self.terms.now().memory).map_err(|Full| HeadReject::Memory)
    }

    /// The deadline of a phase that began at `since`, if the phase has one.
    fn due(&mut self, phase: Phase, since: Instant) -> Option<Instant> {
        let Deadlines { first_byte, head, body, idle, .. } = self.terms.now().deadlines;
        // An HTTP/2 client is sent GOAWAY, and has a moment to acknowledge it.
        let dismissed = if self.speaks_h2 { self.link.state.dismissed() } else { None };
        let goes = dismissed.map(|since| since + lingering_close::LONGEST);
        let time = match phase {
            Phase::Silent => first_byte,
            Phase::Head => head,
            Phase::Resting => idle,
            // Each HTTP/2 request has a deadline of its own.
            Phase::Body | Phase::Serving | Phase::Taking if self.speaks_h2 => {
                return self.link.state.until();
            }
            Phase::Body => body,
            // An answer's deadline is counted where it is fetched, and where it is sent.
            Phase::Shaking | Phase::Serving | Phase::Taking | Phase::Leaving => return None,
        };
        Some(goes.map_or(since + time, |goes| goes.min(since + time)))
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    /// Finds out which version of HTTP the client speaks, by its first bytes alone.
    ///
    /// # Errors
    /// The client left, or its first byte came too late.
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
    /// No head arrives, or it is refused.
    pub async fn head(&mut self) -> Result<BytesMut, End> {
        loop {
            if let Some(head) = self.inbox.take_head(&self.terms.now().rules)? {
                return Ok(head);
            }
            if !self.inbox.bytes().is_empty() {
                self.link.state.enter(Phase::Head);
            }
            // Nearly all requests take this branch, so it costs no more than it must.
            if self.held.is_none() {
                self.fill().await?;
            } else {
                self.fill_or_make_room().await?;
            }
            self.hold()?;
        }
    }

    /// Waits for more of a head; a long head may be evicted meanwhile.
    async fn fill_or_make_room(&mut self) -> Result<(), End> {
        if !self.held.as_ref().is_some_and(Reservation::is_long) {
            return self.fill().await;
        }
        let state = self.link.state.clone();
        tokio::select! {
            biased;
            () = state.evicted() => Err(End::Refused(HeadReject::Memory)),
            filled = self.fill() => filled,
        }
    }

    /// Waits for more bytes, within the phase's deadline.
    ///
    /// # Errors
    /// [`End`], when no more bytes come.
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

    /// Ready when the phase's deadline has passed, or the connection is dismissed with no request begun.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let stands =
            if self.speaks_h2 { Some(self.state().phase()) } else { self.state().unless_dismissed(cx) };
        let Some((phase, since)) = stands else {
            return Poll::Ready(End::Left);
        };
        let Some(due) = self.due(phase, since) else {
            return Poll::Pending;
        };
        ready!(self.alarm.poll(cx, due));
        Poll::Ready(match phase {
            Phase::Head => End::Refused(HeadReject::SlowHead),
            Phase::Body => End::Late,
            // With nothing under way, a deadline counts as if the client had left.
            _ => End::Left,
        })
    }
}

/// The HTTP/2 reader, hyper, gets the connection's bytes here.
impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Connection<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.inbox.bytes().is_empty() {
            let count = this.inbox.bytes().len().min(buf.remaining());
            buf.put_slice(&this.inbox.take(count));
            return Poll::Ready(Ok(()));
        }
        Poll::Ready(match ready!(this.poll_stream(cx, buf)) {
            Ok(()) | Err(End::Left | End::Late | End::Refused(_) | End::Misdirected(_)) => Ok(()),
            Err(End::Broken(error)) => Err(error),
        })
    }
}

#[cfg(test)]
mod tests;
