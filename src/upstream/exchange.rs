//! One request and its answer on one connection, as HTTP/1.1 has it: all of it in the task of whoever
//! asks, with one write and one read where the kernel lets it.

use std::future::poll_fn;
use std::io;
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

/// What an answer may take on the wire beside its text: heads, interim answers, small chunks. Whoever
/// sends more keeps a whole thread busy.
const FRAMING: usize = 128 * 1024;

/// A connection to upstream. Dropping it closes it, whatever is under way on it.
pub struct UpstreamConnection {
    stream: Stream,
    alarm: Alarm,
    stays: bool,
    /// For how long upstream keeps it when nothing is asked on it, in seconds, as far as its last answer said.
    rests: Option<u32>,
    _present: Present,
}

/// Within which times and sizes an answer must come.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Its head.
    pub first_byte: Instant,
    /// All of it.
    pub until: Instant,
    /// The length of its body.
    pub most: usize,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExchangeFailure {
    /// Surely no byte of the request has left.
    Unsent,
    /// The head did not come in time.
    SlowFirstByte,
    /// The rest did not.
    SlowTotal,
    /// Something came that is no answer.
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

    /// Whether it may have another request, as far as its last answer said.
    #[must_use]
    pub fn stays(&self) -> bool {
        self.stays
    }

    /// For how long it may rest, as far as its last answer said; none: for as long as one likes.
    #[must_use]
    pub fn rests(&self) -> Option<Duration> {
        self.rests.map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// Whether it is open and nobody has said anything on it ([`Stream::is_quiet`]).
    #[must_use]
    pub fn is_quiet(&mut self) -> bool {
        self.stream.is_quiet()
    }

    /// Whether nothing stands behind the last answer, as far as TLS knows ([`Stream::holds_nothing`]).
    #[must_use]
    pub fn holds_nothing(&mut self) -> bool {
        self.stream.holds_nothing()
    }

    /// Has a task woken when something comes while it rests.
    pub fn watch(&self, cx: &mut Context<'_>) {
        // If something has come already, it is noticed before the connection is used again.
        let _ = self.stream.poll_read_ready(cx);
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Why there is none. The connection is then good for nothing more.
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
    /// How many bytes may still come.
    ration: usize,
}

/// How much of the request has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    /// None.
    No,
    /// So many bytes.
    Some(usize),
    /// All but what TLS still holds.
    Held,
    /// All of it.
    All,
    /// Some, and no more can: upstream has closed its ear. It may have said why.
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
        // An answer may come before the request has left: upstream need not hear us out.
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

    /// Sends as much as goes now.
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
                // The kernel has taken nothing. Of what TLS has taken nobody can tell.
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

    /// Takes what has come; nothing is the end.
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
