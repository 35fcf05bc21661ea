//! The end of a connection that is ours to end: a last word, then the end of our side, then a moment
//! in which what the client still sends is read and dropped. Without that moment the kernel would
//! answer it with a reset, which can take the last word away from the client (RFC 9112, section 9.6).

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long and how much is read and dropped.
const LONGEST: Duration = Duration::from_secs(1);
const MOST: usize = 256 * 1024;

/// A connection's last moments.
pub struct Farewell {
    word: Vec<u8>,
    written: usize,
    is_shut: bool,
    dropped: usize,
    timer: Pin<Box<Sleep>>,
}

impl Farewell {
    /// Says `word` first.
    #[must_use]
    pub fn new(word: Vec<u8>) -> Self {
        let timer = Box::pin(tokio::time::sleep(LONGEST));
        Self { word, written: 0, is_shut: false, dropped: 0, timer }
    }

    /// Ready when the connection may be dropped.
    pub fn poll<S>(&mut self, cx: &mut Context<'_>, stream: &mut S) -> Poll<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if self.timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
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
        let mut scratch = [0; 4096];
        while self.dropped < MOST {
            let mut read = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut *stream).poll_read(cx, &mut read)) {
                Ok(()) if !read.filled().is_empty() => self.dropped += read.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(())
    }
}
