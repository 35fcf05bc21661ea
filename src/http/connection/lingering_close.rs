//! Closes a connection from our side: sends a last answer, ends our side, then for a moment reads and drops
//! what the client still sends. Without that moment the kernel would answer the client's bytes with a reset,
//! which can take the last answer away from it (RFC 9112, section 9.6). Many clients write all of a long body
//! before they read: the moment lasts as long as they write.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// How long a client that sends nothing more is waited for; every client has at least this long.
pub const LONGEST: Duration = Duration::from_secs(1);
/// How much is read and dropped: so many bytes, and so many times the longest body.
const LEAST: usize = 256 * 1024;
const TIMES: usize = 8;

/// How many bytes are read and dropped where a body may have `body` bytes.
#[must_use]
pub fn most(body: usize) -> usize {
    LEAST.saturating_add(body.saturating_mul(TIMES))
}

/// A connection that is being closed.
pub struct LingeringClose {
    word: Vec<u8>,
    written: usize,
    is_shut: bool,
    /// How many bytes may still be dropped.
    left: usize,
    /// Fires when nothing has arrived for [`LONGEST`], and at `until`.
    timer: Pin<Box<Sleep>>,
    until: Instant,
    /// Whether something has arrived since the timer was set.
    is_moving: bool,
}

impl LingeringClose {
    /// Sends `word` first, then drops `most` bytes at most, until `until` or for [`LONGEST`], whichever is
    /// later.
    #[must_use]
    pub fn new(word: Vec<u8>, most: usize, until: Instant) -> Self {
        let first = Instant::now() + LONGEST;
        let until = until.max(first);
        let timer = Box::pin(tokio::time::sleep_until(first));
        Self { word, written: 0, is_shut: false, left: most, timer, until, is_moving: false }
    }

    /// Ready when the connection may be dropped.
    pub fn poll<S>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if !std::mem::take(&mut self.is_moving) || now >= self.until {
                return Poll::Ready(());
            }
            self.timer.as_mut().reset(self.until.min(now + LONGEST));
        }
        self.poll_rest(cx, stream)
    }

    /// Ready when everything is sent and dropped, or the socket takes no more.
    fn poll_rest<S>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while self.written < self.word.len() {
            match ready!(Pin::new(&mut *stream).poll_write(cx, &self.word[self.written..])) {
                Ok(written @ 1..) => self.written += written,
                _ => return Poll::Ready(()),
            }
        }
        if !self.is_shut {
            if ready!(Pin::new(&mut *stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            self.is_shut = true;
        }
        self.poll_drop(cx, stream)
    }

    /// Ready when nothing more arrives, or more than may be dropped.
    fn poll_drop<S: AsyncRead + Unpin>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<()> {
        let mut scratch = [0; 4096];
        while self.left > 0 {
            let mut read = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut *stream).poll_read(cx, &mut read)) {
                Ok(()) if !read.filled().is_empty() => {
                    self.left = self.left.saturating_sub(read.filled().len());
                    self.is_moving = true;
                }
                _ => break,
            }
        }
        Poll::Ready(())
    }
}
