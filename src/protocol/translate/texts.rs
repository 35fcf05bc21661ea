//! Iterates over every text and number of some JSON, unescaped, for code that searches for values which may be written
//! in many ways.

use std::borrow::Cow;
use std::ops::Range;

use super::envelope::DEEPEST;
use super::json::plain;
use super::scan::Scanner;

/// A plain value or a member's name.
pub enum Piece<'a> {
    /// A string, unescaped. Half of a surrogate pair becomes U+FFFD.
    Text(Cow<'a, str>),
    /// A number, as written.
    Number(&'a str),
}

/// Whether a text is JSON, by its grammar.
#[must_use]
pub fn is_json(text: &str) -> bool {
    let mut scanner = Scanner::new(text, DEEPEST);
    scanner.value().is_ok() && scanner.end().is_ok()
}

/// The pieces of a JSON text, each with its place, quotes included.
pub fn pieces(text: &str) -> impl Iterator<Item = (Range<usize>, Piece<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        at += bytes[at..].iter().position(|byte| !is_between(*byte))?;
        let start = at;
        if bytes[at] == b'"' {
            at = end_of_string(bytes, at);
            let said = unescaped(text.get(start + 1..at - 1).unwrap_or_default());
            return Some((start..at, Piece::Text(said)));
        }
        let rest = &bytes[at..];
        at += rest.iter().position(|byte| is_between(*byte) || *byte == b'"').unwrap_or(rest.len());
        let word = &text[start..at];
        // The three literals cannot hide anything, so they count as empty.
        let said = if matches!(word, "true" | "false" | "null") { "" } else { word };
        Some((start..at, Piece::Number(said)))
    })
}

fn is_between(byte: u8) -> bool {
    matches!(byte, b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\t' | b'\r' | b'\n')
}

/// The end of the string that begins at `start`, its quote included.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        at += plain(bytes.get(at..).unwrap_or_default());
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at + 1,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// The text between a string's quotes, unescaped.
fn unescaped(json: &str) -> Cow<'_, str> {
    if !json.contains('\\') {
        return Cow::Borrowed(json);
    }
    let mut said = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, escape)) = rest.split_once('\\') {
        said.push_str(before);
        let (letter, length) = letter(escape);
        said.push(letter);
        rest = escape.get(length..).unwrap_or_default();
    }
    said.push_str(rest);
    Cow::Owned(said)
}

/// The escaped character, and the length of its escape behind the backslash.
fn letter(escape: &str) -> (char, usize) {
    match escape.as_bytes().first() {
        Some(b'u') => match (unit(escape), escape.get(5..).and_then(|next| unit(next.strip_prefix('\\')?))) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 11)
            }
            (unit, _) => (unit.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER), 5),
        },
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        _ => escape
            .chars()
            .next()
            .map_or((char::REPLACEMENT_CHARACTER, 0), |letter| (letter, letter.len_utf8())),
    }
}

/// The UTF-16 unit of `u00e4` (RFC 8259, section 7).
fn unit(escape: &str) -> Option<u32> {
    u32::from_str_radix(escape.strip_prefix('u')?.get(..4)?, 16).ok()
}
