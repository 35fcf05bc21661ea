//! Header lines: their form, and the few that say how the rest is to be read.

use super::{Framing, Refusal, refused};
use crate::http::asked::has_word;
use crate::protocol::byteset::{self, Special};

/// A header, by what it says of the connection and of the request's own frame.
pub enum Field<'h> {
    /// `Host`.
    Host(&'h [u8]),
    /// `Content-Length`.
    Length(&'h [u8]),
    /// `Transfer-Encoding`.
    Coding(&'h [u8]),
    /// `Expect`.
    Expect(&'h [u8]),
    /// `Connection`.
    Connection(&'h [u8]),
    /// Any other.
    Other,
}

/// A line without its end, and whether that was LF alone.
#[must_use]
pub fn ended(line: &[u8]) -> (&[u8], bool) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").map_or((line, true), |line| (line, false))
}

/// Reads one line without its end: name and value (RFC 9112, section 5).
///
/// # Errors
/// That it is no header: no colon, a name that is no token, a fold, a control byte.
pub fn read(line: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return refused(400, "a header is folded over two lines: write it on one");
    }
    let (name, rest) = line.split_at(token(line));
    let Some(value) = rest.strip_prefix(b":").filter(|_| !name.is_empty()) else {
        return match memchr::memchr(b':', line) {
            None => refused(400, "a header has no colon"),
            Some(_) => {
                refused(400, "a header's name has bytes that no name may have, or a space before the colon")
            }
        };
    };
    if has_controls(value) {
        return refused(400, "a header's value has control bytes");
    }
    Ok((name, value.trim_ascii()))
}

impl<'h> Field<'h> {
    /// Which one a name means, in any case.
    pub fn of(name: &[u8], value: &'h [u8]) -> Self {
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        match name.len() {
            4 if is(b"host") => Self::Host(value),
            6 if is(b"expect") => Self::Expect(value),
            10 if is(b"connection") => Self::Connection(value),
            14 if is(b"content-length") => Self::Length(value),
            17 if is(b"transfer-encoding") => Self::Coding(value),
            _ => Self::Other,
        }
    }
}

/// A token (RFC 9110, section 5.6.2).
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && token(bytes) == bytes.len()
}

/// How many bytes of a token stand first.
fn token(bytes: &[u8]) -> usize {
    // Nearly every name is short, and has letters, digits and hyphens alone.
    if let Some(block) = bytes.first_chunk() {
        let length = byteset::word(block);
        if block.get(length) == Some(&b':') {
            return length;
        }
    }
    bytes.iter().position(|byte| !TOKEN[usize::from(*byte)]).unwrap_or(bytes.len())
}

const TOKEN: [bool; 256] = letters_digits_and(b"!#$%&'*+-.^_`|~");
/// What a host's name may have, and what its address may have between brackets.
const NAME: [bool; 256] = letters_digits_and(b"-._~%!$&'()*+;=");
const ADDRESS: [bool; 256] = each_of(b"0123456789abcdefABCDEF:.", [false; 256]);

const fn letters_digits_and(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        #[allow(clippy::cast_possible_truncation)] // below 128
        let character = byte as u8;
        table[byte] = character.is_ascii_alphanumeric();
        byte += 1;
    }
    each_of(marks, table)
}

const fn each_of(marks: &[u8], mut table: [bool; 256]) -> [bool; 256] {
    let mut mark = 0;
    while mark < marks.len() {
        table[marks[mark] as usize] = true;
        mark += 1;
    }
    table
}

/// Every control byte of ASCII.
pub const CONTROLS: Special<1> = Special::new([0x7f]).and_below(b' ');

/// Control bytes other than the tab.
fn has_controls(bytes: &[u8]) -> bool {
    CONTROLS.is_in(bytes) && bytes.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t')
}

/// What the headers say of the connection and of the request's frame.
#[derive(Default)]
pub struct Wire<'h> {
    host: Option<&'h [u8]>,
    length: Option<&'h [u8]>,
    coding: Option<&'h [u8]>,
    /// Whether the client waits for a word before it sends the body.
    pub expects: bool,
    close: bool,
    keep_alive: bool,
}

impl<'h> Wire<'h> {
    /// Takes one more.
    ///
    /// # Errors
    /// For a second one of those that may be there once, and an expectation that nobody here meets.
    pub fn take(&mut self, field: Field<'h>) -> Result<(), Refusal> {
        let (place, value, twice) = match field {
            Field::Other => return Ok(()),
            Field::Connection(words) => {
                self.close |= has_word(words, b"close");
                self.keep_alive |= has_word(words, b"keep-alive");
                return Ok(());
            }
            Field::Expect(value) if value.eq_ignore_ascii_case(b"100-continue") => {
                self.expects = true;
                return Ok(());
            }
            Field::Expect(_) => return refused(417, "Expect may only say 100-continue"),
            Field::Host(value) => (&mut self.host, value, "there are two Host headers: send one"),
            Field::Length(value) => {
                (&mut self.length, value, "there are two Content-Length headers: send one")
            }
            Field::Coding(value) => {
                (&mut self.coding, value, "there are two Transfer-Encoding headers: send one")
            }
        };
        if place.replace(value).is_some() {
            return refused(400, twice);
        }
        Ok(())
    }

    /// Whether the connection stays (RFC 9112, section 9.3).
    pub fn stays(&self, is_1_0: bool) -> bool {
        !self.close && (self.keep_alive || !is_1_0)
    }

    /// The host that is asked (RFC 9112, section 3.2).
    ///
    /// # Errors
    /// That there is none, or that it is none.
    pub fn host(&self, is_1_0: bool) -> Result<Option<&'h [u8]>, Refusal> {
        match self.host {
            None if is_1_0 => Ok(None),
            None => refused(400, "the Host header is missing"),
            Some(host) if is_authority(host) => Ok(Some(host)),
            Some(_) => {
                refused(400, "the Host header is no host: give a name or an address, and a port if need be")
            }
        }
    }

    /// How the body is framed.
    ///
    /// # Errors
    /// Where two readers could disagree about it.
    pub fn framing(&self, is_1_0: bool) -> Result<Framing, Refusal> {
        match (self.length, self.coding) {
            (None, None) => Ok(Framing::Nothing),
            (Some(_), Some(_)) => {
                refused(400, "Content-Length and Transfer-Encoding are both there: send one of them")
            }
            (Some(length), None) => match number(length) {
                Some(length) => Ok(Framing::Length(length)),
                None => refused(400, "Content-Length is no number of bytes"),
            },
            (None, Some(_)) if is_1_0 => refused(400, "HTTP/1.0 has no Transfer-Encoding"),
            (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunks),
            (None, Some(_)) => refused(501, "Transfer-Encoding may only say chunked"),
        }
    }
}

/// Digits and nothing else: no sign, no list, no space.
#[must_use]
pub fn number(text: &[u8]) -> Option<u64> {
    let (first, rest) = text.split_first()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    rest.iter().try_fold(digit(first)?, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// A host and maybe a port (RFC 3986, section 3.2), without a user.
#[must_use]
pub fn is_authority(text: &[u8]) -> bool {
    let (host, port) = match text.strip_prefix(b"[") {
        Some(rest) => match memchr::memchr(b']', rest) {
            Some(end) => (&rest[..end], &rest[end + 1..]),
            None => return false,
        },
        None => text.split_at(memchr::memchr(b':', text).unwrap_or(text.len())),
    };
    let allowed = if text.starts_with(b"[") { &ADDRESS } else { &NAME };
    let is_host = !host.is_empty() && host.iter().all(|byte| allowed[usize::from(*byte)]);
    is_host
        && match port {
            [] => true,
            [b':', digits @ ..] => number(digits).is_some_and(|port| (1..=65535).contains(&port)),
            _ => false,
        }
}
