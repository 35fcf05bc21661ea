//! Header lines: their form, and the few headers that decide how the rest of the request is read.

use std::net::Ipv6Addr;

use super::Framing;
use crate::http::proto::fields::has_word;
use crate::http::proto::head_reject::HeadReject;
use crate::http::proto::names::is;
use crate::protocol::byteset::{self, Special};

/// A header, by its meaning for the connection and for the request's framing.
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

/// Reads one line without its end; returns name and value (RFC 9112, section 5).
///
/// # Errors
/// The line is no header: it has no colon, a name that is no token, a fold, or a control byte.
pub fn read(line: &[u8]) -> Result<(&[u8], &[u8]), HeadReject> {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return Err(HeadReject::Folded);
    }
    let (name, rest) = line.split_at(token(line));
    let Some(value) = rest.strip_prefix(b":").filter(|_| !name.is_empty()) else {
        return match memchr::memchr(b':', line) {
            None => Err(HeadReject::NoColon),
            Some(_) => Err(HeadReject::HeaderName),
        };
    };
    if has_controls(value) {
        return Err(HeadReject::HeaderControls);
    }
    Ok((name, value.trim_ascii()))
}

impl<'h> Field<'h> {
    /// Sorts a header by its name, in upper or lower case.
    pub fn of(name: &[u8], value: &'h [u8]) -> Self {
        match name.len() {
            4 if is(name, b"host") => Self::Host(value),
            6 if is(name, b"expect") => Self::Expect(value),
            10 if is(name, b"connection") => Self::Connection(value),
            14 if is(name, b"content-length") => Self::Length(value),
            17 if is(name, b"transfer-encoding") => Self::Coding(value),
            _ => Self::Other,
        }
    }
}

/// Whether the bytes are a token (RFC 9110, section 5.6.2).
#[must_use]
pub fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && token(bytes) == bytes.len()
}

/// How many bytes at the start are a token's.
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
/// The bytes that nearly every host name has alone; this check has no branch for each byte, and so is faster.
const PLAIN_NAME: [bool; 256] = letters_digits_and(b"-.");
/// The bytes that a host name may have.
const NAME: [bool; 256] = letters_digits_and(b"-._~%!$&'()*+;=");

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

/// What the headers say about the connection and the request's framing.
#[derive(Default)]
pub struct FramingFields<'h> {
    host: Option<&'h [u8]>,
    length: Option<&'h [u8]>,
    coding: Option<&'h [u8]>,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects: bool,
    close: bool,
    keep_alive: bool,
}

impl<'h> FramingFields<'h> {
    /// Takes one more header.
    ///
    /// # Errors
    /// A second header where only one is allowed, and an expectation other than `100-continue`.
    pub fn take(&mut self, field: Field<'h>) -> Result<(), HeadReject> {
        let (place, value, twice) = match field {
            // An empty list expects nothing (RFC 9110, section 5.6.1).
            Field::Other | Field::Expect(b"") => return Ok(()),
            Field::Connection(words) => {
                self.close |= has_word(words, b"close");
                self.keep_alive |= has_word(words, b"keep-alive");
                return Ok(());
            }
            Field::Expect(value) if value.eq_ignore_ascii_case(b"100-continue") => {
                self.expects = true;
                return Ok(());
            }
            Field::Expect(_) => return Err(HeadReject::Expectation),
            Field::Host(value) => (&mut self.host, value, HeadReject::TwoHosts),
            Field::Length(value) => (&mut self.length, value, HeadReject::TwoLengths),
            Field::Coding(value) => (&mut self.coding, value, HeadReject::TwoCodings),
        };
        if place.replace(value).is_some() {
            return Err(twice);
        }
        Ok(())
    }

    /// Whether the connection stays open (RFC 9112, section 9.3).
    pub fn stays(&self, is_1_0: bool) -> bool {
        !self.close && (self.keep_alive || !is_1_0)
    }

    /// The host that the request asks for (RFC 9112, section 3.2).
    ///
    /// # Errors
    /// The Host header is missing, or is no host.
    pub fn host(&self, is_1_0: bool) -> Result<Option<&'h [u8]>, HeadReject> {
        match self.host {
            None if is_1_0 => Ok(None),
            None => Err(HeadReject::NoHost),
            Some(host) if is_authority(host) => Ok(Some(host)),
            Some(_) => Err(HeadReject::HostForm),
        }
    }

    /// How the body is framed.
    ///
    /// # Errors
    /// A framing on which two readers could disagree.
    pub fn framing(&self, is_1_0: bool) -> Result<Framing, HeadReject> {
        match (self.length, self.coding) {
            (None, None) => Ok(Framing::Nothing),
            (Some(_), Some(_)) => Err(HeadReject::TwoFramings),
            (Some(length), None) => match number(length) {
                Some(length) => Ok(Framing::Length(length)),
                None => Err(HeadReject::LengthForm),
            },
            (None, Some(_)) if is_1_0 => Err(HeadReject::CodingOf10),
            (None, Some(coding)) if coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunks),
            (None, Some(_)) => Err(HeadReject::Coding),
        }
    }
}

/// Reads digits and nothing else: no sign, no list, no space.
#[must_use]
pub fn number(text: &[u8]) -> Option<u64> {
    let (first, rest) = text.split_first()?;
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    rest.iter().try_fold(digit(first)?, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?))
}

/// Whether a text is a host, with or without a port (RFC 3986, section 3.2), and without a user. The port may
/// be empty, which stands for the scheme's own (RFC 9110, section 4.2.1).
#[must_use]
pub fn is_authority(text: &[u8]) -> bool {
    let (is_host, port) = if let Some(rest) = text.strip_prefix(b"[") {
        let Some(end) = memchr::memchr(b']', rest) else {
            return false;
        };
        (is_address(&rest[..end]), &rest[end + 1..])
    } else {
        let (name, port) = text.split_at(memchr::memchr(b':', text).unwrap_or(text.len()));
        (is_name(name), port)
    };
    is_host
        && match port {
            [] | [b':'] => true,
            [b':', digits @ ..] => number(digits).is_some_and(|port| (1..=65535).contains(&port)),
            _ => false,
        }
}

/// Whether a text is an IPv6 address, the only kind of host accepted in brackets.
fn is_address(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

/// Whether a text is a name of RFC 3986, section 3.2.2: each percent sign has its two digits.
fn is_name(name: &[u8]) -> bool {
    let is_encoded =
        |at: usize| name.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    let is_sound = |(at, byte): (usize, &u8)| NAME[usize::from(*byte)] && (*byte != b'%' || is_encoded(at));
    let is_plain = name.iter().fold(true, |all, byte| all & PLAIN_NAME[usize::from(*byte)]);
    !name.is_empty() && (is_plain || name.iter().enumerate().all(is_sound))
}
