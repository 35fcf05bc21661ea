//! The program that a client names in its User-Agent.

/// The longest name of a program, in bytes.
const LONGEST: usize = 32;
/// The program of a client that names none.
const NONE: &str = "none";
/// The program of a client whose User-Agent has no sound name.
const OTHER: &str = "other";

/// Bytes of a program's name.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        let is_mark = matches!(byte, b'-' | b'_' | b'.' | b'!' | b'+');
        plain[byte as usize] = is_mark || byte.is_ascii_alphanumeric();
        byte += 1;
    }
    plain
};

/// The name of the program in a User-Agent: the first product, without its version (RFC 9110, 10.1.5). A User-Agent that
/// is missing is `none`; one that has no short, plain name is `other`, since callers may write anything in it.
#[must_use]
pub fn program(user_agent: Option<&[u8]>) -> &str {
    let text = telling(user_agent);
    if text.is_empty() {
        return NONE;
    }
    let end = text.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(text.len());
    let is_whole = text.get(end).is_none_or(|byte| matches!(byte, b'/' | b' ' | b';' | b'('));
    if !is_whole || !(1..=LONGEST).contains(&end) {
        return OTHER;
    }
    str::from_utf8(&text[..end]).unwrap_or(OTHER)
}

/// So much of a User-Agent as tells its program: of two that have it in common the program is the same.
#[must_use]
#[inline]
pub fn telling(user_agent: Option<&[u8]>) -> &[u8] {
    let text = user_agent.unwrap_or_default();
    text.get(..=LONGEST).unwrap_or(text)
}

/// Whether a text is short and plain enough for a program's name.
#[must_use]
pub fn is_program(name: &[u8]) -> bool {
    (1..=LONGEST).contains(&name.len()) && name.iter().all(|byte| PLAIN[usize::from(*byte)])
}

#[cfg(test)]
mod tests {
    use super::{program, telling};

    #[test]
    fn a_program_is_the_first_product_without_its_version() {
        for (user_agent, name) in [
            ("okhttp/4.9.3", "okhttp"),
            ("GuzzleHttp/6.5.5 curl/7.68.0 PHP/7.4.3", "GuzzleHttp"),
            ("python-requests/2.31.0", "python-requests"),
            ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla"),
            ("Dart/3.1 (dart:io)", "Dart"),
            ("Apache-HttpClient (Java)", "Apache-HttpClient"),
            ("", "none"),
            ("/4.9", "other"),
            ("a name\u{e9}", "a"),
            ("caf\u{e9}", "other"),
            ("0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
            ("0123456789abcdef0123456789abcdef/1", "0123456789abcdef0123456789abcdef"),
            ("0123456789abcdef0123456789abcdef0", "other"),
            ("0123456789abcdef0123456789abcdef\u{e9}", "other"),
        ] {
            assert_eq!(program(Some(user_agent.as_bytes())), name, "{user_agent}");
            assert_eq!(program(Some(telling(Some(user_agent.as_bytes())))), name, "{user_agent}");
        }
        assert_eq!(program(None), "none");
    }
}
