//! One connection of the chaos upstream: its bytes as they come and go, and how it ends.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::words::end_of_head;

/// The part of a large request that is read: far less than the kernel buffers for both sides.
const PART: usize = 4096;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    fn socket(&self) -> &TcpStream;
}

impl Stream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// The connection. Each of its steps returns `None` once the other side has closed it.
pub struct Line {
    stream: Box<dyn Stream>,
    taken: Vec<u8>,
}

impl Line {
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), taken: Vec::new() }
    }

    /// Waits for the first bytes and reads few: the unread rest turns a close into a reset, as when a server closes a
    /// connection just as a request comes in.
    pub async fn awaits(&mut self) -> Option<()> {
        if self.taken.is_empty() { self.take(16).await } else { Some(()) }
    }

    /// A request's body; the whole request is read.
    pub async fn request(&mut self) -> Option<Vec<u8>> {
        let (start, length) = self.head().await?;
        self.take_to(start + length).await?;
        let behind = self.taken.split_off(start + length);
        let request = std::mem::replace(&mut self.taken, behind);
        Some(request[start..].to_vec())
    }

    /// A part of a request's body, which stays in the buffer.
    pub async fn part_of_request(&mut self) -> Option<&[u8]> {
        let (start, length) = self.head().await?;
        self.take_to(start + length.saturating_sub(2).min(PART)).await?;
        Some(&self.taken[start..])
    }

    /// Where a request's body begins, and its length.
    async fn head(&mut self) -> Option<(usize, usize)> {
        loop {
            if let Some(start) = end_of_head(&self.taken) {
                let head = String::from_utf8_lossy(&self.taken[..start]).to_ascii_lowercase();
                let length =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                return Some((start, length.unwrap_or(0)));
            }
            self.take(64).await?;
        }
    }

    async fn take_to(&mut self, length: usize) -> Option<()> {
        while self.taken.len() < length {
            self.take(length - self.taken.len()).await?;
        }
        Some(())
    }

    async fn take(&mut self, most: usize) -> Option<()> {
        let read = (&mut self.stream).take(most as u64).read_buf(&mut self.taken).await;
        matches!(read, Ok(read) if read > 0).then_some(())
    }

    pub fn unread(&self) -> &[u8] {
        &self.taken
    }

    pub async fn say(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).await.ok()?;
        self.stream.flush().await.ok()
    }

    /// Closes the connection in good order, as far as this side is concerned.
    pub async fn close(&mut self) -> Option<()> {
        let _ = self.stream.shutdown().await;
        None
    }

    pub fn reset(&mut self) -> Option<()> {
        self.stream.socket().set_zero_linger().expect("a socket");
        None
    }
}
