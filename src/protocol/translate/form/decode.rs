//! Urlencoded text → pairs, as forms have it (WHATWG URL, section 5.1), a window of bytes at a time.

use std::ops::Range;

use crate::protocol::byteset::{BLOCK, Special, WINDOW};

/// Whatever means something in a pair: `%`, `&`, `+` and `=`. What else stands below a comma is rare in encoded text,
/// and one comparison finds them all.
const MARKS: Special<1> = Special::new([b'=']).and_below(b',');

/// The rest of an escape that a window ends in, and of the blocks that begin in it.
const AHEAD: usize = 2 + 2 * BLOCK;
/// What is seen of a text with each window.
type WindowMasks = [u8; WINDOW + AHEAD];

/// The room that each window is written into, where blocks are copied whole.
const ROOM: usize = WINDOW + 2 * BLOCK;

/// The room that decoding needs beside the text's own length, for the last window and the end of the last pair.
pub const SLACK: usize = ROOM;

/// Decodes a text behind what is in `out`; `pair` gets where the name and the value of each pair stand in it. Between
/// them, and behind the last, is ASCII. A malformed escape stays as it is.
///
/// # Errors
/// What `pair` says; what was decoded before is there.
pub fn decode<E>(
    encoded: &[u8],
    out: &mut Vec<u8>,
    pair: impl FnMut(Range<usize>, Range<usize>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    // Nothing is longer than it was encoded.
    out.resize(start + encoded.len() + SLACK, 0);
    let parts = Parts { pair, start, name: None };
    let mut decoder = Decoder { out, written: start, ahead: 0, parts };
    let ended = decoder.all(encoded);
    let written = decoder.written;
    out.truncate(written);
    ended
}

struct Decoder<'o, P> {
    out: &'o mut [u8],
    written: usize,
    /// How many bytes of the next window are read.
    ahead: usize,
    parts: Parts<P>,
}

impl<E, P: FnMut(Range<usize>, Range<usize>) -> Result<(), E>> Decoder<'_, P> {
    fn all(&mut self, encoded: &[u8]) -> Result<(), E> {
        let mut rest = encoded;
        let mut last = [0; WINDOW + AHEAD];
        while !rest.is_empty() {
            let length = WINDOW.min(rest.len());
            let seen = rest.first_chunk().unwrap_or_else(|| {
                // Neither a mark nor a digit stands behind the end.
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

    /// Decodes the first `length` bytes of what is seen. The marks are found all at once, so that the processor
    /// need not wait for one of them to look for the next.
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
                // Two digits of the text, or a number that no byte is.
                let value = HIGH[usize::from(seen[at + 1])] | LOW[usize::from(seen[at + 2])];
                if let Ok(value) = u8::try_from(value) {
                    byte = value;
                    read += 2;
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

/// What the bytes that are written are parts of.
struct Parts<P> {
    /// Gets each pair.
    pair: P,
    /// Where the part under way begins.
    start: usize,
    /// The name of the pair under way, once it is whole.
    name: Option<Range<usize>>,
}

impl<E, P: FnMut(Range<usize>, Range<usize>) -> Result<(), E>> Parts<P> {
    /// The part under way is a name, unless it is a value: there the mark stands for itself.
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
            // Nothing stands between two `&`.
            None if last.is_empty() => Ok(()),
            None => (self.pair)(last.clone(), last.end..last.end),
        }
    }
}

/// Copies some bytes as they are, behind what is written; gives what is then. Blocks are copied whole, however little
/// of them counts: a copy of any other length would cost more.
#[expect(clippy::inline_always, reason = "a call would cost more than the copy")]
#[inline(always)]
fn copy(seen: &WindowMasks, part: Range<usize>, out: &mut [u8], written: usize) -> usize {
    // No copy begins behind a window, which the compiler need not check.
    let (from, to) = (part.start % WINDOW, written % WINDOW);
    out[to..to + BLOCK].copy_from_slice(&seen[from..from + BLOCK]);
    let length = part.end - part.start;
    if length > BLOCK {
        // An address has seldom more than two blocks.
        let (from, to) = (from + BLOCK, to + BLOCK);
        out[to..to + BLOCK].copy_from_slice(&seen[from..from + BLOCK]);
        if length > 2 * BLOCK {
            copy_long(&seen[part], &mut out[written..]);
        }
    }
    written + length
}

#[inline(never)]
fn copy_long(text: &[u8], out: &mut [u8]) {
    out[..text.len()].copy_from_slice(text);
}

/// The value of each hexadecimal digit where it is the first of two, and where it is the second; of all else, more
/// than a byte holds.
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

    fn decoded(encoded: &str, most: usize) -> (Pairs, bool) {
        let (mut out, mut places) = (b"before&".to_vec(), Vec::new());
        let ended = decode(encoded.as_bytes(), &mut out, |name, value| {
            if places.len() == most {
                return Err(());
            }
            places.push((name, value));
            Ok(())
        });
        let text = |place| String::from_utf8_lossy(&out[place]).into_owned();
        (places.into_iter().map(|(name, value)| (text(name), text(value))).collect(), ended.is_ok())
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
            assert_eq!(decoded(encoded, usize::MAX), (expected, true), "{encoded}");
        }
    }

    #[test]
    fn what_came_before_the_end_stays() {
        let first_two = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())];
        assert_eq!(decoded("a=1&b=2&c=3&d=4", 2), (first_two, false));
    }

    proptest! {
        /// Long enough for what stands on the edge of two windows.
        #[test]
        fn it_decodes_as_another_reader_does(encoded in "([a-z]{0,20}|[!*;=&+]|%[0-9a-fA-Fg%]{0,2}){0,60}") {
            let other: Pairs = serde_urlencoded::from_str(&encoded).expect("pairs");
            prop_assert_eq!(decoded(&encoded, usize::MAX), (other, true));
        }
    }
}
