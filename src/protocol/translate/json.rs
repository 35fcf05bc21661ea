//! Writes JSON text into a buffer.

use crate::protocol::byteset::Special;

/// Writes a JSON string.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    string_part(out, text);
    out.push(b'"');
}

/// Writes a part of a JSON string, without quotes (RFC 8259, section 7).
pub fn string_part(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    if !MARKS.is_in(rest) {
        return out.extend_from_slice(rest);
    }
    loop {
        let at = plain(rest);
        out.extend_from_slice(&rest[..at]);
        let Some(special) = rest.get(at) else {
            return;
        };
        escape(out, *special);
        rest = &rest[at + 1..];
    }
}

/// How many bytes stand before the first one with a meaning in a JSON string.
#[must_use]
pub fn plain(bytes: &[u8]) -> usize {
    MARKS.run(bytes)
}

/// The text of a JSON string without escapes; `None` if it has any.
#[must_use]
pub fn unescaped(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    memchr::memchr(b'\\', text.as_bytes()).is_none().then_some(text)
}

/// Writes a JSON string of upstream's, with its quotes. Half of a surrogate pair, which the grammar allows though it is
/// not text (RFC 8259, section 8.2), becomes U+FFFD: many parsers would refuse the whole answer for it.
pub fn foreign(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some((at, half)) = lone_surrogate(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\\ufffd");
        rest = &rest[at + half..];
    }
    out.extend_from_slice(rest);
}

/// Whether JSON text has an escaped half of a surrogate pair.
#[must_use]
pub fn has_lone_surrogate(text: &[u8]) -> bool {
    lone_surrogate(text).is_some()
}

/// The first half without its other half: its place, and the length of its escape.
fn lone_surrogate(text: &[u8]) -> Option<(usize, usize)> {
    const LENGTH: usize = 6;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', text.get(at..)?) {
        at += found;
        at += match (unit(&text[at..]), unit(text.get(at + LENGTH..).unwrap_or_default())) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 2 * LENGTH,
            (Some(0xd800..=0xdfff), _) => return Some((at, LENGTH)),
            (Some(_), _) => LENGTH,
            // A short escape, such as `\\`.
            (None, _) => 2,
        };
    }
    None
}

/// The escaped UTF-16 unit with which the text begins.
fn unit(text: &[u8]) -> Option<u32> {
    let digits = str::from_utf8(text.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// Writes a decimal number.
pub fn integer(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Writes a list of JSON strings.
pub fn strings<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str>) {
    out.push(b'[');
    for text in texts {
        comma(out);
        string(out, text);
    }
    out.push(b']');
}

/// Writes a comma, unless `out` ends where an object or list begins.
pub fn comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// Bytes that a string must escape (RFC 8259, section 7).
const MARKS: Special<2> = Special::new([b'"', b'\\']).and_below(b' ');

fn escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::{foreign, has_lone_surrogate};

    #[test]
    fn half_of_a_pair_is_mended_and_nothing_else_is_touched() {
        for (text, mended) in [
            (r#""plain""#, r#""plain""#),
            (r#""\ud83d\ude00 \u00e9 \\ud800""#, r#""\ud83d\ude00 \u00e9 \\ud800""#),
            (r#""\ud800""#, r#""\ufffd""#),
            (r#""a\uDC00b\ud800\ud83d\ude00\n""#, r#""a\ufffdb\ufffd\ud83d\ude00\n""#),
            (r#""\ud800\u0041\udfff""#, r#""\ufffd\u0041\ufffd""#),
        ] {
            let mut out = Vec::new();
            foreign(&mut out, text);
            assert_eq!(String::from_utf8(out).expect("text"), mended);
            assert_eq!(has_lone_surrogate(text.as_bytes()), text != mended);
            assert!(serde_json::from_str::<String>(mended).is_ok());
        }
    }
}
