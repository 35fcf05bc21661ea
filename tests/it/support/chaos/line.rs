//! One connection of the chaos upstream: its bytes as they come and go, and how it ends.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::words::end_of_head;

/// How much of a large request is a part of it: far less than the kernel holds for both sides.
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

/// The connection. Each of its steps gives `None` when the other side has ended it.
pub struct Line {
    stream: Box<dyn Stream>,
    taken: Vec<u8>,
}

impl Line {
    pub fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), taken: Vec::new() }
    }

    /// Waits for the first bytes. It takes few: what is left makes a close a reset, as it does where a
    /// server closes a connection just as a request comes in.
    pub async fn awaits(&mut self) -> Option<()> {
        if self.taken.is_empty() { self.take(16).await } else { Some(()) }
    }

    /// A request's body, with nothing of the request left on the connection.
    pub async fn request(&mut self) -> Option<Vec<u8>> {
        let (start, length) = self.head().await?;
        self.take_to(start + length).await?;
        let behind = self.taken.split_off(start + length);
        let request = std::mem::replace(&mut self.taken, behind);
        Some(request[start..].to_vec())
    }

    /// A part of a request's body, which stays to be read.
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

    /// Ends it in good order, for what this side has said.
    pub async fn close(&mut self) -> Option<()> {
        let _ = self.stream.shutdown().await;
        None
    }

    pub fn reset(&mut self) -> Option<()> {
        self.stream.socket().set_zero_linger().expect("a socket");
        None
    }
}
