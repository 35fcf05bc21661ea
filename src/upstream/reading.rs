//! Reads upstream's bytes as an answer: its head, and where its body ends (RFC 9112, sections 4 to 7). Pure.
//!
//! Every doubt about the end is a fault: bytes after a wrong end would become the next request's answer.

pub(super) mod said;
#[cfg(test)]
mod tests;

use super::Answer;
use crate::http::proto::head;
use said::{BodyEnd, Said};
pub use said::{Coding, Manner, MediaType};

const SPEAKS_TLS: &str = "upstream speaks TLS there: is http:// in upstream.url right?";

/// The most headers of an answer, and the most bytes of its head.
const MOST_HEADERS: usize = 100;
const MOST_HEAD: usize = 64 * 1024;

/// Why upstream's bytes are no valid answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFault {
    /// They are not HTTP/1, or end too early.
    Broken,
    /// The answer states its length in two ways.
    TwoLengths,
    /// The body is longer than the cap.
    Oversize,
    /// Another fault, with a sentence of its own.
    Named(&'static str),
}

/// An answer that is being read.
pub struct Reading {
    most: usize,
    /// A part of a head, and how many bytes of it were parsed in vain.
    begun: Vec<u8>,
    tried: usize,
    head: Option<AnswerHead>,
    body: Vec<u8>,
}

/// A head that is whole.
struct AnswerHead {
    status: u16,
    ends: BodyEnd,
    stays: bool,
    coding: Coding,
    rests: Option<u32>,
    manner: Manner,
}

/// An answer whose last byte has arrived.
pub struct WholeAnswer {
    /// The answer.
    pub answer: Answer,
    /// Whether the connection may have another request.
    pub stays: bool,
    /// How its body is compressed.
    pub coding: Coding,
    /// For how many whole seconds the connection may rest, if the answer says so.
    pub rests: Option<u32>,
    /// What the head claims, in case the answer is not the API's.
    pub manner: Manner,
}

impl Reading {
    /// A reader for an answer whose body may have `most` bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, begun: Vec::new(), tried: 0, head: None, body: Vec::new() }
    }

    /// Whether the head has arrived.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Takes more bytes; returns the answer once it is whole.
    ///
    /// # Errors
    /// Why the bytes are no valid answer.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Option<WholeAnswer>, ReadFault> {
        if self.head.is_some() {
            return self.take_body(bytes);
        }
        if self.begun.is_empty() {
            let taken = self.take_heads(bytes)?;
            return self.take_rest(&bytes[taken..]);
        }
        self.begun.extend_from_slice(bytes);
        let is_ended = head::end(&self.begun, self.begun.len() - bytes.len()).is_some();
        // Bytes that can never become a head are noticed early; those that trickle are not parsed again and
        // again.
        if !is_ended && self.begun.len() < 2 * self.tried {
            return self.fits();
        }
        let begun = std::mem::take(&mut self.begun);
        let taken = self.take_heads(&begun)?;
        self.take_rest(&begun[taken..])
    }

    /// The connection has ended; returns the answer if it ends with the connection.
    ///
    /// # Errors
    /// The answer is cut short.
    pub fn end(&mut self) -> Result<WholeAnswer, ReadFault> {
        match &self.head {
            Some(AnswerHead { ends: BodyEnd::WithConnection, .. }) => {
                self.whole(false).ok_or(ReadFault::Broken)
            }
            _ => Err(ReadFault::Broken),
        }
    }

    /// Skips interim answers (RFC 9110, section 15.2), up to the head of the final one.
    fn take_heads(&mut self, bytes: &[u8]) -> Result<usize, ReadFault> {
        let mut taken = 0;
        while self.head.is_none() {
            let Some((head, length)) = read(&bytes[taken..])? else {
                break;
            };
            taken += length;
            // After 101, which switches protocols, no other answer follows.
            if !(100..=199).contains(&head.status) || head.status == 101 {
                self.head = Some(head);
            }
        }
        Ok(taken)
    }

    fn take_rest(&mut self, bytes: &[u8]) -> Result<Option<WholeAnswer>, ReadFault> {
        let Some(head) = &self.head else {
            self.begun = bytes.to_vec();
            self.tried = bytes.len();
            return self.fits();
        };
        if let BodyEnd::After(length) = head.ends {
            if length > self.most {
                return Err(ReadFault::Oversize);
            }
            self.body.reserve_exact(length);
        }
        self.take_body(bytes)
    }

    fn fits(&self) -> Result<Option<WholeAnswer>, ReadFault> {
        if self.begun.len() > MOST_HEAD { Err(ReadFault::Broken) } else { Ok(None) }
    }

    fn take_body(&mut self, bytes: &[u8]) -> Result<Option<WholeAnswer>, ReadFault> {
        let Some(AnswerHead { ends, .. }) = &mut self.head else {
            return Err(ReadFault::Broken);
        };
        let end = match ends {
            BodyEnd::After(left) => {
                let taken = bytes.len().min(*left);
                self.body.extend_from_slice(&bytes[..taken]);
                *left -= taken;
                (*left == 0).then_some(taken)
            }
            BodyEnd::Chunks(chunks) => chunks.walk(bytes, &mut self.body).map_err(|_| ReadFault::Broken)?,
            BodyEnd::WithConnection => {
                self.body.extend_from_slice(bytes);
                None
            }
        };
        if self.body.len() > self.most {
            return Err(ReadFault::Oversize);
        }
        // Bytes after the end belong to no request, so the connection is closed.
        Ok(end.and_then(|end| self.whole(end == bytes.len())))
    }

    fn whole(&mut self, stays: bool) -> Option<WholeAnswer> {
        let head = self.head.take()?;
        let answer = Answer { status: head.status, bytes: std::mem::take(&mut self.body).into() };
        let AnswerHead { coding, rests, manner, .. } = head;
        Some(WholeAnswer { answer, stays: stays && head.stays, coding, rests, manner })
    }
}

/// Reads a head, if it is whole; returns it with its length.
fn read(bytes: &[u8]) -> Result<Option<(AnswerHead, usize)>, ReadFault> {
    let Some((line, mut at)) = line(bytes) else {
        // Bytes that can never become a status line are not waited for.
        let common = bytes.len().min(VERSION.len());
        return if bytes[..common] == VERSION[..common] { Ok(None) } else { Err(no_http(bytes)) };
    };
    let (status, is_1_0) = status(line)?;
    let mut said = Said::default();
    for _ in 0..=MOST_HEADERS {
        let Some((line, length)) = self::line(&bytes[at..]) else {
            return Ok(None);
        };
        at += length;
        if line.is_empty() {
            let has_body = !matches!(status, 100..=199 | 204 | 304);
            // Some servers send a body where there must be none, so the connection is not used again.
            let stays = has_body && said.stays(is_1_0);
            let ends = said.ends(is_1_0)?;
            let ends = if has_body { ends } else { BodyEnd::After(0) };
            let Said { coding, rests, manner, .. } = said;
            return Ok(Some((AnswerHead { status, ends, stays, coding, rests, manner }, at)));
        }
        let (name, value) = head::header(line).map_err(|_| ReadFault::Broken)?;
        said.hear(name, value)?;
    }
    Err(ReadFault::Broken)
}

/// The first line without its end, and its length with it.
fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = head::line(bytes)?;
    Some((head::ended(&bytes[..length]).0, length))
}

const VERSION: &[u8] = b"HTTP/1.";

/// The fault of bytes that can never become a status line.
#[cold]
fn no_http(bytes: &[u8]) -> ReadFault {
    match bytes {
        // A TLS alert (RFC 8446, section 5.1): the server got plain HTTP.
        [0x15, 0x03, ..] => ReadFault::Named(SPEAKS_TLS),
        _ => ReadFault::Broken,
    }
}

/// The status, and whether the answer is HTTP/1.0 (RFC 9112, section 4).
fn status(line: &[u8]) -> Result<(u16, bool), ReadFault> {
    match line.strip_prefix(VERSION).ok_or(ReadFault::Broken)? {
        [version @ (b'0' | b'1'), b' ', hundreds @ b'1'..=b'9', tens, ones, rest @ ..]
            if tens.is_ascii_digit() && ones.is_ascii_digit() && matches!(rest, [] | [b' ', ..]) =>
        {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Ok((digit(hundreds) * 100 + digit(tens) * 10 + digit(ones), *version == b'0'))
        }
        _ => Err(ReadFault::Broken),
    }
}
