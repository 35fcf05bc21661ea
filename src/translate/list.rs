//! Lists as old clients send them: items between commas, such as a thousand addresses.

use super::form::trim;
use super::json;
use crate::runs::Special;

/// What a tidy list has nowhere: white space, and what JSON must escape.
const UNTIDY: Special<2> = Special::new([b'"', b'\\']).and_below(b' ' + 1);

/// The items of a list that has some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List<'f> {
    text: &'f str,
    count: u32,
    /// Whether the text is what is written: nothing to trim, to leave out or to escape.
    is_tidy: bool,
}

impl<'f> List<'f> {
    /// Reads a list; `None` if it has no items.
    #[must_use]
    pub fn read(text: &'f str) -> Option<Self> {
        let is_tidy = is_tidy(text.as_bytes());
        let count = if is_tidy { commas(text.as_bytes()) + 1 } else { items(text).count() };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        (count > 0).then_some(Self { text, count, is_tidy })
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

    /// Writes the items as one JSON string, between commas.
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

/// The items of a list: trimmed, without empty ones.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(trim).filter(|item| !item.is_empty())
}

fn is_tidy(text: &[u8]) -> bool {
    let has_edges = !matches!(text, [] | [b',', ..] | [.., b',']);
    has_edges && !UNTIDY.is_in(text) && !has_gap(text)
}

/// Whether two commas stand side by side. Without a way out in the middle, so that the compiler looks at
/// many bytes at once.
fn has_gap(text: &[u8]) -> bool {
    let next = text.get(1..).unwrap_or_default();
    let side_by_side = |(one, other): (&u8, &u8)| (*one == b',') & (*other == b',');
    text.iter().zip(next).fold(false, |found, pair| found | side_by_side(pair))
}

fn commas(text: &[u8]) -> usize {
    memchr::memchr_iter(b',', text).count()
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

    proptest! {
        #[test]
        fn what_is_tidy_is_written_as_its_items_would_be(text in r#"[a-c, "\\é\n,]{0,40}"#) {
            let mut one_by_one = Vec::new();
            let list = List { text: &text, count: 0, is_tidy: false };
            list.write(&mut one_by_one);
            let one_by_one = String::from_utf8(one_by_one).expect("text");
            let count = u32::try_from(items(&text).count()).expect("a few");
            prop_assert_eq!(written(&text), (count > 0).then_some((count, one_by_one)));
        }
    }
}
