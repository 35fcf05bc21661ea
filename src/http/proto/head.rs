//! A request's head as bytes, and the checks that it must pass. Pure.
//!
//! Everything on which two readers of one connection could disagree is decided here, once, and what is doubtful
//! is refused (RFC 9112, sections 2.2, 3, 5, 6 and 11.2).

mod field;
mod hosts;
mod target;

use crate::config::Config;
use crate::http::proto::fields::Fields;
use crate::http::proto::head_reject::HeadReject;
use crate::protocol::byteset::Special;
use field::{Field, FramingFields};

pub use field::{ended, is_authority, is_token, number, read as header};
pub use hosts::Hosts;

/// How a request's body is framed (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// The request has no body.
    Nothing,
    /// A body of this many bytes.
    Length(u64),
    /// A chunked body.
    Chunks,
}

/// A head that is accepted.
pub struct Head<'h> {
    /// The method.
    pub method: &'h [u8],
    /// The path, without host and query.
    pub path: &'h [u8],
    /// The query behind the `?`, or empty.
    pub query: &'h [u8],
    /// The headers that the handler uses.
    pub fields: Fields<'h>,
    /// The lines of all headers, each with its end.
    pub lines: &'h [u8],
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects: bool,
    /// Whether the request is HTTP/1.0.
    pub is_1_0: bool,
    /// Whether another request may follow on the connection. Not after a head with a line that ends in LF
    /// alone: old programs write such heads, but other readers may see another end of them, so nothing behind
    /// them is read.
    pub stays: bool,
}

/// The limits of a head.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The longest request line, in bytes.
    pub line: usize,
    /// The most bytes of headers behind it.
    pub headers: usize,
    /// The most headers, counted.
    pub count: usize,
    /// The names under which clients reach the gateway.
    pub hosts: Hosts,
}

impl Rules {
    /// The limits of the settings.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let Config { cap, listen, .. } = config;
        Self {
            line: cap.target,
            headers: cap.head,
            count: cap.headers,
            hosts: Hosts::of_clients(&listen.hosts),
        }
    }
}

/// How many bytes of empty lines stand before the request line, of which a client may send some (RFC 9112,
/// section 2.2).
///
/// # Errors
/// More than two empty lines.
pub fn empty_lines(bytes: &[u8]) -> Result<usize, HeadReject> {
    let mut start = 0;
    for _ in 0..3 {
        match &bytes[start..] {
            [b'\n', ..] => start += 1,
            [b'\r', b'\n', ..] => start += 2,
            _ => return Ok(start),
        }
    }
    Err(HeadReject::EmptyLines)
}

/// What was found so far in a head whose end has not arrived.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Looked {
    /// How many bytes were looked at.
    seen: usize,
    /// The length of the first line with its end, once that has arrived.
    first: Option<usize>,
    /// How many lines have ended.
    lines: usize,
}

impl Looked {
    /// Looks on at the same head, of which more may have arrived; returns where it ends.
    #[must_use]
    pub fn on(&mut self, bytes: &[u8]) -> Option<usize> {
        let end = end(bytes, self.seen);
        if end.is_none() {
            let fresh = self.seen.min(bytes.len());
            if self.first.is_none() {
                self.first = line(&bytes[fresh..]).map(|length| fresh + length);
            }
            self.lines += memchr::memchr_iter(b'\n', &bytes[fresh..]).count();
            self.seen = bytes.len();
        }
        end
    }
}

/// Where the head ends; only the bytes after the first `seen` are looked at.
#[must_use]
pub fn end(bytes: &[u8], seen: usize) -> Option<usize> {
    let mut next = seen.saturating_sub(3);
    loop {
        next += line(&bytes[next..])?;
        match &bytes[next..] {
            [b'\n', ..] => return Some(next + 1),
            [b'\r', b'\n', ..] => return Some(next + 2),
            _ => {}
        }
    }
}

/// The length of the first line with its end, once that has arrived. Lines are short, so that a call of
/// `memchr` would cost more than the search.
#[must_use]
pub fn line(bytes: &[u8]) -> Option<usize> {
    const END: Special<1> = Special::new([b'\n']);
    let length = END.run(bytes);
    (length < bytes.len()).then_some(length + 1)
}

impl Rules {
    /// Whether a head whose end has not arrived may still be accepted.
    ///
    /// # Errors
    /// The head is too long already.
    pub fn may_go_on(&self, looked: &Looked) -> Result<(), HeadReject> {
        self.fits(looked.seen, looked.first)?;
        // One of the lines is the request line.
        if looked.lines > self.count + 1 { Err(HeadReject::ManyHeaders) } else { Ok(()) }
    }

    /// Whether a head of `length` bytes is short enough; `line` is the length of its first line with its end.
    fn fits(&self, length: usize, line: Option<usize>) -> Result<(), HeadReject> {
        match line {
            None if length > self.line => Err(HeadReject::LongLine),
            Some(line) if line > self.line + 1 => Err(HeadReject::LongLine),
            Some(line) if length - line >= self.headers => Err(HeadReject::LongHeaders),
            _ => Ok(()),
        }
    }

    /// Checks an HTTP/2 head against the same limits, by the lengths that its lines would have over HTTP/1.
    ///
    /// # Errors
    /// The first thing that is wrong with the head.
    pub fn allows(&self, target: usize, headers: usize, count: usize, host: &[u8]) -> Result<(), HeadReject> {
        match () {
            () if target > self.line => Err(HeadReject::LongLine),
            () if headers > self.headers => Err(HeadReject::LongHeaders),
            () if count > self.count => Err(HeadReject::ManyHeaders),
            () => self.hosts.agree(Some(host)),
        }
    }

    /// Reads a whole head.
    ///
    /// # Errors
    /// The first thing that is wrong with the head.
    pub fn read<'h>(&self, head: &'h [u8]) -> Result<Head<'h>, HeadReject> {
        let first = line(head);
        self.fits(head.len(), first)?;
        let end = first.unwrap_or(head.len());
        let line = target::line(&head[..end])?;
        let mut ends = LineEnds::of(line.bare_end);
        let (mut connection, mut fields) = (FramingFields::default(), Fields::default());
        let mut count = 0;
        let mut rest = &head[end..];
        while let Some(length) = self::line(rest) {
            let (this, next) = rest.split_at(length);
            rest = next;
            let (this, bare) = ended(this);
            ends.add(bare);
            if this.is_empty() {
                break;
            }
            count += 1;
            if count > self.count {
                return Err(HeadReject::ManyHeaders);
            }
            let (name, value) = field::read(this)?;
            match Field::of(name, value) {
                Field::Other => fields.take(name, value),
                field => connection.take(field)?,
            }
        }
        let host = line.form.host(connection.host(line.is_1_0)?)?;
        self.hosts.agree(host)?;
        let framing = connection.framing(line.is_1_0)?;
        if framing != Framing::Nothing && ends.are_mixed() {
            return Err(HeadReject::MixedEnds);
        }
        Ok(Head {
            method: line.method,
            path: line.path,
            query: line.query,
            fields,
            lines: &head[end..],
            framing,
            expects: connection.expects && !line.is_1_0,
            is_1_0: line.is_1_0,
            stays: !ends.bare && connection.stays(line.is_1_0),
        })
    }
}

/// How the lines of one head end. Old programs end all of them in LF alone. Where both ways are found, another
/// reader on the way may have taken an LF for a part of a value, and what follows it for something else.
struct LineEnds {
    bare: bool,
    whole: bool,
}

impl LineEnds {
    fn of(is_bare: bool) -> Self {
        Self { bare: is_bare, whole: !is_bare }
    }

    fn add(&mut self, is_bare: bool) {
        self.bare |= is_bare;
        self.whole |= !is_bare;
    }

    fn are_mixed(&self) -> bool {
        self.bare && self.whole
    }
}

/// Reads a trailer, a line after the last chunk: a header by form, and none that would change the request's own
/// framing (RFC 9110, section 6.5.1).
///
/// # Errors
/// What is wrong with the line.
pub fn trailer(line: &[u8]) -> Result<(), HeadReject> {
    let (name, value) = field::read(line)?;
    match Field::of(name, value) {
        Field::Other | Field::Connection(_) => Ok(()),
        Field::Host(_) | Field::Length(_) | Field::Coding(_) | Field::Expect(_) => Err(HeadReject::Trailer),
    }
}

#[cfg(test)]
mod tests;
