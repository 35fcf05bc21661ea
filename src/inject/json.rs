//! JSON, read with the place of each node; `serde_json` has said before that it is JSON.

use std::collections::BTreeSet;

use serde::de::IgnoredAny;
use serde_json::Deserializer;

use super::document::{DEEPEST, Document, Fault, doubled};
use super::node::{Content, Node, Place};
use super::scalar::Scalar;

/// The documents of a text that is nothing but JSON values; `None` if it is not.
///
/// # Errors
/// JSON that is nested too deeply.
pub fn documents(text: &str) -> Option<Result<Vec<Document>, Fault>> {
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut places = Vec::new();
    let mut start = 0;
    while let Some(value) = values.next() {
        value.ok()?;
        places.push((start, values.byte_offset()));
        start = values.byte_offset();
    }
    let is_object = text.trim_start().starts_with(['{', '[']);
    is_object.then(|| places.into_iter().map(|(start, end)| document(text, start, end)).collect())
}

fn document(text: &str, start: usize, end: usize) -> Result<Document, Fault> {
    let mut reading = Reading { text, at: start, depth: 0, doubled: None };
    let root = reading.value()?;
    Ok(Document { root, start, end, aliased: BTreeSet::new(), doubled: reading.doubled, json: true })
}

struct Reading<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    doubled: Option<(usize, String)>,
}

impl Reading<'_> {
    /// The next byte that is neither blank nor a comma or colon, which the grammar has put where they belong.
    fn next(&mut self) -> u8 {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let skipped = rest.iter().position(|byte| !b" \t\r\n,:".contains(byte)).unwrap_or(rest.len());
        self.at += skipped;
        rest.get(skipped).copied().unwrap_or_default()
    }

    fn value(&mut self) -> Result<Node, Fault> {
        let first = self.next();
        let start = self.at;
        if self.depth > DEEPEST {
            return Err(Fault::new(start, "nothing in Kubernetes is nested as deeply as this"));
        }
        self.depth += 1;
        let content = match first {
            b'{' => self.object()?,
            b'[' => self.array()?,
            _ => self.scalar(first == b'"')?,
        };
        self.depth -= 1;
        let mut node = Node::new(content);
        node.place = Place { start, end: self.at, flow: true, literal: false };
        Ok(node)
    }

    fn object(&mut self) -> Result<Content, Fault> {
        self.at += 1;
        let mut entries = Vec::new();
        while self.next() != b'}' {
            let key = self.value()?;
            entries.push((key, self.value()?));
        }
        self.at += 1;
        if let Some(twice) = doubled(&entries) {
            self.doubled.get_or_insert(twice);
        }
        Ok(Content::Map(entries))
    }

    fn array(&mut self) -> Result<Content, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        while self.next() != b']' {
            items.push(self.value()?);
        }
        self.at += 1;
        Ok(Content::Seq(items))
    }

    fn scalar(&mut self, quoted: bool) -> Result<Content, Fault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = if quoted {
            string_length(rest)
        } else {
            rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(rest.len())
        };
        let raw = rest.get(..length).unwrap_or(rest);
        let text = if quoted {
            serde_json::from_str(raw).map_err(|_| Fault::new(self.at, "this is no JSON"))?
        } else {
            raw.to_owned()
        };
        self.at += raw.len().max(1);
        Ok(Content::Scalar(Scalar { text, plain: !quoted }))
    }
}

/// The bytes of a string with both of its quotes.
fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    let last = rest.bytes().skip(1).position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    last.map_or(rest.len(), |last| last + 2)
}
