//! Client connections that all send the same request, each one at a time.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;

use crate::http::{BLANK_LINE, PATIENCE};
use crate::poll::Poll;

const HEAD_ROOM: usize = 16 * 1024;

/// The connections, their request, and what every answer must be.
pub struct Crowd<'a> {
    /// Tells which connection is ready.
    pub poll: Poll,
    clients: Vec<Client>,
    request: &'a [u8],
    tail: &'a [u8],
}

struct Client {
    stream: TcpStream,
    unsent: usize,
    since: Option<Instant>,
    buffer: Vec<u8>,
    filled: usize,
}

impl<'a> Crowd<'a> {
    /// Opens all connections. Every answer must have status 200 and `tail` after its head, byte for byte: all requests
    /// are equal, and so are their answers, framing included.
    ///
    /// # Errors
    /// When one cannot connect.
    pub fn connect(address: SocketAddr, count: usize, request: &'a [u8], tail: &'a [u8]) -> Result<Self> {
        let mut crowd = Self { poll: Poll::new()?, clients: Vec::with_capacity(count), request, tail };
        for number in 0..count {
            let stream = TcpStream::connect_timeout(&address, PATIENCE).context("connecting")?;
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            crowd.poll.add_edges(&stream, number)?;
            let buffer = vec![0; HEAD_ROOM + tail.len()];
            crowd.clients.push(Client { stream, unsent: 0, since: None, buffer, filled: 0 });
        }
        Ok(crowd)
    }

    /// How many connections there are.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// How many connections wait for an answer.
    pub fn waiting(&self) -> usize {
        self.clients.iter().filter(|client| client.since.is_some()).count()
    }

    /// Sends a request that was due at `since`.
    ///
    /// # Errors
    /// When the connection is over.
    pub fn send(&mut self, number: usize, since: Instant) -> Result<()> {
        let client = &mut self.clients[number];
        client.since = Some(since);
        client.unsent = self.request.len();
        client.send_on(self.request)
    }

    /// Continues with a connection that is ready. Returns when its request was due, once the answer is whole.
    ///
    /// # Errors
    /// When the answer is wrong, or the connection is over.
    pub fn go_on(&mut self, number: usize) -> Result<Option<Instant>> {
        let client = &mut self.clients[number];
        client.send_on(self.request)?;
        client.receive(self.tail)
    }
}

impl Client {
    fn send_on(&mut self, request: &[u8]) -> Result<()> {
        while self.unsent > 0 {
            match self.stream.write(&request[request.len() - self.unsent..]) {
                Ok(count) => self.unsent -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("sending a request"),
            }
        }
        Ok(())
    }

    fn receive(&mut self, tail: &[u8]) -> Result<Option<Instant>> {
        loop {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => bail!("the connection was closed under a request"),
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("waiting for an answer"),
            }
            if is_answer(&self.buffer[..self.filled], tail)? {
                self.filled = 0;
                let since = self.since.take();
                ensure!(since.is_some() && self.unsent == 0, "an answer before its request");
                return Ok(since);
            }
        }
    }
}

/// Whether the answer is whole; an error if it differs, or is bound to differ, from the right one.
fn is_answer(bytes: &[u8], tail: &[u8]) -> Result<bool> {
    let Some(end) = memmem::find(bytes, BLANK_LINE) else {
        ensure!(bytes.len() < HEAD_ROOM, "an endless head");
        return Ok(false);
    };
    let came = &bytes[end + BLANK_LINE.len()..];
    if came.len() < tail.len() && tail.starts_with(came) {
        return Ok(false);
    }
    ensure!(
        bytes.starts_with(b"HTTP/1.1 200 ") && came == tail,
        "a wrong answer: {}",
        String::from_utf8_lossy(bytes).escape_debug()
    );
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::is_answer;

    #[test]
    fn an_answer_is_right_whole_and_nothing_else() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n";
        let whole = |body: &str| is_answer(format!("{head}{body}").as_bytes(), b"abc");
        assert!(whole("abc").unwrap());
        assert!(!whole("ab").unwrap());
        assert!(!whole("").unwrap());
        assert!(whole("abd").is_err());
        assert!(whole("ax").is_err());
        assert!(whole("abcd").is_err());
        assert!(is_answer(b"HTTP/1.1 502 Bad Gateway\r\n\r\nabc", b"abc").is_err());
        assert!(!is_answer(b"HTTP/1.1 200 OK\r\n", b"abc").unwrap());
    }
}
