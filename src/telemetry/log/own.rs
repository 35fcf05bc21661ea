//! Limits what a log line shows of a client's own text. A client may send a token where a program's name or a path
//! belongs: whatever could be one is left out, and so is what could end a line or a quote.

use std::borrow::Cow;

use crate::ledger;

/// The most bytes of a text that are shown.
const MOST: usize = 64;
/// The longest run of letters and digits that is shown of a program's name; tokens are longer.
const LONGEST_RUN: usize = 24;
/// The program of a `User-Agent` whose name is not shown.
const OTHER: &str = "other";
/// The longest segment that is shown of a path that is not in the settings.
const LONGEST_SEGMENT: usize = 24;
/// The longest name of an operation that the table does not have.
const LONGEST_OP: usize = 32;

/// The `User-Agent` without what could be a token; ASCII.
pub fn user_agent(sent: &[u8]) -> Cow<'_, [u8]> {
    let start = &sent[..sent.len().min(MOST)];
    if is_plain(start) && (start.len() <= LONGEST_RUN || !has_long_run(start)) {
        return Cow::Borrowed(start);
    }
    let mut shown = Vec::with_capacity(MOST);
    for run in start.chunk_by(|one, other| one.is_ascii_alphanumeric() == other.is_ascii_alphanumeric()) {
        if run[0].is_ascii_alphanumeric() && run.len() > LONGEST_RUN {
            shown.push(b'*');
        } else {
            shown.extend(run.iter().map(|byte| if is_shown(*byte) { *byte } else { b'*' }));
        }
    }
    Cow::Owned(shown)
}

/// The program of a `User-Agent`, as the ledger names it, unless it could be a token.
pub fn program(sent: &[u8]) -> &str {
    let program = ledger::program(Some(sent));
    if program.len() > LONGEST_RUN && has_long_run(program.as_bytes()) { OTHER } else { program }
}

/// A path that is not in the settings; segments that are no plain words in lower case are masked.
pub fn path(sent: &[u8]) -> String {
    let mut shown = String::with_capacity(MOST);
    for segment in sent.strip_prefix(b"/").unwrap_or(sent).split(|byte| *byte == b'/') {
        shown.push('/');
        let is_word = segment.len() <= LONGEST_SEGMENT && segment.iter().copied().all(is_path);
        shown.push_str(str::from_utf8(segment).ok().filter(|_| is_word).unwrap_or("*"));
        if shown.len() > MOST {
            break;
        }
    }
    // The text is ASCII, so this cuts no character.
    shown.truncate(MOST);
    shown
}

/// The name of an operation that the table does not have, if it looks like one.
pub fn op(sent: &str) -> Option<&str> {
    let is_op = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    ((1..=LONGEST_OP).contains(&sent.len()) && sent.bytes().all(is_op)).then_some(sent)
}

fn is_path(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_shown(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Without a branch for each byte, the loop is vectorized.
fn is_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |all, byte| all & is_shown(*byte))
}

fn has_long_run(text: &[u8]) -> bool {
    let mut run = 0;
    text.iter().any(|byte| {
        run = if byte.is_ascii_alphanumeric() { run + 1 } else { 0 };
        run > LONGEST_RUN
    })
}

#[cfg(test)]
mod tests {
    use super::{op, path, program, user_agent};

    #[test]
    fn a_program_is_shown_without_its_version_and_not_where_it_could_be_a_token() {
        for (sent, shown) in [
            ("okhttp/4.9.3", "okhttp"),
            ("", "none"),
            ("a\"b", "other"),
            ("aaaaaaaaaaaaaaaaaaaaaaaa/1", "aaaaaaaaaaaaaaaaaaaaaaaa"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa/1", "other"),
            ("Apache-HttpAsyncClient-of-mine/4", "Apache-HttpAsyncClient-of-mine"),
        ] {
            assert_eq!(program(sent.as_bytes()), shown);
        }
    }

    #[test]
    fn a_programs_name_is_shown_without_what_could_be_a_token_or_end_a_line() {
        let long = "a".repeat(25);
        for (sent, shown) in [
            ("", String::new()),
            ("curl/7.88.1", "curl/7.88.1".to_owned()),
            (
                "Mozilla/5.0 (Linux; Android 4.4.2) AppleWebKit/537.36",
                "Mozilla/5.0 (Linux; Android 4.4.2) AppleWebKit/537.36".to_owned(),
            ),
            (&format!("app/{long} x"), "app/* x".to_owned()),
            (&format!("app/{} x", &long[1..]), format!("app/{} x", &long[1..])),
            ("a\"b\\c\td\u{e9}", "a*b*c*d**".to_owned()),
            (&"ab ".repeat(40), "ab ".repeat(21) + "a"),
        ] {
            assert_eq!(user_agent(sent.as_bytes()), shown.as_bytes());
        }
    }

    #[test]
    fn a_path_is_shown_by_its_plain_words() {
        for (sent, shown) in [
            ("/", "/"),
            ("/v2/api.php", "/v2/api.php"),
            ("//a/", "//a/"),
            ("/SECRET/x", "/*/x"),
            ("/api.php&token=abc", "/*"),
            ("/aaaaaaaaaaaaaaaaaaaaaaaaa/b", "/*/b"),
            ("/\"\n", "/*"),
            ("no-slash", "/no-slash"),
        ] {
            assert_eq!(path(sent.as_bytes()), shown);
        }
        assert_eq!(path(b"/word".repeat(100).as_slice()).len(), 64);
    }

    #[test]
    fn an_op_is_shown_if_it_looks_like_one() {
        assert_eq!(op("user_get2"), Some("user_get2"));
        for sent in ["", "userGet", "user get", "a-b", &"a".repeat(33)] {
            assert_eq!(op(sent), None, "{sent}");
        }
    }
}
