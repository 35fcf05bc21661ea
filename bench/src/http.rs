//! As much of HTTP/1.1 as a benchmark needs: where a message ends.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;

/// The end of a head.
pub const BLANK_LINE: &[u8] = b"\r\n\r\n";

/// How long anything on loopback may take before it counts as a fault.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The length of a request in bytes, head and body, once its head is there.
pub fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = memmem::find(bytes, BLANK_LINE)? + BLANK_LINE.len();
    Some(head + header(&bytes[..head], b"content-length").map_or(0, number))
}

/// The value of a header, by its name in lower case.
pub fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = head;
    while let Some(end) = memchr::memchr(b'\n', rest) {
        let line = &rest[..end];
        rest = &rest[end + 1..];
        if line.len() > name.len()
            && line[name.len()] == b':'
            && line[..name.len()].eq_ignore_ascii_case(name)
        {
            return Some(line[name.len() + 1..].trim_ascii());
        }
    }
    None
}

fn number(digits: &[u8]) -> usize {
    digits
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |sum: usize, digit| sum.saturating_mul(10).saturating_add(usize::from(digit - b'0')))
}

/// An answer: its head, the bytes after it as they came, and its decoded body.
pub struct Answer {
    /// Status line and headers.
    pub head: Vec<u8>,
    /// All bytes after the head, framing included.
    pub tail: Vec<u8>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends one request on a connection of its own and waits for its answer.
///
/// # Errors
/// When there is no whole answer in time.
pub fn ask(address: SocketAddr, request: &[u8]) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    loop {
        if let Some(answer) = whole_answer(&bytes)? {
            return Ok(answer);
        }
        let mut piece = [0; 16 * 1024];
        match stream.read(&mut piece) {
            Ok(0) => bail!("the connection ended inside the answer: {}", String::from_utf8_lossy(&bytes)),
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error).context("waiting for an answer"),
        }
    }
}

fn whole_answer(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = memmem::find(bytes, BLANK_LINE) else { return Ok(None) };
    let (head, tail) = bytes.split_at(end + BLANK_LINE.len());
    let body = if let Some(length) = header(head, b"content-length") {
        (tail.len() == number(length)).then(|| tail.to_vec())
    } else {
        ensure!(header(head, b"transfer-encoding").is_some(), "an answer without a length");
        dechunked(tail)?
    };
    Ok(body.map(|body| Answer { head: head.to_vec(), tail: tail.to_vec(), body }))
}

fn dechunked(mut bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = memmem::find(bytes, b"\r\n") else { return Ok(None) };
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end])?, 16)?;
        let Some(chunk) = bytes.get(end + 2..end + 2 + size + 2) else { return Ok(None) };
        if size == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(&chunk[..size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_behind_its_body() {
        assert_eq!(request_length(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), Some(27));
        assert_eq!(request_length(b"POST / HTTP/1.1\r\ncontent-length:  12\r\n\r\nab"), Some(52));
        assert_eq!(request_length(b"GET / HTTP/1.1\r\nHost: a\r\n"), None);
    }

    #[test]
    fn a_chunked_answer_is_its_chunks_together() {
        let bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answer = whole_answer(bytes).unwrap().unwrap();
        assert_eq!(answer.body, b"abcde");
        assert!(whole_answer(&bytes[..bytes.len() - 3]).unwrap().is_none());
    }
}
