//! The number of a request, by which a client, the log, a trace and upstream speak of the same one: `X-Request-Id`.

/// The name of its header.
pub const NAME: &str = "X-Request-Id";
/// The most bytes of a number that a client has given.
const MOST: usize = 64;

/// A number that the gateway has made: hexadecimal digits.
pub type Made = [u8; 16];

/// Whether a client's number is taken: short, and of letters, digits and a few signs that need no quotes anywhere.
#[must_use]
pub fn is_sound(sent: &[u8]) -> bool {
    let is_sound = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':' | b'+' | b'/' | b'=' | b'@')
    };
    (1..=MOST).contains(&sent.len()) && sent.iter().all(is_sound)
}

#[cfg(test)]
mod tests {
    use super::{MOST, is_sound};

    #[test]
    fn a_number_is_short_and_needs_no_quotes() {
        for sound in
            ["1", "7d4f-0a1b", "Root=1-67891233-abcdef012345678912345678", "a.b:c+d/e@f", &"x".repeat(MOST)]
        {
            assert!(is_sound(sound.as_bytes()), "{sound}");
        }
        for sent in
            ["", "a b", "a\"b", "a\\b", "a,b", "a;b", "<b>", "a%20b", "ü", "a\tb", &"x".repeat(MOST + 1)]
        {
            assert!(!is_sound(sent.as_bytes()), "{sent}");
        }
    }
}
