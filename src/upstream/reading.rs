//! Bytes from upstream → an answer: its head, and where its body ends (RFC 9112, sections 4 to 7). Pure.
//!
//! Every doubt about the end is a fault: what stands behind a wrong end would become the next
//! request's answer.

use super::Answer;
use crate::http::asked::has_word;
use crate::http::proto::chunks::Chunks;
use crate::http::proto::head;

/// The most headers of an answer, and the most bytes of its head.
const MOST_HEADERS: usize = 100;
const MOST_HEAD: usize = 64 * 1024;

/// Bytes that are no answer that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// They are no answer of HTTP/1, or end too early.
    Broken,
    /// The answer says its length in two ways.
    TwoLengths,
    /// Its body is longer than may be.
    Oversize,
}

/// An answer that is being read.
pub struct Reading {
    most: usize,
    /// A part of a head, and how much of it was looked at in vain.
    begun: Vec<u8>,
    tried: usize,
    head: Option<Head>,
    body: Vec<u8>,
}

/// A head that is whole.
struct Head {
    status: u16,
    ends: Ends,
    stays: bool,
}

/// Where a body ends.
enum Ends {
    /// After so many more bytes.
    After(usize),
    /// Behind its last chunk.
    Chunks(Chunks),
    /// With the connection.
    WithConnection,
}

/// What has come of an answer with its last byte.
pub struct Whole {
    /// The answer.
    pub answer: Answer,
    /// Whether the connection may have another request.
    pub stays: bool,
}

impl Reading {
    /// Of an answer whose body may have `most` bytes.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, begun: Vec::new(), tried: 0, head: None, body: Vec::new() }
    }

    /// Whether the head has come.
    #[must_use]
    pub fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Takes more bytes; gives the answer once it is whole.
    ///
    /// # Errors
    /// That it is none.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Option<Whole>, Fault> {
        if self.head.is_some() {
            return self.take_body(bytes);
        }
        if self.begun.is_empty() {
            let taken = self.take_heads(bytes)?;
            return self.take_rest(&bytes[taken..]);
        }
        self.begun.extend_from_slice(bytes);
        let is_ended = head::end(&self.begun, self.begun.len() - bytes.len()).is_some();
        // What can never become a head is noticed early, and what trickles is not read again and again.
        if !is_ended && self.begun.len() < 2 * self.tried {
            return self.fits();
        }
        let begun = std::mem::take(&mut self.begun);
        let taken = self.take_heads(&begun)?;
        self.take_rest(&begun[taken..])
    }

    /// The connection has ended; gives the answer if that is its end.
    ///
    /// # Errors
    /// That it is cut short.
    pub fn end(&mut self) -> Result<Whole, Fault> {
        match &self.head {
            Some(Head { ends: Ends::WithConnection, .. }) => self.whole(false).ok_or(Fault::Broken),
            _ => Err(Fault::Broken),
        }
    }

    /// Passes over interim answers (RFC 9110, section 15.2), up to the head of the last one.
    fn take_heads(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let mut taken = 0;
        while self.head.is_none() {
            let Some((head, length)) = read(&bytes[taken..])? else {
                break;
            };
            taken += length;
            // Switching protocols is the last word of this one.
            if !(100..=199).contains(&head.status) || head.status == 101 {
                self.head = Some(head);
            }
        }
        Ok(taken)
    }

    fn take_rest(&mut self, bytes: &[u8]) -> Result<Option<Whole>, Fault> {
        let Some(head) = &self.head else {
            self.begun = bytes.to_vec();
            self.tried = bytes.len();
            return self.fits();
        };
        if let Ends::After(length) = head.ends {
            if length > self.most {
                return Err(Fault::Oversize);
            }
            self.body.reserve_exact(length);
        }
        self.take_body(bytes)
    }

    fn fits(&self) -> Result<Option<Whole>, Fault> {
        if self.begun.len() > MOST_HEAD { Err(Fault::Broken) } else { Ok(None) }
    }

    fn take_body(&mut self, bytes: &[u8]) -> Result<Option<Whole>, Fault> {
        let Some(Head { ends, .. }) = &mut self.head else {
            return Err(Fault::Broken);
        };
        let end = match ends {
            Ends::After(left) => {
                let taken = bytes.len().min(*left);
                self.body.extend_from_slice(&bytes[..taken]);
                *left -= taken;
                (*left == 0).then_some(taken)
            }
            Ends::Chunks(chunks) => chunks.walk(bytes, &mut self.body).map_err(|_| Fault::Broken)?,
            Ends::WithConnection => {
                self.body.extend_from_slice(bytes);
                None
            }
        };
        if self.body.len() > self.most {
            return Err(Fault::Oversize);
        }
        // What stands behind the end is nobody's.
        Ok(end.and_then(|end| self.whole(end == bytes.len())))
    }

    fn whole(&mut self, stays: bool) -> Option<Whole> {
        let head = self.head.take()?;
        let answer = Answer { status: head.status, bytes: std::mem::take(&mut self.body).into() };
        Some(Whole { answer, stays: stays && head.stays })
    }
}

/// Reads a head, if it is whole, and its length.
fn read(bytes: &[u8]) -> Result<Option<(Head, usize)>, Fault> {
    let Some((line, mut at)) = line(bytes) else {
        // What can never become a status line need not be waited for.
        let common = bytes.len().min(VERSION.len());
        return if bytes[..common] == VERSION[..common] { Ok(None) } else { Err(Fault::Broken) };
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
            let stays = status != 101 && !said.close && (!is_1_0 || said.keep_alive);
            let ends = said.ends(is_1_0)?;
            return Ok(Some((
                Head { status, ends: if has_body { ends } else { Ends::After(0) }, stays },
                at,
            )));
        }
        let (name, value) = head::header(line).map_err(|_| Fault::Broken)?;
        said.hear(name, value)?;
    }
    Err(Fault::Broken)
}

/// The first line without its end, and its length with it.
fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = head::line(bytes)?;
    Some((head::ended(&bytes[..length]).0, length))
}

const VERSION: &[u8] = b"HTTP/1.";

/// The status, and whether it is HTTP/1.0 that says so (RFC 9112, section 4).
fn status(line: &[u8]) -> Result<(u16, bool), Fault> {
    match line.strip_prefix(VERSION).ok_or(Fault::Broken)? {
        [version @ (b'0' | b'1'), b' ', hundreds @ b'1'..=b'9', tens, ones, rest @ ..]
            if tens.is_ascii_digit() && ones.is_ascii_digit() && matches!(rest, [] | [b' ', ..]) =>
        {
            let digit = |byte: &u8| u16::from(byte - b'0');
            Ok((digit(hundreds) * 100 + digit(tens) * 10 + digit(ones), *version == b'0'))
        }
        _ => Err(Fault::Broken),
    }
}

/// What the headers say of the connection and the body.
#[derive(Default)]
struct Said {
    length: Option<usize>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Said {
    fn hear(&mut self, name: &[u8], value: &[u8]) -> Result<(), Fault> {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            10 if is(b"connection") => {
                self.close |= has_word(value, b"close");
                self.keep_alive |= has_word(value, b"keep-alive");
            }
            14 if is(b"content-length") => {
                let length = head::number(value).and_then(|length| usize::try_from(length).ok());
                let length = length.ok_or(Fault::Broken)?;
                // RFC 9110, section 8.6: said twice, it must be the same.
                if self.length.replace(length).is_some_and(|before| before != length) {
                    return Err(Fault::Broken);
                }
            }
            17 if is(b"transfer-encoding") => {
                if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Fault::Broken);
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn ends(&self, is_1_0: bool) -> Result<Ends, Fault> {
        match (self.length, self.chunked) {
            (Some(_), true) => Err(Fault::TwoLengths),
            (None, true) if is_1_0 => Err(Fault::Broken),
            (None, true) => Ok(Ends::Chunks(Chunks::default())),
            (Some(length), false) => Ok(Ends::After(length)),
            (None, false) => Ok(Ends::WithConnection),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Reading};

    const MOST: usize = 16;

    /// Status, body and whether the connection stays; the same whatever the pieces in which it comes.
    fn read(text: &str) -> Result<Option<(u16, String, bool)>, Fault> {
        let whole = feed(&[text.as_bytes()]);
        let by_byte: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        let by_byte = feed(&by_byte);
        match (&whole, &by_byte) {
            // Byte by byte, nothing stands behind the end yet when it comes.
            (Ok(Some(one)), Ok(Some(other))) => assert_eq!((one.0, &one.1), (other.0, &other.1), "{text:?}"),
            _ => assert_eq!(whole, by_byte, "{text:?}"),
        }
        whole
    }

    fn feed(pieces: &[&[u8]]) -> Result<Option<(u16, String, bool)>, Fault> {
        let mut reading = Reading::new(MOST);
        for piece in pieces {
            if let Some(whole) = reading.take(piece)? {
                let text = String::from_utf8(whole.answer.bytes.to_vec()).expect("text");
                return Ok(Some((whole.answer.status, text, whole.stays)));
            }
        }
        Ok(None)
    }

    #[test]
    fn an_answer_has_one_end_and_says_whether_its_connection_stays() {
        for (text, status, body, stays) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood", 200, "good", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCONTENT-LENGTH: 4\r\n\r\ngood", 200, "good", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodmore", 200, "good", false),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true),
            ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", 200, "a", false),
            ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, "a", false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", 200, "a", true),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\ngo\r\n2;x=y\r\nod\r\n0\r\nA: b\r\n\r\n",
                200,
                "good",
                true,
            ),
            ("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", 204, "", false),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 101, "", false),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n\
                 HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\na",
                404,
                "a",
                true,
            ),
        ] {
            assert_eq!(read(text), Ok(Some((status, body.to_owned(), stays))), "{text:?}");
        }
    }

    #[test]
    fn without_a_length_the_end_of_the_connection_is_the_end() {
        for (text, end) in [
            ("HTTP/1.1 200 OK\r\n\r\ngood", Ok("good")),
            ("HTTP/1.0 200 OK\r\n\r\n", Ok("")),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoo", Err(Fault::Broken)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n", Err(Fault::Broken)),
            ("HTTP/1.1 200 OK\r\nCont", Err(Fault::Broken)),
            ("HTTP/1.1 100 Continue\r\n\r\n", Err(Fault::Broken)),
            ("", Err(Fault::Broken)),
        ] {
            let mut reading = Reading::new(MOST);
            assert!(reading.take(text.as_bytes()).is_ok_and(|whole| whole.is_none()), "{text:?}");
            let ended = reading.end().map(|whole| {
                assert!(!whole.stays);
                whole.answer.bytes
            });
            assert_eq!(ended.as_deref(), end.map(str::as_bytes).as_ref().copied(), "{text:?}");
        }
    }

    #[test]
    fn what_is_in_doubt_or_too_long_is_no_answer() {
        let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(MOST + 1));
        let long_head = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(super::MOST_HEAD));
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(super::MOST_HEADERS + 1));
        for (text, fault) in [
            ("HTTP/2.0 200 OK\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 20 OK\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 2000 OK\r\n\r\n", Fault::Broken),
            ("HTTP/1.2 200 OK\r\n\r\n", Fault::Broken),
            ("{\"result\":true}", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Fault::Broken),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", Fault::TwoLengths),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x4\r\n", Fault::Broken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", Fault::Oversize),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdefg", Fault::Oversize),
            (&long, Fault::Oversize),
            (&long_head, Fault::Broken),
            (&many, Fault::Broken),
        ] {
            assert_eq!(read(text), Err(fault), "{text:.80?}");
        }
    }
}
