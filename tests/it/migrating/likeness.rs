//! What cannot be the same on each day, and is made alike: dates, with the time behind them; ports; seconds to wait;
//! calls by month, and whether a month has ended meanwhile. Everything else has to be the same to the letter.

/// Patterns: 0 is any digit, A any letter, all else itself.
const PATTERNS: [&str; 6] = [
    "0000-00-00T00:00:00Z",
    "0000-00-00 00:00",
    "0000-00-00",
    "AAA, 00 AAA 0000 00:00:00",
    "Deprecation: @0000000000",
    "127.0.0.1:00000",
];
/// What stands up to the end of a line or a semicolon behind these words.
const BEHIND: [&str; 3] = ["Retry-After: ", "X-Request-Id: ", "By month: "];

/// Said or not, by the day of the month.
const BY_DAY: &str = "; it has not been silent over a month's end";

/// Whether a text is what is expected.
pub fn is_alike(text: &str, expected: &str) -> bool {
    let (text, expected) = (alike(text), alike(expected));
    let (text, expected): (Vec<&str>, Vec<&str>) = (text.lines().collect(), expected.lines().collect());
    matches(&text, &expected)
}

/// Whether lines are those expected, of which `…` is any.
fn matches(text: &[&str], expected: &[&str]) -> bool {
    match (text, expected) {
        (_, ["…", rest @ ..]) => (0..=text.len()).any(|skipped| matches(&text[skipped..], rest)),
        ([one, text @ ..], [other, expected @ ..]) => {
            one.trim_end() == other.trim_end() && matches(text, expected)
        }
        ([], []) => true,
        _ => false,
    }
}

fn alike(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some(pattern) = PATTERNS.into_iter().find(|pattern| begins(rest, pattern)) {
            out += pattern;
            rest = &rest[pattern.len()..];
        } else if let Some(words) = BEHIND.into_iter().find(|words| rest.starts_with(words)) {
            out += words;
            rest = &rest[rest.find(['\n', ';']).unwrap_or(rest.len())..];
        } else if let Some(behind) = rest.strip_prefix(BY_DAY) {
            rest = behind;
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    out
}

fn begins(text: &str, pattern: &str) -> bool {
    let is_like = |(byte, sign): (u8, u8)| match sign {
        b'0' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_alphabetic(),
        _ => byte == sign,
    };
    text.len() >= pattern.len() && text.bytes().zip(pattern.bytes()).all(is_like)
}

#[test]
fn dates_and_ports_are_alike_and_nothing_else_is() {
    for (one, other, expected) in [
        ("on 2026-11-30 05:27 UTC\n", "on 2027-01-01 09:00 UTC", true),
        ("Sunset: Mon, 01 Mar 2027 08:00:00 GMT", "Sunset: Fri, 02 Apr 2027 09:00:00 GMT", true),
        ("at 127.0.0.1:40111/", "at 127.0.0.1:39999/", true),
        ("Retry-After: 86399\nb", "Retry-After: 5\nb", true),
        ("a\nb\nc\nd", "a\n…\nd", true),
        ("a\nb\nc\nd", "a\n…\nc", false),
        ("every day 02:00–03:00", "every day 03:00–04:00", false),
        ("3 calls", "4 calls", false),
        ("a\nb", "a", false),
        ("a", "a\nb", false),
    ] {
        assert_eq!(is_alike(one, other), expected, "{one:?} {other:?}");
    }
}
