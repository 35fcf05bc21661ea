//! The way back: a client that does not take its answer is not waited for.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Due, Farewell, Phase, Wire};

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
        // A client that has had its answer and sends nothing has no last word to lose. On HTTP/2 it may
        // send at any time.
        let rests = matches!(this.heading.phase().0, Phase::Silent | Phase::Resting)
            && !matches!(this.reader.due, Due::Frames);
        if this.farewell.is_none() && (this.has_left || rests) {
            return Pin::new(&mut this.stream).poll_shutdown(cx);
        }
        this.heading.enter(Phase::Leaving);
        let farewell = this.farewell.get_or_insert_with(|| Farewell::new(Vec::new()));
        farewell.poll(cx, &mut this.stream).map(Ok)
    }
}
