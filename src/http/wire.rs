//! A client's connection, seen before hyper sees it.
//!
//! Two things that old clients need and hyper does not give are done here, on the bytes as they come:
//!
//! - **The query is taken out of the request line.** `http::Uri` refuses a target over 65,534 bytes
//!   and raw quotes, spaces and angle brackets in a query; old code sends all of these (contract,
//!   section 5.4 and 5.23). hyper gets `?~` in the query's place, and the handler gets the query.
//! - **Three deadlines:** a connection's first byte, a request's head, and the rest between two
//!   requests. hyper has one timer for the last two, and none for the first.
//!
//! The line is only looked at where a request is due, which the handler says: at the connection's
//! start, and after a request whose body was read to its end. Requests that a client sends before it
//! has the answer to the last one (pipelining) pass as they are, under hyper's own rules.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::request_line::{self, Line};
use crate::config::{Caps, Deadlines};

/// What stands in for the query in what hyper sees.
pub const STAND_IN: &str = "~";

/// What a connection's handler and its wire tell each other.
pub struct Heading {
    peer: IpAddr,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    phase: Phase,
    query: Option<Vec<u8>>,
}

/// Where in its life a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    /// Nothing has come yet.
    #[default]
    Silent,
    /// Some of a request's head has come.
    Head,
    /// The handler has the request.
    Serving,
    /// The next request is due.
    Resting,
}

impl Heading {
    /// For a fresh connection of the client at `peer`.
    #[must_use]
    pub fn new(peer: IpAddr) -> Self {
        Self { peer, state: Mutex::default() }
    }

    /// Who is on the socket, or whom the PROXY protocol named.
    #[must_use]
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// A request's head is whole: takes its query, if it was taken out of the line.
    pub fn begin(&self) -> Option<Vec<u8>> {
        let mut state = self.state();
        state.phase = Phase::Serving;
        state.query.take()
    }

    /// The request's body has been read to its end: what comes next is a request.
    pub fn end(&self) {
        self.state().phase = Phase::Resting;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client's stream under deadlines, with the query taken out of each request line.
pub struct Wire<S> {
    stream: S,
    heading: Arc<Heading>,
    deadlines: Deadlines,
    longest_line: usize,
    /// Bytes of a request line whose end has not come yet.
    partial: Vec<u8>,
    /// Bytes that were read and that hyper has not taken yet.
    pending: Vec<u8>,
    timer: Pin<Box<Sleep>>,
    timed: Phase,
    due: Instant,
}

impl<S> Wire<S> {
    /// Watches a fresh connection.
    pub fn new(stream: S, heading: Arc<Heading>, deadlines: Deadlines, caps: Caps) -> Self {
        let due = Instant::now() + deadlines.first_byte;
        Self {
            stream,
            heading,
            deadlines,
            longest_line: caps.target,
            partial: Vec::new(),
            pending: Vec::new(),
            timer: Box::pin(tokio::time::sleep_until(due)),
            timed: Phase::Silent,
            due,
        }
    }

    /// Whether the phase's time is over. The timer is left as it is while it is early enough, so
    /// that a request on a busy connection costs no timer of its own.
    fn poll_overdue(&mut self, cx: &mut Context<'_>) -> Poll<Phase> {
        let phase = self.heading.state().phase;
        if phase == Phase::Serving {
            self.timed = phase;
            return Poll::Pending;
        }
        if phase != self.timed {
            self.timed = phase;
            self.due = Instant::now()
                + match phase {
                    Phase::Silent => self.deadlines.first_byte,
                    Phase::Head | Phase::Serving => self.deadlines.head,
                    Phase::Resting => self.deadlines.idle,
                };
            if self.due < self.timer.deadline() {
                self.timer.as_mut().reset(self.due);
            }
        }
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if Instant::now() >= self.due {
                return Poll::Ready(phase);
            }
            self.timer.as_mut().reset(self.due);
        }
    }

    /// Gives hyper what is already there.
    fn deliver(&mut self, buf: &mut ReadBuf<'_>) {
        let taken = self.pending.len().min(buf.remaining());
        buf.put_slice(&self.pending[..taken]);
        self.pending.drain(..taken);
        if self.pending.is_empty() {
            self.pending = Vec::new();
        }
    }

    /// Looks at fresh bytes where a request line is due; `false` if more of the line must come.
    fn take_line(&mut self, buf: &mut ReadBuf<'_>, start: usize) -> Result<bool, request_line::TooLong> {
        let heading = self.heading.clone();
        let mut state = heading.state();
        if state.phase == Phase::Serving || (state.phase == Phase::Head && self.partial.is_empty()) {
            return Ok(true);
        }
        state.phase = Phase::Head;
        let fresh = &mut buf.filled_mut()[start..];
        match request_line::find(&self.partial, fresh, self.longest_line)? {
            Line::Unfinished => {
                self.partial.extend_from_slice(fresh);
                buf.set_filled(start);
                Ok(false)
            }
            Line::Empty => {
                state.phase = Phase::Resting;
                Ok(true)
            }
            Line::Whole(length) if self.partial.is_empty() => {
                let (query, shorter) = request_line::take_query(fresh, length, STAND_IN);
                state.query = query;
                buf.set_filled(start + shorter);
                Ok(true)
            }
            Line::Whole(length) => {
                let mut bytes = std::mem::take(&mut self.partial);
                let length = bytes.len() + length;
                bytes.extend_from_slice(fresh);
                let (query, shorter) = request_line::take_query(&mut bytes, length, STAND_IN);
                state.query = query;
                bytes.truncate(shorter);
                self.pending = bytes;
                buf.set_filled(start);
                self.deliver(buf);
                Ok(true)
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Says a last word in HTTP, as far as the socket takes it at once, and ends the connection.
    fn refuse(&mut self, cx: &mut Context<'_>, status: &str, kind: io::ErrorKind) -> io::Error {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = Pin::new(&mut self.stream).poll_write(cx, answer.as_bytes());
        io::Error::new(kind, status.to_owned())
    }

    fn poll_stream(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(cx, buf) {
            return Poll::Ready(read);
        }
        match ready!(self.poll_overdue(cx)) {
            Phase::Head => {
                let error = self.refuse(cx, "408 Request Timeout", io::ErrorKind::TimedOut);
                Poll::Ready(Err(error))
            }
            // Nothing was under way: to hyper it is as if the client had left.
            Phase::Silent | Phase::Resting | Phase::Serving => Poll::Ready(Ok(())),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.pending.is_empty() {
            this.deliver(buf);
            return Poll::Ready(Ok(()));
        }
        loop {
            let start = buf.filled().len();
            ready!(this.poll_stream(cx, buf))?;
            if buf.filled().len() == start {
                return Poll::Ready(Ok(()));
            }
            match this.take_line(buf, start) {
                Ok(true) => return Poll::Ready(Ok(())),
                Ok(false) => {}
                Err(request_line::TooLong) => {
                    let error = this.refuse(cx, "414 URI Too Long", io::ErrorKind::InvalidData);
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
