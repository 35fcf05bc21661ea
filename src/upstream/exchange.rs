//! One HTTP/1.1 request and its answer on one connection, all in the caller's task, with one write and one read
//! where the kernel allows.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::Answer;
use super::decoding::decoded;
use super::outgoing::OutgoingRequest;
use super::reading::{Coding, Manner, ReadFault, Reading, WholeAnswer};
use crate::http::net::alarm::Alarm;
use crate::http::net::stream::{Stream, with_scratch};
use crate::telemetry::metrics::Present;

/// How many bytes an answer may take beside its body: heads, interim answers, small chunks. More would keep a
/// whole thread busy.
const FRAMING: usize = 128 * 1024;

/// A connection to upstream. Dropping it closes it, whatever is under way on it.
pub struct UpstreamConnection {
    stream: Stream,
    alarm: Alarm,
    stays: bool,
    /// How many seconds upstream keeps the idle connection open, if its last answer said so.
    rests: Option<u32>,
    _present: Present,
}

/// The deadlines and the cap of an answer.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// When its head must be there.
    pub first_byte: Instant,
    /// When all of it must be there.
    pub until: Instant,
    /// The longest body, in bytes.
    pub most: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeFailure {
    /// No byte of the request has left, for certain.
    Unsent,
    /// The head did not come in time.
    SlowFirstByte,
    /// The rest of the answer did not come in time.
    SlowTotal,
    /// Something came that is no valid answer.
    Fault(ReadFault),
}

impl From<ReadFault> for ExchangeFailure {
    fn from(fault: ReadFault) -> Self {
        Self::Fault(fault)
    }
}

impl UpstreamConnection {
    /// A fresh connection.
    #[must_use]
    pub fn new(stream: Stream, present: Present) -> Self {
        Self { stream, alarm: Alarm::new(Instant::now()), stays: true, rests: None, _present: present }
    }

    /// The address at its other end: upstream's, or a proxy's.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.stream.tcp().peer_addr().ok()
    }

    /// Whether the connection may have another request, as its last answer said.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.stays
    }

    /// How long the connection may rest, as its last answer said; `None` if it set no limit.
    #[must_use]
    pub fn rests(&self) -> Option<Duration> {
        self.rests.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Whether the connection is open with nothing unread ([`Stream::is_quiet`]).
    #[must_use]
    pub fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Whether nothing follows the last answer, as far as TLS has read ([`Stream::holds_nothing`]).
    #[must_use]
    pub fn holds_nothing(&mut self) -> bool {
        self.stream.holds_nothing()
    }

    /// Has a task woken when something arrives on the idle connection.
    pub fn watch(&self, cx: &mut Context<'_>) {
        // What has arrived already is noticed before the connection is used again.
        let _ = self.stream.poll_read_ready(cx);
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Why there is no answer. The connection is then of no further use.
    pub async fn exchange(
        &mut self,
        outgoing: &mut OutgoingRequest,
        bounds: Bounds,
    ) -> Result<(Answer, Manner), ExchangeFailure> {
        self.stays = false;
        let mut exchange = Exchange {
            sent: Sent::No,
            reading: Reading::new(bounds.most),
            ration: bounds.most.saturating_mul(2).saturating_add(FRAMING),
        };
        let whole = poll_fn(|cx| exchange.poll(cx, self, outgoing, &bounds)).await?;
        self.stays = whole.stays && exchange.sent == Sent::All;
        self.rests = whole.rests;
        let WholeAnswer { mut answer, coding, manner, .. } = whole;
        if coding != Coding::None && !answer.bytes.is_empty() {
            answer.bytes = decoded(&answer.bytes, coding, bounds.most)?.into();
        }
        Ok((answer, manner))
    }
}

/// An exchange under way.
struct Exchange {
    sent: Sent,
    reading: Reading,
    /// How many more bytes may come.
    ration: usize,
}

/// How much of the request has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// Nothing.
    No,
    /// This many bytes.
    Some(usize),
    /// Everything but what TLS still holds.
    Held,
    /// Everything.
    All,
    /// A part, and no more can: upstream has stopped reading. It may have answered why.
    Stuck,
}

impl Exchange {
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        connection: &mut UpstreamConnection,
        outgoing: &mut OutgoingRequest,
        bounds: &Bounds,
    ) -> Poll<Result<WholeAnswer, ExchangeFailure>> {
        self.send(cx, &mut connection.stream, outgoing)?;
        // An answer may come before the whole request has left.
        if let Poll::Ready(read) = self.poll_receive(cx, &mut connection.stream) {
            return Poll::Ready(read);
        }
        let (due, late) = if self.reading.has_head() {
            (bounds.until, ExchangeFailure::SlowTotal)
        } else {
            (bounds.first_byte, ExchangeFailure::SlowFirstByte)
        };
        connection.alarm.poll(cx, due).map(|()| Err(late))
    }

    /// Sends as much as the socket takes now.
    fn send(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut Stream,
        outgoing: &mut OutgoingRequest,
    ) -> Result<(), ExchangeFailure> {
        loop {
            let written = match self.sent {
                Sent::All => {
                    outgoing.sent();
                    return Ok(());
                }
                Sent::Stuck => return Ok(()),
                Sent::Held => match Pin::new(&mut *stream).poll_flush(cx) {
                    Poll::Pending => return Ok(()),
                    Poll::Ready(Ok(())) => {
                        self.sent = Sent::All;
                        continue;
                    }
                    Poll::Ready(Err(error)) => Err(error),
                },
                Sent::No | Sent::Some(_) => {
                    let start = if let Sent::Some(sent) = self.sent { sent } else { 0 };
                    match Pin::new(&mut *stream).poll_write(cx, &outgoing.bytes()[start..]) {
                        Poll::Pending => return Ok(()),
                        Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
                        Poll::Ready(written) => written.map(|count| start + count),
                    }
                }
            };
            self.sent = match written {
                Ok(count) if count == outgoing.bytes().len() && matches!(stream, Stream::Plain(_)) => {
                    Sent::All
                }
                Ok(count) if count == outgoing.bytes().len() => Sent::Held,
                Ok(count) => Sent::Some(count),
                // TCP has taken nothing. What TLS has sent of it is unknown.
                Err(_) if self.sent == Sent::No && matches!(stream, Stream::Plain(_)) => {
                    return Err(ExchangeFailure::Unsent);
                }
                Err(_) => Sent::Stuck,
            };
        }
    }

    fn poll_receive(
        &mut self,
        cx: &mut Context<'_>,
        stream: &mut Stream,
    ) -> Poll<Result<WholeAnswer, ExchangeFailure>> {
        with_scratch(|read| {
            loop {
                read.clear();
                if ready!(Pin::new(&mut *stream).poll_read(cx, read)).is_err() {
                    return Poll::Ready(Err(ReadFault::Broken.into()));
                }
                if let Some(whole) = self.take(read.filled())? {
                    return Poll::Ready(Ok(whole));
                }
            }
        })
    }

    /// Reads the bytes that have come; none is the end.
    fn take(&mut self, bytes: &[u8]) -> Result<Option<WholeAnswer>, ExchangeFailure> {
        if bytes.is_empty() {
            return Ok(Some(self.reading.end()?));
        }
        self.ration = self.ration.saturating_sub(bytes.len());
        if self.ration == 0 {
            return Err(ReadFault::Broken.into());
        }
        Ok(self.reading.take(bytes)?)
    }
}
