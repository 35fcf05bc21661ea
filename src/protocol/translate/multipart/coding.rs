//! Undoes `Content-Transfer-Encoding` of a part (RFC 2045, section 6). Browsers send none (RFC 7578, section 4.7);
//! Delphi's Indy sends quoted-printable by default.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};

use crate::protocol::reject::Reject;

/// Padding is optional; everything else is strict.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes the value of the part `name`.
///
/// # Errors
/// BADPARAM for an unknown coding, and for a value that is invalid in its coding.
pub fn undone<'v>(coding: &[u8], value: &'v [u8], name: &str) -> Result<Cow<'v, [u8]>, Reject> {
    let is = |known: &str| coding.eq_ignore_ascii_case(known.as_bytes());
    if ["", "7bit", "8bit", "binary"].into_iter().any(is) {
        return Ok(Cow::Borrowed(value));
    }
    let (plain, what) = match () {
        () if is("quoted-printable") => {
            (quoted_printable(value), "is not the quoted-printable that its part says")
        }
        () if is("base64") => (base64(value), "is not the base64 that its part says"),
        () => (None, "has a Content-Transfer-Encoding that is not known: send the part plain"),
    };
    plain.map(Cow::Owned).ok_or_else(|| Reject::bad_param(name, what))
}

fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let letters: Vec<u8> = value.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    BASE64.decode(letters).ok()
}

/// RFC 2045, section 6.7: `=` and two digits are a byte, a line that ends in `=` continues on the next line, blanks at
/// a line's end are dropped.
fn quoted_printable(value: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::with_capacity(value.len());
    for line in value.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        let end = match line {
            [.., b'\r', b'\n'] => &b"\r\n"[..],
            [.., b'\n'] => b"\n",
            _ => b"",
        };
        if let Some(soft) = text.strip_suffix(b"=") {
            bytes(soft, &mut plain)?;
        } else {
            bytes(text, &mut plain)?;
            plain.extend_from_slice(end);
        }
    }
    Some(plain)
}

fn bytes(mut text: &[u8], plain: &mut Vec<u8>) -> Option<()> {
    while let Some(at) = memchr::memchr(b'=', text) {
        plain.extend_from_slice(&text[..at]);
        let digit = |place: usize| char::from(*text.get(place)?).to_digit(16);
        plain.push(u8::try_from(digit(at + 1)? * 16 + digit(at + 2)?).ok()?);
        text = &text[at + 3..];
    }
    plain.extend_from_slice(text);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::undone;

    fn plain(coding: &str, value: &str) -> Option<String> {
        let plain = undone(coding.as_bytes(), value.as_bytes(), "name").ok()?;
        Some(String::from_utf8_lossy(&plain).into_owned())
    }

    #[test]
    fn a_value_is_what_stands_behind_its_coding() {
        for (coding, value, expected) in [
            ("quoted-printable", "J=C3=BCrgen =3d 1=20", "J\u{fc}rgen = 1 "),
            ("Quoted-Printable", "a=\r\nb=  \r\nc \r\nd=", "abc\r\nd"),
            ("quoted-printable", "a\nb", "a\nb"),
            ("BASE64", "SsO8cmdl\r\nbg==", "J\u{fc}rgen"),
            ("base64", "SsO8cmdlbg", "J\u{fc}rgen"),
            ("8bit", "a=3d", "a=3d"),
            ("binary", "", ""),
        ] {
            assert_eq!(plain(coding, value).as_deref(), Some(expected), "{coding}: {value}");
        }
        for (coding, value) in
            [("quoted-printable", "a=3"), ("quoted-printable", "a=zz"), ("base64", "a!"), ("x-uuencode", "a")]
        {
            assert_eq!(plain(coding, value), None, "{coding}: {value}");
        }
    }
}
