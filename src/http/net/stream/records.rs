//! TCP below TLS, which tracks whether the last TLS record is whole.
//!
//! TLS hands out a record once all of it has arrived. A part of one shows neither in the socket nor behind TLS,
//! and its rest would be taken for the answer to the next request.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::{poll_receive, poll_send, poll_send_vectored, shut_down};

/// The length of a record's header: its kind, a version, and a length in two bytes (RFC 8446, section 5.1).
const HEADER: usize = 5;

/// A TCP stream that follows TLS records.
pub struct Records {
    tcp: Arc<TcpStream>,
    place: RecordsEnd,
}

/// Where the bytes read so far end within a record.
#[derive(Debug, Default, PartialEq, Eq)]
struct RecordsEnd {
    /// How many bytes of a header have been read.
    header: usize,
    /// The record's length, as far as it has been read.
    length: usize,
    /// How many bytes of the record are still to come.
    left: usize,
}

impl Records {
    /// A stream before its first record.
    pub fn new(tcp: Arc<TcpStream>) -> Self {
        Self { tcp, place: RecordsEnd::default() }
    }

    /// The socket.
    #[must_use]
    pub fn tcp(&self) -> &Arc<TcpStream> {
        &self.tcp
    }

    /// Whether every record that has begun is whole.
    #[must_use]
    pub fn are_whole(&self) -> bool {
        self.place == RecordsEnd::default()
    }
}

impl RecordsEnd {
    fn follow(&mut self, mut bytes: &[u8]) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let passed = self.left.min(bytes.len());
                self.left -= passed;
                bytes = &bytes[passed..];
                continue;
            }
            self.header += 1;
            if self.header > 3 {
                self.length = self.length << 8 | usize::from(*first);
            }
            if self.header == HEADER {
                *self = Self { left: self.length, ..Self::default() };
            }
            bytes = rest;
        }
    }
}

impl AsyncRead for Records {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(poll_receive(&this.tcp, cx, buf))?;
        this.place.follow(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Records {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        poll_send(&self.tcp, cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        poll_send_vectored(&self.tcp, cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(shut_down(&self.tcp))
    }
}

#[cfg(test)]
mod tests {
    use super::RecordsEnd;

    #[test]
    fn a_record_is_whole_when_all_that_its_header_says_has_come() {
        let records = [&[23, 3, 3, 1, 2][..], &[7; 258], &[21, 3, 3, 0, 0], &[23, 3, 3, 0, 1, 9]].concat();
        let ends = [263, 268, 274];
        for piece in [1, 2, 3, 5, 7, 258, 300] {
            let (mut place, mut seen) = (RecordsEnd::default(), 0);
            for piece in records.chunks(piece) {
                place.follow(piece);
                seen += piece.len();
                assert_eq!(place == RecordsEnd::default(), ends.contains(&seen), "{seen}");
            }
        }
    }
}
