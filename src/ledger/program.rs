//! The program that a client names in its User-Agent.

/// The longest name of a program, in bytes.
const LONGEST: usize = 32;
/// The program of a client that names none.
const NONE: &str = "none";
/// The program of a client whose User-Agent has no sound name.
const OTHER: &str = "other";

/// The name of the program in a User-Agent: the first product, without its version (RFC 9110, 10.1.5). A User-Agent that
/// is missing is `none`; one that has no short, plain name is `other`, since callers may write anything in it.
#[must_use]
pub fn program(user_agent: Option<&[u8]>) -> &str {
    let Some(text) = user_agent.filter(|text| !text.is_empty()) else {
        return NONE;
    };
    let is_end = |byte: &u8| matches!(byte, b'/' | b' ' | b';' | b'(');
    let name = text.split(is_end).next().unwrap_or_default();
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'!' | b'+');
    let is_sound = !name.is_empty() && name.len() <= LONGEST && name.iter().all(is_plain);
    str::from_utf8(name).ok().filter(|_| is_sound).unwrap_or(OTHER)
}

#[cfg(test)]
mod tests {
    use super::program;

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
            ("0123456789abcdef0123456789abcdef0", "other"),
        ] {
            assert_eq!(program(Some(user_agent.as_bytes())), name, "{user_agent}");
        }
        assert_eq!(program(None), "none");
    }
}
