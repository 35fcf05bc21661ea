//! A connection's bytes, with or without TLS, as client or server: one type, so that the code above it is
//! compiled once.

mod records;

use std::cell::RefCell;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

pub use records::Records;

/// The most bytes that one read returns.
pub const MOST_READ: usize = 32 * 1024;

thread_local! {
    static SCRATCH: RefCell<[u8; MOST_READ]> = const { RefCell::new([0; MOST_READ]) };
}

/// Lends the thread's own buffer for one read, so that it need not be cleared first.
pub fn with_scratch<T>(read: impl FnOnce(&mut ReadBuf<'_>) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| read(&mut ReadBuf::new(scratch)))
}

/// A stream to a client or to upstream.
pub enum Stream {
    /// TCP.
    Plain(Arc<TcpStream>),
    /// TLS over TCP.
    Tls(Box<TlsStream<Records>>),
}

impl Stream {
    /// A stream over TLS.
    pub fn tls(stream: impl Into<TlsStream<Records>>) -> Self {
        Self::Tls(Box::new(stream.into()))
    }

    /// Whether the connection is open and holds nothing unread: no bytes, no part of a TLS record, no end. Asks
    /// the system itself, because the runtime's readiness may be a turn old. A task that was to be woken by
    /// this connection no longer is.
    #[must_use]
    #[inline]
    pub fn is_quiet(&mut self) -> bool {
        self.holds_nothing() && has_nothing(self.tcp())
    }

    /// Whether bytes or the end have come on a connection on which no request was sent. TLS's own first
    /// messages do not count.
    #[must_use]
    pub fn has_spoken(&mut self) -> bool {
        match self {
            Self::Plain(tcp) => !has_nothing(tcp),
            Self::Tls(tls) => has_text(tls),
        }
    }

    /// Whether TLS, if there is any, holds nothing unread: no decrypted text, no part of a record, no close.
    #[must_use]
    pub fn holds_nothing(&mut self) -> bool {
        let Self::Tls(tls) = self else {
            return true;
        };
        !has_text(tls) && tls.get_ref().0.are_whole()
    }

    /// Has the task woken when something arrives; ready if the runtime has already seen that.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.tcp().poll_read_ready(cx).map(|_| ())
    }

    /// The socket, which others may watch.
    #[must_use]
    pub fn tcp(&self) -> &Arc<TcpStream> {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0.tcp(),
        }
    }
}

/// Whether the socket has nothing to read, not even the end.
fn has_nothing(tcp: &TcpStream) -> bool {
    recv(tcp, &mut [0], RecvFlags::PEEK).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// Whether TLS has decrypted text to read, or the end.
fn has_text(tls: &mut TlsStream<Records>) -> bool {
    let mut byte = [0];
    let mut read = ReadBuf::new(&mut byte);
    Pin::new(tls).poll_read(&mut Context::from_waker(Waker::noop()), &mut read).is_ready()
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => poll_receive(tcp, cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => poll_send(tcp, cx, buf),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => poll_send_vectored(tcp, cx, bufs),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            // Plain TCP has no buffer of its own to flush.
            Self::Plain(_) => Poll::Ready(Ok(())),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Poll::Ready(shut_down(tcp)),
            Self::Tls(tls) => Pin::new(tls.as_mut()).poll_shutdown(cx),
        }
    }
}

// These make the system call directly. libc's recv and send are thread-cancellation points; toggling
// cancellation costs two locked instructions a call, and no thread here is cancelled.

#[inline]
fn poll_receive(tcp: &TcpStream, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(tcp.poll_read_ready(cx))?;
        let room = buf.initialize_unfilled();
        let mut come = None;
        let tried = tcp.try_io(Interest::READABLE, || {
            let most = room.len();
            let (count, _) = recv(tcp, room, RecvFlags::empty())?;
            come = Some(count);
            // A short read has emptied the socket. WouldBlock clears tokio's readiness, and saves the next read a
            // system call.
            if (1..most).contains(&count) { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match (come, tried) {
            (Some(count), _) => {
                buf.advance(count);
                return Poll::Ready(Ok(()));
            }
            (None, Err(error)) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            (None, tried) => return Poll::Ready(tried),
        }
    }
}

#[inline]
fn poll_send(tcp: &TcpStream, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
    loop {
        // The socket nearly always has room: polling the runtime first would only take time.
        match tcp.try_io(Interest::WRITABLE, || Ok(send(tcp, buf, SendFlags::NOSIGNAL)?)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => ready!(tcp.poll_write_ready(cx))?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            sent => return Poll::Ready(sent),
        }
    }
}

fn poll_send_vectored(
    tcp: &TcpStream,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    loop {
        match tcp.try_write_vectored(bufs) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => ready!(tcp.poll_write_ready(cx))?,
            sent => return Poll::Ready(sent),
        }
    }
}

/// Ends our side of the connection.
fn shut_down(tcp: &TcpStream) -> io::Result<()> {
    Ok(shutdown(tcp, Shutdown::Write)?)
}
