//! The way back: a client that does not take its answer is not waited for.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Farewell, Phase, Wire};

impl<S> Wire<S> {
    /// Lets a write that gets nowhere wait for as long as a client may leave its answer lying.
    fn stall<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let write = self.deadlines.write;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(tokio::time::sleep(write)));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Sends all of it.
    ///
    /// # Errors
    /// That the client does not take it.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut sent = 0;
        poll_fn(|cx| {
            while sent < bytes.len() {
                sent += match ready!(Pin::new(&mut *self).poll_write(cx, &bytes[sent..]))? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    count => count,
                };
            }
            Pin::new(&mut *self).poll_flush(cx)
        })
        .await
    }

    /// Says a last word and goes, with a moment for it to arrive.
    pub async fn part(&mut self, word: Vec<u8>) {
        self.heading.enter(Phase::Leaving);
        self.farewell = Some(Farewell::new(word));
        // What the socket says of its end is no news.
        let _ = poll_fn(|cx| Pin::new(&mut *self).poll_shutdown(cx)).await;
    }

    /// Ends the connection: at once where the client has left, or has had its answer and sends nothing.
    pub async fn close(&mut self) {
        let rests = matches!(self.heading.phase().0, Phase::Silent | Phase::Resting);
        if self.has_left || rests {
            let _ = poll_fn(|cx| Pin::new(&mut self.stream).poll_shutdown(cx)).await;
        } else {
            self.part(Vec::new()).await;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.stall(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.stall(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        this.stall(cx, flushed)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // A client that has left has no last word to lose.
        if this.farewell.is_none() && this.has_left {
            return Pin::new(&mut this.stream).poll_shutdown(cx);
        }
        this.heading.enter(Phase::Leaving);
        let farewell = this.farewell.get_or_insert_with(|| Farewell::new(Vec::new()));
        farewell.poll(cx, &mut this.stream).map(Ok)
    }
}
