//! Lists as old clients send them: items separated by commas, such as a thousand addresses.

use wide::u8x16;

use super::form::{is_white, trim};
use super::json;
use crate::protocol::byteset::{BLOCK, Special};

const COMMA: Special<1> = Special::new([b',']);
/// Bytes that a tidy list does not have: white space, and what JSON must escape. The range includes `!`, which is rare.
const UNTIDY: Special<1> = Special::new([b'\\']).and_below(b'"' + 1);
/// How many blocks can be counted before a counter of one byte overflows.
const MOST_BLOCKS: usize = 255;

/// A list with at least one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List<'f> {
    text: &'f str,
    count: u32,
    /// Whether the text can be written unchanged: nothing to trim, to drop or to escape.
    is_tidy: bool,
}

impl<'f> List<'f> {
    /// Reads a list; `None` if it has no items.
    #[must_use]
    pub fn read(text: &'f str) -> Option<Self> {
        let tidy = tidy(text.as_bytes());
        let count = tidy.unwrap_or_else(|| count(text));
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        (count > 0).then_some(Self { text, count, is_tidy: tidy.is_some() })
    }

    /// The list as it was sent.
    #[must_use]
    pub fn text(self) -> &'f str {
        self.text
    }

    /// How many items it has.
    #[must_use]
    pub fn count(self) -> u32 {
        self.count
    }

    /// Writes the items as one JSON string, separated by commas.
    pub fn write(self, out: &mut Vec<u8>) {
        out.push(b'"');
        if self.is_tidy {
            out.extend_from_slice(self.text.as_bytes());
        } else {
            self.write_items(out);
        }
        out.push(b'"');
    }

    fn write_items(self, out: &mut Vec<u8>) {
        for (number, item) in items(self.text).enumerate() {
            if number > 0 {
                out.push(b',');
            }
            json::string_part(out, item);
        }
    }
}

/// The items of a list, trimmed; empty ones are dropped.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(trim).filter(|item| !item.is_empty())
}

/// Counts items: one begins at the first byte behind a comma that is not white space. The single pass keeps a megabyte
/// of empty items cheap.
fn count(text: &str) -> usize {
    let (mut count, mut is_within) = (0, false);
    for byte in text.bytes() {
        let begins = byte != b',' && !is_within && !is_white(byte);
        count += usize::from(begins);
        is_within = byte != b',' && (is_within || begins);
    }
    count
}

/// How many items a tidy list has; `None` if the list is not tidy. One pass without an early exit.
fn tidy(text: &[u8]) -> Option<usize> {
    if matches!(text, [] | [b',', ..] | [.., b',']) {
        return None;
    }
    let (blocks, _) = text.as_chunks::<BLOCK>();
    let (next, _) = text[1..].as_chunks::<BLOCK>();
    let (mut commas, mut untidy) = (0, u8x16::ZERO);
    for (blocks, next) in blocks.chunks(MOST_BLOCKS).zip(next.chunks(MOST_BLOCKS)) {
        let mut counts = u8x16::ZERO;
        for (block, next) in blocks.iter().zip(next) {
            let here = COMMA.found(block);
            // A lane that matches is minus one.
            counts -= here;
            // Two adjacent commas enclose an empty item.
            untidy |= UNTIDY.found(block) | here & COMMA.found(next);
        }
        commas += counts.to_array().into_iter().map(usize::from).sum::<usize>();
    }
    let rest = &text[next.len() * BLOCK..];
    commas += memchr::memchr_iter(b',', rest).count();
    let is_tidy =
        untidy.to_bitmask() == 0 && !UNTIDY.is_in(rest) && !rest.windows(2).any(|pair| pair == b",,");
    is_tidy.then_some(commas + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{List, items};

    fn written(text: &str) -> Option<(u32, String)> {
        let list = List::read(text)?;
        let mut out = Vec::new();
        list.write(&mut out);
        Some((list.count(), String::from_utf8(out).expect("text")))
    }

    #[test]
    fn items_are_trimmed_and_empty_ones_are_none() {
        for (text, count, json) in [
            ("a", 1, r#""a""#),
            ("a,b", 2, r#""a,b""#),
            (" a ,b c,", 2, r#""a,b c""#),
            (",a,,b", 2, r#""a,b""#),
            ("a\n,\"b\"", 2, r#""a,\"b\"""#),
        ] {
            assert_eq!(written(text), Some((count, json.to_owned())), "{text:?}");
        }
        for text in ["", ",", " , ", "\0"] {
            assert_eq!(written(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_list_is_counted_to_its_end() {
        for count in [1000, 20_000_u32] {
            let text = vec!["a@b"; count as usize].join(",");
            assert_eq!(written(&text), Some((count, format!("\"{text}\""))));
        }
    }

    proptest! {
        #[test]
        fn what_is_tidy_is_written_as_its_items_would_be(text in r#"([a-c]{0,9}[a-c, !"\\é\n,]?){0,12}"#) {
            let mut one_by_one = Vec::new();
            let list = List { text: &text, count: 0, is_tidy: false };
            list.write(&mut one_by_one);
            let one_by_one = String::from_utf8(one_by_one).expect("text");
            let count = u32::try_from(items(&text).count()).expect("a few");
            prop_assert_eq!(written(&text), (count > 0).then_some((count, one_by_one)));
        }
    }
}
