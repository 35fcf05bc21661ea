//! A client's connection, seen before hyper sees it.
//!
//! Three things are done here, on the bytes as they come:
//!
//! - **Framing is decided here** (`head.rs`, `chunks.rs`). hyper gets one request at a time, whole
//!   heads, and not a byte of the next before the last one has its answer. Whatever two readers could
//!   read in two ways never gets there.
//! - **The query is taken out of the request line.** `http::Uri` refuses a target over 65,534 bytes
//!   and raw quotes, spaces and angle brackets in a query; old code sends all of these (contract,
//!   section 5.4 and 5.23). hyper gets `?~` in the query's place, and the handler gets the query.
//! - **Deadlines:** a connection's first byte, a request's head, the rest between two requests, and a
//!   client that does not take its answer. hyper has one timer for the second and third together.

mod inbox;
mod reader;
mod write;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use hyper::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::chunks::Odd;
use super::farewell::Farewell;
use super::head::{self, Refusal, Rules};
use super::heading::{Heading, Phase};
use crate::config::{Config, Deadlines};
use crate::metrics::Cells;
use inbox::Inbox;
use reader::{Due, Reader};

/// What stands in for the query in what hyper sees.
pub const STAND_IN: &str = "~";

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

/// A client's stream under deadlines, one request at a time.
pub struct Wire<S> {
    stream: S,
    heading: Arc<Heading>,
    cells: Arc<Cells>,
    deadlines: Deadlines,
    reader: Reader,
    inbox: Inbox,
    timer: Pin<Box<Sleep>>,
    stalled: Option<Pin<Box<Sleep>>>,
    farewell: Option<Farewell>,
    has_left: bool,
}

/// Why there are no more bytes.
enum End {
    /// The client has left, or has nothing under way and its time is over.
    Left,
    /// What it sent is not passed on, and it is told so.
    Refused(Refusal),
    /// The rest of a body cannot be read: the handler answers.
    Odd,
    /// The socket failed.
    Broken(io::Error),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Odd> for End {
    fn from(Odd: Odd) -> Self {
        Self::Odd
    }
}

impl<S> Wire<S> {
    /// Watches a fresh connection.
    pub fn new(stream: S, heading: Arc<Heading>, cells: Arc<Cells>, config: &Config) -> Self {
        let rules = Rules::of(config);
        let deadlines = config.deadline;
        Self {
            stream,
            reader: Reader::new(rules, heading.clone()),
            heading,
            cells,
            deadlines,
            inbox: Inbox::default(),
            timer: Box::pin(tokio::time::sleep(deadlines.first_byte)),
            stalled: None,
            farewell: None,
            has_left: false,
        }
    }

    /// The client speaks HTTP/2: its bytes pass as they are.
    pub fn pass_frames(&mut self) {
        self.reader.due = Due::Frames;
        self.heading.enter(Phase::Resting);
        self.inbox.release(self.inbox.fresh().len());
    }

    /// Whether the phase's time is over. The timer is left as it is while it is early enough, so
    /// that a request on a busy connection costs no timer of its own.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<Phase> {
        let (phase, since) = self.heading.phase();
        let Deadlines { first_byte, head, body, idle, queue, total, write, .. } = self.deadlines;
        let is_one_of_many = matches!(self.reader.due, Due::Frames);
        let due = since
            + match phase {
                Phase::Silent => first_byte,
                Phase::Head => head,
                Phase::Resting => idle,
                // A client can leave answers lying by HTTP/2's own means, which no socket shows.
                Phase::Serving if is_one_of_many => body + queue + total + write,
                // A body's time is counted where it is read, an answer's where it is fetched.
                Phase::Shaking | Phase::Body | Phase::Serving | Phase::Leaving => return Poll::Pending,
            };
        if due < self.timer.deadline() {
            self.timer.as_mut().reset(due);
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= due {
                return Poll::Ready(phase);
            }
            self.timer.as_mut().reset(due);
        }
    }

    /// Looks at what waits in the inbox; `false` if more must come first.
    fn examine_inbox(&mut self) -> Result<bool, End> {
        if !matches!(self.reader.due, Due::Head) {
            let taken = self.reader.body(self.inbox.fresh())?;
            self.inbox.release(taken);
            return Ok(taken > 0);
        }
        let empty = head::empty_lines(self.inbox.fresh())?;
        if matches!(&self.inbox.fresh()[empty..], [] | [b'\r']) {
            self.heading.enter(Phase::Head);
            // They are counted once it is clear where they end.
            return Ok(false);
        }
        self.inbox.skip(empty);
        let Some(end) = self.inbox.head_end() else {
            self.heading.enter(Phase::Head);
            self.reader.rules.may_go_on(self.inbox.fresh())?;
            return Ok(false);
        };
        let left = self.reader.head(&mut self.inbox.fresh_mut()[..end])?;
        self.inbox.cut(end, left);
        self.inbox.release(left);
        Ok(true)
    }

    /// Looks at bytes that came into hyper's own buffer; `false` if they are no whole head.
    fn examine_in_place(&mut self, buf: &mut ReadBuf<'_>, start: usize) -> Result<bool, End> {
        let mut head = start;
        if matches!(self.reader.due, Due::Head) {
            let fresh = &mut buf.filled_mut()[start..];
            let Some(end) = head::end(fresh, 0).filter(|_| !matches!(fresh[0], b'\r' | b'\n')) else {
                return Ok(false);
            };
            let left = self.reader.head(&mut fresh[..end])?;
            fresh.copy_within(end.., left);
            let shorter = start + fresh.len() - (end - left);
            buf.set_filled(shorter);
            head = start + left;
        }
        let behind = &buf.filled()[head..];
        let taken = self.reader.body(behind)?;
        self.inbox.push(&behind[taken..]);
        buf.set_filled(head + taken);
        Ok(true)
    }

    /// Says why a request is not passed on, and goes.
    fn refuse(&mut self, refusal: Refusal) {
        self.cells.refused_head(refusal.status);
        self.heading.enter(Phase::Leaving);
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
        let word = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{}\n",
            status.as_str(),
            status.canonical_reason().unwrap_or_default(),
            refusal.why.len() + 1,
            refusal.why
        );
        self.farewell = Some(Farewell::new(word.into_bytes()));
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Finds out which version the client speaks, by its first bytes alone.
    ///
    /// # Errors
    /// That it left, or took longer than the first byte may take.
    pub async fn sniff(&mut self) -> io::Result<Version> {
        std::future::poll_fn(|cx| self.poll_sniff(cx)).await
    }

    fn poll_sniff(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Version>> {
        loop {
            let fresh = self.inbox.fresh();
            let common = fresh.len().min(PREFACE.len());
            if fresh[..common] != PREFACE[..common] {
                return Poll::Ready(Ok(Version::One));
            }
            if common == PREFACE.len() {
                return Poll::Ready(Ok(Version::Two));
            }
            let mut scratch = [0; 2048];
            let mut read = ReadBuf::new(&mut scratch);
            match ready!(self.poll_stream(cx, &mut read)) {
                Ok(()) => self.inbox.push(read.filled()),
                Err(End::Broken(error)) => return Poll::Ready(Err(error)),
                Err(_) => return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into())),
            }
        }
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
            Poll::Pending => match ready!(self.poll_overdue(cx)) {
                Phase::Head => Poll::Ready(Err(End::Refused(SLOW_HEAD))),
                // Nothing was under way: to hyper it is as if the client had left.
                _ => Poll::Ready(Err(End::Left)),
            },
        }
    }

    /// Finds bytes that hyper may have.
    fn poll_bytes(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<Result<(), End>> {
        loop {
            if self.inbox.deliver(buf) {
                return Poll::Ready(Ok(()));
            }
            if matches!(self.reader.due, Due::Answer) {
                ready!(self.heading.poll_answered(cx));
                self.reader.due = Due::Head;
            }
            if !self.inbox.is_empty() && self.examine_inbox()? {
                continue;
            }
            let start = buf.filled().len();
            ready!(self.poll_stream(cx, buf))?;
            if self.inbox.is_empty() && self.examine_in_place(buf, start)? {
                return Poll::Ready(Ok(()));
            }
            // A part of a head: it is looked at in the inbox, together with what came before it.
            self.inbox.push(&buf.filled()[start..]);
            buf.set_filled(start);
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.farewell.is_none() {
            match ready!(this.poll_bytes(cx, buf)) {
                Ok(()) | Err(End::Left) => return Poll::Ready(Ok(())),
                Err(End::Broken(error)) => return Poll::Ready(Err(error)),
                Err(End::Odd) => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
                Err(End::Refused(refusal)) => this.refuse(refusal),
            }
        }
        if let Some(farewell) = &mut this.farewell {
            ready!(farewell.poll(cx, &mut this.stream));
        }
        Poll::Ready(Err(io::ErrorKind::InvalidData.into()))
    }
}

#[cfg(test)]
mod tests;
