//! What an answer's headers say: where its body ends, whether the connection stays, and what the body is.

use super::ReadFault;
use crate::http::proto::chunks::Chunks;
use crate::http::proto::fields::has_word;
use crate::http::proto::head;
use crate::http::proto::names::is;

pub const BR: &str = "upstream's answer is compressed with br, though it was asked for none";
pub const ZSTD: &str = "upstream's answer is compressed with zstd, though it was asked for none";
pub const COMPRESS: &str = "upstream's answer is compressed with compress, though it was asked for none";
pub const ANOTHER: &str =
    "upstream's answer has a Content-Encoding that nobody asked for and that is not known here";
pub const TWO: &str =
    "upstream's answer has two codings, one above the other (Content-Encoding), though it was asked for none";
pub const TRANSFER: &str =
    "upstream's answer has a Transfer-Encoding other than chunked, which nobody asked for";

/// Logged in place of a host: the redirect leads to the host it comes from.
pub const SAME_HOST: &str = "the same host";
/// Logged in place of a host that is not valid.
pub const NO_HOST: &str = "no host";

/// The longest host of a redirect that is logged.
const LONGEST_HOST: usize = 260;

/// What a head claims about its answer, to explain one that is not the API's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manner {
    /// The content type.
    pub content: MediaType,
    /// The host that a redirect leads to, with or without a port; never its path or query, which may hold
    /// anything.
    pub leads_to: Option<Box<str>>,
}

/// A coding of the content (RFC 9110, section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Coding {
    /// Not compressed.
    #[default]
    None,
    /// `gzip`, or its older name `x-gzip`.
    Gzip,
    /// `deflate`.
    Deflate,
    /// A coding that is not supported, with a sentence that names it.
    Unknown(&'static str),
}

impl Coding {
    /// Adds one more header's list; empty items do not count (RFC 9110, section 5.6.1).
    #[cold]
    fn and(self, list: &[u8]) -> Self {
        let items = list.split(|byte| *byte == b',').map(|item| item.trim_ascii().to_ascii_lowercase());
        items.fold(self, |before, item| match (before, item.as_slice()) {
            (before, b"" | b"identity") => before,
            (Self::None, b"gzip" | b"x-gzip") => Self::Gzip,
            (Self::None, b"deflate") => Self::Deflate,
            (Self::None, b"br") => Self::Unknown(BR),
            (Self::None, b"zstd") => Self::Unknown(ZSTD),
            (Self::None, b"compress" | b"x-compress") => Self::Unknown(COMPRESS),
            (Self::None, _) => Self::Unknown(ANOTHER),
            _ => Self::Unknown(TWO),
        })
    }
}

/// A content type by its kind: the header's own text is not passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MediaType {
    /// There is no such header.
    #[default]
    Unsaid,
    /// JSON.
    Json,
    /// An HTML page.
    Html,
    /// Plain text.
    Text,
    /// Anything else.
    Other,
}

impl MediaType {
    fn of(value: &[u8]) -> Self {
        // Upstream nearly always writes exactly this.
        if value.starts_with(b"application/json") {
            return Self::Json;
        }
        let is =
            |known: &[u8]| value.get(..known.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(known));
        if is(b"application/json") {
            Self::Json
        } else if is(b"text/html") || is(b"application/xhtml+xml") {
            Self::Html
        } else if is(b"text/plain") {
            Self::Text
        } else {
            Self::Other
        }
    }

    /// The type, as logs write it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Unsaid => "none",
            Self::Json => "application/json",
            Self::Html => "text/html",
            Self::Text => "text/plain",
            Self::Other => "another",
        }
    }
}

/// Where a body ends.
pub(super) enum BodyEnd {
    /// After this many more bytes.
    After(usize),
    /// After its last chunk.
    Chunks(Chunks),
    /// With the connection's end.
    WithConnection,
}

/// What the headers read so far say.
#[derive(Default)]
pub(super) struct Said {
    length: Option<usize>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
    /// How the body is compressed.
    pub coding: Coding,
    /// For how many whole seconds the connection may rest (`Keep-Alive: timeout=`), less one for transit.
    pub rests: Option<u32>,
    pub manner: Manner,
}

impl Said {
    pub fn hear(&mut self, name: &[u8], value: &[u8]) -> Result<(), ReadFault> {
        match name.len() {
            8 if is(name, b"location") => self.manner.leads_to = Some(host(value)),
            // The value is nearly always this one word, or `close`.
            10 if is(name, b"connection") && is(value, b"keep-alive") => self.keep_alive = true,
            10 if is(name, b"connection") => {
                self.close |= has_word(value, b"close");
                self.keep_alive |= has_word(value, b"keep-alive");
            }
            10 if is(name, b"keep-alive") => self.hear_how_long(value),
            12 if is(name, b"content-type") => self.manner.content = MediaType::of(value),
            14 if is(name, b"content-length") => {
                let length = head::number(value).and_then(|length| usize::try_from(length).ok());
                let length = length.ok_or(ReadFault::Broken)?;
                // Two values must be equal (RFC 9110, section 8.6).
                if self.length.replace(length).is_some_and(|before| before != length) {
                    return Err(ReadFault::Broken);
                }
            }
            16 if is(name, b"content-encoding") => self.coding = self.coding.and(value),
            17 if is(name, b"transfer-encoding") => {
                if !value.eq_ignore_ascii_case(b"chunked") {
                    return Err(ReadFault::Named(TRANSFER));
                }
                if self.chunked {
                    return Err(ReadFault::Broken);
                }
                self.chunked = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Reads how long upstream keeps the connection, and for how many more requests (RFC 2068, section
    /// 19.7.1.1).
    fn hear_how_long(&mut self, value: &[u8]) {
        for item in value.split(|byte| *byte == b',') {
            let mut parts = item.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
            let (Some(name), Some(number)) = (parts.next(), parts.next()) else {
                continue;
            };
            let Some(number) = head::number(unquoted(number)) else {
                continue;
            };
            if name.eq_ignore_ascii_case(b"timeout") {
                let rests = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
                self.rests = Some(self.rests.map_or(rests, |before| before.min(rests)));
                self.close |= rests == 0;
            } else if name.eq_ignore_ascii_case(b"max") {
                self.close |= number == 0;
            }
        }
    }

    /// Whether the connection may have another request.
    pub fn stays(&self, is_1_0: bool) -> bool {
        !self.close && (!is_1_0 || self.keep_alive)
    }

    pub fn ends(&self, is_1_0: bool) -> Result<BodyEnd, ReadFault> {
        match (self.length, self.chunked) {
            (Some(_), true) => Err(ReadFault::TwoLengths),
            (None, true) if is_1_0 => Err(ReadFault::Broken),
            (None, true) => Ok(BodyEnd::Chunks(Chunks::default())),
            (Some(length), false) => Ok(BodyEnd::After(length)),
            (None, false) => Ok(BodyEnd::WithConnection),
        }
    }
}

fn unquoted(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\"")).unwrap_or(value)
}

/// The host of a `Location` with its port, without a user's name (RFC 3986, section 3.2).
#[cold]
fn host(location: &[u8]) -> Box<str> {
    let authority = match location {
        [b'/', b'/', rest @ ..] => rest,
        _ => match location.windows(3).position(|three| three == b"://") {
            Some(at) => &location[at + 3..],
            None => return SAME_HOST.into(),
        },
    };
    let end = authority.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let authority = &authority[..end.unwrap_or(authority.len())];
    let host = authority.rsplit(|byte| *byte == b'@').next().unwrap_or_default();
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(byte);
    match std::str::from_utf8(host) {
        Ok(text) if !host.is_empty() && host.len() <= LONGEST_HOST && host.iter().all(is_host) => text.into(),
        _ => NO_HOST.into(),
    }
}
