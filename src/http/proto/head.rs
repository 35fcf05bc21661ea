//! A request's head as bytes: what it must be before anybody believes it. Pure.
//!
//! Everything on which two readers of one connection could disagree is decided here, once, and every
//! doubt is a refusal (RFC 9112, sections 2.2, 3, 5, 6 and 11.2).

mod field;
mod target;

use crate::config::Config;
use crate::http::asked::Fields;
use crate::protocol::byteset::Special;
use field::{Field, Wire};

pub use field::{ended, is_authority, number, read as header};

/// How a request's body is framed (RFC 9112, section 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is none.
    Nothing,
    /// This many bytes.
    Length(u64),
    /// Chunks.
    Chunks,
}

/// A head that is taken.
pub struct Head<'h> {
    /// The method.
    pub method: &'h [u8],
    /// The path, without host and query.
    pub path: &'h [u8],
    /// What stands behind the `?`, empty if nothing does.
    pub query: &'h [u8],
    /// The headers that mean something to the handler.
    pub fields: Fields<'h>,
    /// How the body is framed.
    pub framing: Framing,
    /// Whether the client waits for a word before it sends the body.
    pub expects: bool,
    /// Whether it is HTTP/1.0.
    pub is_1_0: bool,
    /// Whether another request may follow on the connection. Not behind a line that ends in LF alone:
    /// old programs write such heads, others on the way may read them otherwise, and nothing behind
    /// them is believed.
    pub stays: bool,
}

/// A head that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong and what would be right.
    pub why: &'static str,
}

/// What is taken.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The longest request line, in bytes.
    pub line: usize,
    /// The most bytes of headers behind it.
    pub headers: usize,
    /// The most headers.
    pub count: usize,
    /// The names under which clients reach us, in lower case; none: any.
    pub hosts: Vec<String>,
}

impl Rules {
    /// What the settings say.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let Config { cap, listen, .. } = config;
        Self { line: cap.target, headers: cap.head, count: cap.headers, hosts: listen.hosts.clone() }
    }
}

const fn refused<T>(status: u16, why: &'static str) -> Result<T, Refusal> {
    Err(Refusal { status, why })
}

/// How many bytes of empty lines stand before the request line; a client may send some
/// (RFC 9112, section 2.2).
///
/// # Errors
/// Over two of them.
pub fn empty_lines(bytes: &[u8]) -> Result<usize, Refusal> {
    let mut start = 0;
    for _ in 0..3 {
        match &bytes[start..] {
            [b'\n', ..] => start += 1,
            [b'\r', b'\n', ..] => start += 2,
            _ => return Ok(start),
        }
    }
    refused(400, "empty lines stand where a request is due")
}

/// Where the head ends, looking at what is behind the first `seen` bytes alone.
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

/// How long the first line is with its end, if that has come. Lines are short: a call of `memchr` would cost
/// more than the look itself.
#[must_use]
pub fn line(bytes: &[u8]) -> Option<usize> {
    const END: Special<1> = Special::new([b'\n']);
    let length = END.run(bytes);
    (length < bytes.len()).then_some(length + 1)
}

impl Rules {
    /// Whether a head whose end has not come may still become one that is taken.
    ///
    /// # Errors
    /// That it is too long already.
    pub fn may_go_on(&self, bytes: &[u8]) -> Result<(), Refusal> {
        self.fits(bytes, line(bytes))?;
        // The request line has an end too.
        let ends = memchr::memchr_iter(b'\n', bytes).count();
        if ends > self.count + 1 { Err(TOO_MANY) } else { Ok(()) }
    }

    /// Whether a head is short enough, of which the first line with its end is so long.
    fn fits(&self, bytes: &[u8], line: Option<usize>) -> Result<(), Refusal> {
        match line {
            None if bytes.len() > self.line => TOO_LONG,
            Some(length) if length > self.line + 1 => TOO_LONG,
            Some(length) if bytes.len() - length >= self.headers => TOO_LARGE,
            _ => Ok(()),
        }
    }

    /// Reads a whole head.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn read<'h>(&self, head: &'h [u8]) -> Result<Head<'h>, Refusal> {
        let first = line(head);
        self.fits(head, first)?;
        let end = first.unwrap_or(head.len());
        let line = target::line(&head[..end])?;
        let mut bare_ends = line.bare_end;
        let (mut wire, mut fields) = (Wire::default(), Fields::default());
        let mut count = 0;
        let mut rest = &head[end..];
        while let Some(length) = self::line(rest) {
            let (this, next) = rest.split_at(length);
            rest = next;
            let (this, bare) = ended(this);
            bare_ends |= bare;
            if this.is_empty() {
                break;
            }
            count += 1;
            if count > self.count {
                return Err(TOO_MANY);
            }
            let (name, value) = field::read(this)?;
            match Field::of(name, value) {
                Field::Other => fields.take(name, value),
                field => wire.take(field)?,
            }
        }
        let host = wire.host(line.is_1_0)?;
        line.form.agrees(host)?;
        if !self.hosts.is_empty() && !host.is_some_and(|host| is_ours(&self.hosts, host)) {
            return refused(421, MISDIRECTED);
        }
        Ok(Head {
            method: line.method,
            path: line.path,
            query: line.query,
            fields,
            framing: wire.framing(line.is_1_0)?,
            expects: wire.expects && !line.is_1_0,
            is_1_0: line.is_1_0,
            stays: !bare_ends && wire.stays(line.is_1_0),
        })
    }
}

/// Whether a Host header's value is one of these names, the scheme's own port written or not.
#[must_use]
pub fn is_ours(hosts: &[String], host: &[u8]) -> bool {
    let plain = |name: &[u8]| hosts.iter().any(|ours| ours.as_bytes().eq_ignore_ascii_case(name));
    plain(host) || [b":80".as_slice(), b":443"].iter().any(|port| host.strip_suffix(*port).is_some_and(plain))
}

/// What a request for another host is told.
pub const MISDIRECTED: &str =
    "another host is asked: use a name under which this one is known (listen.hosts)";
const TOO_LONG: Result<(), Refusal> =
    refused(414, "the request line is over the limit (cap.target): send long parameters in a POST");
const TOO_LARGE: Result<(), Refusal> = refused(431, "the headers are over the limit (cap.head)");
const TOO_MANY: Refusal = Refusal { status: 431, why: "there are more headers than the limit (cap.headers)" };

/// Reads a line that stands behind the last chunk: a header by form, and none that would say
/// something of the request's own framing (RFC 9110, section 6.5.1).
///
/// # Errors
/// What is wrong with it.
pub fn trailer(line: &[u8]) -> Result<(), Refusal> {
    let (name, value) = field::read(line)?;
    match Field::of(name, value) {
        Field::Other | Field::Connection(_) => Ok(()),
        Field::Host(_) | Field::Length(_) | Field::Coding(_) | Field::Expect(_) => {
            refused(400, "a trailer says what only a header may say")
        }
    }
}

#[cfg(test)]
mod tests;
