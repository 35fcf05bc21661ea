//! Decodes urlencoded text into pairs (WHATWG URL, section 5.1), a window of bytes at a time.

use std::ops::Range;

use crate::protocol::byteset::{BLOCK, Special, WINDOW};

/// The bytes with a meaning in a pair: `%`, `&`, `+` and `=`. Other bytes below a comma are rare in encoded text, and
/// one comparison finds them all.
const MARKS: Special<1> = Special::new([b'=']).and_below(b',');

/// Room behind a window for an escape that crosses its end, and for blocks that begin in it.
const AHEAD: usize = 2 + 2 * BLOCK;
/// The bytes that are read for each window.
type WindowMasks = [u8; WINDOW + AHEAD];

/// The room into which each window is decoded; blocks are copied whole.
const ROOM: usize = WINDOW + 2 * BLOCK;

/// The room that decoding needs beyond the text's own length, for the last window and the end of the last pair.
pub const SLACK: usize = ROOM;

/// Decodes a text and appends it to `out`; `pair` gets the place of each name and value in `out`. ASCII stands between
/// them and behind the last. A malformed escape stays as written. Returns whether a percent sign stands in what was
/// decoded.
///
/// # Errors
/// The error of `pair`; the text decoded before it stays in `out`.
pub fn decode<E>(
    encoded: &[u8],
    out: &mut Vec<u8>,
    pair: impl FnMut(Range<usize>, Range<usize>) -> Result<(), E>,
) -> Result<bool, E> {
    let start = out.len();
    // Decoded text is never longer than encoded text.
    out.resize(start + encoded.len() + SLACK, 0);
    let parts = Parts { pair, start, name: None };
    let mut decoder = Decoder { out, written: start, ahead: 0, has_percent: false, parts };
    let ended = decoder.all(encoded);
    let (written, has_percent) = (decoder.written, decoder.has_percent);
    out.truncate(written);
    ended.map(|()| has_percent)
}

struct Decoder<'o, P> {
    out: &'o mut [u8],
    written: usize,
    /// How many bytes of the next window have been read already.
    ahead: usize,
    has_percent: bool,
    parts: Parts<P>,
}

impl<E, P: FnMut(Range<usize>, Range<usize>) -> Result<(), E>> Decoder<'_, P> {
    fn all(&mut self, encoded: &[u8]) -> Result<(), E> {
        let mut rest = encoded;
        let mut last = [0; WINDOW + AHEAD];
        while !rest.is_empty() {
            let length = WINDOW.min(rest.len());
            let seen = rest.first_chunk().unwrap_or_else(|| {
                // The padding is neither a mark nor a digit.
                last[rest.len()..].fill(b'z');
                last[..rest.len()].copy_from_slice(rest);
                &last
            });
            self.window(seen, length)?;
            rest = &rest[length..];
        }
        self.parts.end_pair(self.written)?;
        self.out[self.written] = b'&';
        self.written += 1;
        Ok(())
    }

    /// Decodes the first `length` bytes of a window. All marks are found at once, so that the processor need not finish
    /// one to search for the next.
    fn window(&mut self, seen: &WindowMasks, length: usize) -> Result<(), E> {
        let before = self.written;
        let out = &mut self.out[before..][..ROOM];
        let mut marks = MARKS.marks(seen);
        let (mut read, mut written) = (self.ahead, 0);
        while marks != 0 {
            let at = marks.trailing_zeros() as usize % WINDOW;
            marks &= marks - 1;
            written = copy(seen, read..at, out, written);
            read = at + 1;
            let mut byte = seen[at];
            if byte == b'%' {
                // Either two hex digits, or a number larger than any byte.
                let value = HIGH[usize::from(seen[at + 1])] | LOW[usize::from(seen[at + 2])];
                if let Ok(value) = u8::try_from(value) {
                    byte = value;
                    read += 2;
                    if value == b'%' {
                        note(&mut self.has_percent);
                    }
                } else {
                    note(&mut self.has_percent);
                }
            } else if byte == b'&' {
                self.written = before + written;
                self.parts.end_pair(self.written)?;
            } else if byte == b'=' {
                self.parts.end_name(before + written);
            } else if byte == b'+' {
                byte = b' ';
            }
            out[written % WINDOW] = byte;
            written += 1;
        }
        if read < length {
            written = copy(seen, read..length, out, written);
            read = length;
        }
        self.ahead = read - length;
        self.written = before + written;
        Ok(())
    }
}

/// Splits the decoded text into names and values.
struct Parts<P> {
    pair: P,
    /// The start of the current part.
    start: usize,
    /// The current pair's name, once it is complete.
    name: Option<Range<usize>>,
}

impl<E, P: FnMut(Range<usize>, Range<usize>) -> Result<(), E>> Parts<P> {
    /// Ends a name at `=`. Inside a value, `=` is text.
    fn end_name(&mut self, end: usize) {
        if self.name.is_none() {
            self.name = Some(self.start..end);
            self.start = end + 1;
        }
    }

    fn end_pair(&mut self, end: usize) -> Result<(), E> {
        let last = self.start..end;
        self.start = end + 1;
        match self.name.take() {
            Some(name) => (self.pair)(name, last),
            // `&&` has no pair between.
            None if last.is_empty() => Ok(()),
            None => (self.pair)(last.clone(), last.end..last.end),
        }
    }
}

/// Copies some bytes unchanged and returns the new end of `out`. Blocks are copied whole even if only a part counts: a
/// copy of variable length would cost more.
#[expect(clippy::inline_always, reason = "a call would cost more than the copy")]
#[inline(always)]
fn copy(seen: &WindowMasks, part: Range<usize>, out: &mut [u8], written: usize) -> usize {
    // The remainders spare a bounds check; no copy begins behind a window.
    let (from, to) = (part.start % WINDOW, written % WINDOW);
    out[to..to + BLOCK].copy_from_slice(&seen[from..from + BLOCK]);
    let length = part.end - part.start;
    if length > BLOCK {
        // An address seldom has more than two blocks.
        let (from, to) = (from + BLOCK, to + BLOCK);
        out[to..to + BLOCK].copy_from_slice(&seen[from..from + BLOCK]);
        if length > 2 * BLOCK {
            copy_long(&seen[part], &mut out[written..]);
        }
    }
    written + length
}

/// Notes what is seldom seen.
#[cold]
fn note(seen: &mut bool) {
    *seen = true;
}

#[inline(never)]
fn copy_long(text: &[u8], out: &mut [u8]) {
    out[..text.len()].copy_from_slice(text);
}

/// The value of each hex digit as the first of two (`HIGH`) and as the second (`LOW`); for all other bytes, more than a
/// byte holds.
const HIGH: [u16; 256] = digits(4);
const LOW: [u16; 256] = digits(0);

const fn digits(shift: u32) -> [u16; 256] {
    let mut digits = [u16::MAX; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value << shift;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value << shift;
        value += 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::decode;

    type Pairs = Vec<(String, String)>;

    /// The pairs; and whether there is a percent sign, if all were taken.
    fn decoded(encoded: &str, most: usize) -> (Pairs, Option<bool>) {
        let (mut out, mut places) = (b"before&".to_vec(), Vec::new());
        let ended = decode(encoded.as_bytes(), &mut out, |name, value| {
            if places.len() == most {
                return Err(());
            }
            places.push((name, value));
            Ok(())
        });
        let text = |place| String::from_utf8_lossy(&out[place]).into_owned();
        (places.into_iter().map(|(name, value)| (text(name), text(value))).collect(), ended.ok())
    }

    #[test]
    fn pairs_stand_where_they_are_said_to_stand() {
        let pairs = |pairs: &[(&str, &str)]| -> Pairs {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        for (encoded, expected) in [
            ("", pairs(&[])),
            ("&&&", pairs(&[])),
            ("a=1&b=2", pairs(&[("a", "1"), ("b", "2")])),
            ("&a&&=b&=&c=d=e&", pairs(&[("a", ""), ("", "b"), ("", ""), ("c", "d=e")])),
            ("a+b=%41%zz%4&%", pairs(&[("a b", "A%zz%4"), ("%", "")])),
            ("%26%3D=%2526", pairs(&[("&=", "%26")])),
        ] {
            let has_percent = expected.iter().any(|(name, value)| name.contains('%') || value.contains('%'));
            assert_eq!(decoded(encoded, usize::MAX), (expected, Some(has_percent)), "{encoded}");
        }
    }

    #[test]
    fn what_came_before_the_end_stays() {
        let first_two = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        assert_eq!(decoded("a=1&b=2&c=3&d=4", 2), (first_two, None));
    }

    proptest! {
        /// Texts are long enough to have marks on the edge of two windows.
        #[test]
        fn it_decodes_as_another_reader_does(encoded in "([a-z]{0,20}|[!*;=&+]|%[0-9a-fA-Fg%]{0,2}){0,60}") {
            let other: Pairs = serde_urlencoded::from_str(&encoded).expect("pairs");
            let has_percent = other.iter().any(|(name, value)| name.contains('%') || value.contains('%'));
            prop_assert_eq!(decoded(&encoded, usize::MAX), (other, Some(has_percent)));
        }
    }
}
