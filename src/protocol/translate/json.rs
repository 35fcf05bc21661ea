//! JSON text written into a buffer.

use crate::protocol::byteset::Special;

/// Writes a JSON string.
pub fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    string_part(out, text);
    out.push(b'"');
}

/// Writes a piece of a JSON string, without its quotes (RFC 8259, section 7).
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

/// How many bytes stand before the first one that means something in a JSON string.
#[must_use]
pub fn plain(bytes: &[u8]) -> usize {
    MARKS.run(bytes)
}

/// What a JSON string says, if nothing in it is escaped.
#[must_use]
pub fn unescaped(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    memchr::memchr(b'\\', text.as_bytes()).is_none().then_some(text)
}

/// Writes a JSON string of upstream's, quotes and all. Half of a surrogate pair in it, which is JSON by
/// its grammar and text to nobody (RFC 8259, section 8.2), becomes U+FFFD: many parsers would refuse
/// the whole answer for it.
pub fn foreign(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some((at, half)) = lone_surrogate(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\\ufffd");
        rest = &rest[at + half..];
    }
    out.extend_from_slice(rest);
}

/// Whether somewhere in JSON half of a surrogate pair is escaped.
#[must_use]
pub fn has_lone_surrogate(text: &[u8]) -> bool {
    lone_surrogate(text).is_some()
}

/// Where the first half without the other stands, and how long its escape is.
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

/// The UTF-16 unit that is escaped where the text begins.
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

/// Writes a comma unless `out` ends where an object or list begins.
pub fn comma(out: &mut Vec<u8>) {
    if !matches!(out.last(), None | Some(b'{' | b'[')) {
        out.push(b',');
    }
}

/// What a string may not hold as it is (RFC 8259, section 7).
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
