//! A request's head as bytes: what it must be before anything else reads it. Pure.
//!
//! Everything on which two readers of one connection could disagree is decided here, once, and every
//! doubt is a refusal (RFC 9112, sections 2.2, 3, 5, 6 and 11.2). hyper reads the same head again
//! behind it: what this reader takes and hyper does not is refused all the same.

mod field;
mod target;

use std::ops::Range;

use crate::config::Config;
use field::{Field, Fields};

pub use field::is_authority;

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

/// What the wire must know of a head.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Where the query stands, if there is one and it is longer than its stand-in.
    pub query: Option<Range<usize>>,
    /// How the body is framed.
    pub framing: Framing,
    /// Some line ends in LF alone. Old programs write such heads; others on the way may read them
    /// otherwise, so nothing behind this request is believed.
    pub bare_ends: bool,
}

/// A head that is not passed on.
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
    let start = seen.saturating_sub(3);
    memchr::memchr_iter(b'\n', &bytes[start..]).map(|at| start + at + 1).find_map(|next| {
        match &bytes[next..] {
            [b'\n', ..] => Some(next + 1),
            [b'\r', b'\n', ..] => Some(next + 2),
            _ => None,
        }
    })
}

impl Rules {
    /// Whether a head whose end has not come may still become one that is taken.
    ///
    /// # Errors
    /// That it is too long already.
    pub fn may_go_on(&self, bytes: &[u8]) -> Result<(), Refusal> {
        self.fits(bytes)?;
        // The request line has an end too.
        let ends = memchr::memchr_iter(b'\n', bytes).count();
        if ends > self.count + 1 { TOO_MANY.map(drop) } else { Ok(()) }
    }

    fn fits(&self, bytes: &[u8]) -> Result<(), Refusal> {
        match memchr::memchr(b'\n', bytes) {
            None if bytes.len() > self.line => TOO_LONG,
            Some(end) if end > self.line => TOO_LONG,
            Some(end) if bytes.len() - end > self.headers => TOO_LARGE,
            _ => Ok(()),
        }
    }

    /// Reads a whole head. `stand_in` is the length of what will stand in for a query.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub fn read(&self, head: &[u8], stand_in: usize) -> Result<Head, Refusal> {
        self.fits(head)?;
        let end = memchr::memchr(b'\n', head).map_or(head.len(), |end| end + 1);
        let line = target::line(&head[..end])?;
        let mut bare_ends = line.bare_end;
        let mut fields = Fields::default();
        let mut count = 0;
        let mut rest = &head[end..];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (this, next) = rest.split_at(end + 1);
            rest = next;
            let (this, bare) = field::ended(this);
            bare_ends |= bare;
            if this.is_empty() {
                break;
            }
            count += 1;
            if count > self.count {
                return TOO_MANY;
            }
            fields.take(field::read(this)?)?;
        }
        let host = fields.host(line.is_1_0)?;
        line.form.agrees(host)?;
        if !self.hosts.is_empty() && !host.is_some_and(|host| is_ours(&self.hosts, host)) {
            return refused(421, MISDIRECTED);
        }
        let framing = fields.framing(line.is_1_0)?;
        let query = line.query.filter(|query| query.len() >= stand_in);
        Ok(Head { query, framing, bare_ends })
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
const TOO_MANY: Result<Head, Refusal> = refused(431, "there are more headers than the limit (cap.headers)");

/// Reads a line that stands behind the last chunk: a header by form, and none that would say
/// something of the request's own framing (RFC 9110, section 6.5.1).
///
/// # Errors
/// What is wrong with it.
pub fn trailer(line: &[u8]) -> Result<(), Refusal> {
    match field::read(line)? {
        Field::Other => Ok(()),
        Field::Host(_) | Field::Length(_) | Field::Coding(_) | Field::Expect(_) => {
            refused(400, "a trailer says what only a header may say")
        }
    }
}

#[cfg(test)]
mod tests;
