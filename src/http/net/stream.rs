//! A connection's bytes, over TLS or not, whichever end of it is ours: one type, so that everything
//! above it is compiled once.

use std::cell::RefCell;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::{RecvFlags, SendFlags, recv, send};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;

/// The most bytes that one read takes.
pub const MOST_READ: usize = 32 * 1024;

thread_local! {
    static SCRATCH: RefCell<[u8; MOST_READ]> = const { RefCell::new([0; MOST_READ]) };
}

/// Lends the thread's own room for one read, which nobody has to clear first.
pub fn with_scratch<T>(read: impl FnOnce(&mut ReadBuf<'_>) -> T) -> T {
    SCRATCH.with_borrow_mut(|scratch| read(&mut ReadBuf::new(scratch)))
}

/// A stream.
pub enum Stream {
    /// TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    /// Over TLS.
    pub fn tls(stream: impl Into<TlsStream<TcpStream>>) -> Self {
        Self::Tls(Box::new(stream.into()))
    }

    /// Whether it is open and nothing has come that is not read yet: neither bytes that nobody asked
    /// for nor the end. Asks the system itself, because what the runtime knows may be a turn old.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let peeked = recv(self.tcp(), &mut [0], RecvFlags::PEEK);
        peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// Has the task woken when something comes; ready if it has come already, as far as the runtime knows.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.tcp().poll_read_ready(cx).map(|_| ())
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Self::Plain(tcp) => tcp,
            Self::Tls(tls) => tls.get_ref().0,
        }
    }
}

macro_rules! either {
    ($stream:expr, $inner:ident => $call:expr) => {
        match $stream.get_mut() {
            Self::Plain(stream) => {
                let $inner = Pin::new(stream);
                $call
            }
            Self::Tls(stream) => {
                let $inner = Pin::new(stream.as_mut());
                $call
            }
        }
    };
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
        either!(self, inner => inner.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, inner => inner.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, inner => inner.poll_shutdown(cx))
    }
}

// The two below call the system itself. On the C library's way to it another thread might end this one, which
// nobody here does, and which costs each call two locked instructions.

fn poll_receive(tcp: &TcpStream, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
    loop {
        ready!(tcp.poll_read_ready(cx))?;
        let room = buf.initialize_unfilled();
        let mut come = None;
        let tried = tcp.try_io(Interest::READABLE, || {
            let most = room.len();
            let (count, _) = recv(tcp, room, RecvFlags::empty())?;
            come = Some(count);
            // With room to spare all is read that there is. By this word the runtime knows it, and the next
            // read need not find it out.
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

fn poll_send(tcp: &TcpStream, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
    loop {
        // Nearly always there is room: to ask the runtime for leave first would only take time.
        match tcp.try_io(Interest::WRITABLE, || Ok(send(tcp, buf, SendFlags::NOSIGNAL)?)) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => ready!(tcp.poll_write_ready(cx))?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            sent => return Poll::Ready(sent),
        }
    }
}
