//! Writes to the client, under a deadline for clients that do not take their answers.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Instant;

use super::{Connection, LingeringClose, Phase, Stalled};
use crate::http::connection::lingering_close;
use crate::http::terms::Terms;

/// A client may take `deadline.write` for each so many bytes of an answer.
const PIECE: usize = 64 * 1024;

/// How long a client may take for an answer of `bytes` bytes, however steadily it takes them: `write` for each
/// piece begun, and once more for transit.
#[must_use]
pub fn time_to_take(bytes: usize, write: Duration) -> Duration {
    let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
    write.saturating_mul(pieces.saturating_add(1))
}

impl<S> Connection<S> {
    /// Puts a deadline on a write of `due` bytes while the client does not take them.
    fn stall<T>(
        &mut self,
        cx: &mut Context<'_>,
        due: usize,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            if let Some(stalled) = &mut self.stalled {
                stalled.is_moving = true;
            }
            return written;
        }
        let write = self.terms.now().deadlines.write;
        let now = Instant::now();
        let stalled = self.stalled.get_or_insert_with(|| Stalled::new(now + time_to_take(due, write)));
        if std::mem::take(&mut stalled.is_moving) {
            stalled.timer.as_mut().reset(stalled.until.min(now + write));
        }
        if !self.speaks_h2 {
            self.link.state.enter(Phase::Taking);
        }
        ready!(stalled.timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S> Connection<S> {
    /// Prepares the end of the connection. A client whose body is not read has the body's deadline, since it
    /// may write all of it before it reads; a client without a valid head has not.
    fn lingering_close(&mut self, word: Vec<u8>) -> LingeringClose {
        let (phase, since) = self.link.state.phase();
        let Terms { body, deadlines, .. } = self.terms.now();
        let is_short = self.speaks_h2 || phase == Phase::Head;
        let until = if is_short { since } else { since + deadlines.body };
        LingeringClose::new(word, lingering_close::most(*body), until)
    }
}

impl Stalled {
    fn new(until: Instant) -> Self {
        Self { timer: Box::pin(tokio::time::sleep_until(until)), until, is_moving: true }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Sends all bytes.
    ///
    /// # Errors
    /// The client does not take them, or the socket failed.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut sent = 0;
        let sent = poll_fn(|cx| {
            while sent < bytes.len() {
                sent += match ready!(Pin::new(&mut *self).poll_write(cx, &bytes[sent..]))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    count => count,
                };
            }
            Pin::new(&mut *self).poll_flush(cx)
        })
        .await;
        self.stalled = None;
        sent
    }

    /// Sends a last answer and closes, with a moment for it to arrive.
    pub async fn close_with(&mut self, word: Vec<u8>) {
        self.lingering_close = Some(self.lingering_close(word));
        self.link.state.enter(Phase::Leaving);
        // An error here says only that the client has closed too.
        let _ = poll_fn(|cx| Pin::new(&mut *self).poll_shutdown(cx)).await;
    }

    /// Closes the connection: at once if the client has left, or has no request under way.
    pub async fn close(&mut self) {
        let rests = matches!(self.state().phase().0, Phase::Silent | Phase::Resting);
        if self.has_left || rests {
            let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
        } else {
            self.close_with(Vec::new()).await;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.stall(cx, buf.len(), written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        let due = bufs.iter().map(|buf| buf.len()).sum();
        this.stall(cx, due, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.stall(cx, 0, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // A client that has left reads no last answer.
        if this.lingering_close.is_none() && this.has_left {
            return Pin::new(&mut this.stream).poll_shutdown(cx);
        }
        if this.lingering_close.is_none() {
            this.lingering_close = Some(this.lingering_close(Vec::new()));
        }
        this.link.state.enter(Phase::Leaving);
        let Some(lingering_close) = &mut this.lingering_close else {
            return Poll::Ready(Ok(()));
        };
        lingering_close.poll(cx, &mut this.stream).map(Ok)
    }
}
