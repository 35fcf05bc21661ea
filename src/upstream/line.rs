//! A TCP connection that can be looked at while something else reads and writes it.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, ready};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// One connection, closed when it is dropped.
pub struct Line {
    stream: Arc<TcpStream>,
    /// What may come before something is sent again, in bytes.
    ration: usize,
    left: usize,
}

/// A look at one connection, which does not keep it open.
pub struct Watch(Weak<TcpStream>);

impl Line {
    /// Of a stream that may bring `ration` bytes for what it is sent. hyper reads on for as long as
    /// interim responses come, and nobody else on its thread would get a turn.
    #[must_use]
    pub fn new(stream: TcpStream, ration: usize) -> Self {
        Self { stream: Arc::new(stream), ration, left: ration }
    }

    /// A look at it.
    #[must_use]
    pub fn watch(&self) -> Watch {
        Watch(Arc::downgrade(&self.stream))
    }
}

impl Watch {
    /// Whether it is open and nothing has come that is not read yet: neither bytes that nobody asked
    /// for nor the end. Asks the system itself, because what the runtime knows may be a turn old.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let quiet = |stream: Arc<TcpStream>| {
            let peeked = SockRef::from(&*stream).peek(&mut [MaybeUninit::uninit()]);
            peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
        };
        self.0.upgrade().is_some_and(quiet)
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        loop {
            ready!(this.stream.poll_read_ready(cx))?;
            match this.stream.try_read_buf(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(read) if read > this.left => {
                    return Poll::Ready(Err(io::Error::other("more came than any answer has")));
                }
                Ok(read) => {
                    this.left -= read;
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.left = this.ration;
        loop {
            ready!(this.stream.poll_write_ready(cx))?;
            match this.stream.try_write_vectored(bufs) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                written => return Poll::Ready(written),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(SockRef::from(&*self.stream).shutdown(Shutdown::Write))
    }
}
