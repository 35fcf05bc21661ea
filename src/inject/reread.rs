//! The second reader: what was written is read again by code that has nothing in common with the first one's.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value;

use super::node::{Content, Node};
use super::scalar::Scalar;

/// The one document of a text.
///
/// # Errors
/// What the second reader says where it cannot read it.
pub fn yaml(text: &str) -> Result<Node, String> {
    let mut open: Vec<(Node, Option<Node>)> = Vec::new();
    let mut numbers = BTreeMap::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let node = match event {
            Event::Scalar(text, style, anchor, tag) => {
                count(&mut numbers, anchor);
                let plain = style == ScalarStyle::Plain && tag.is_none();
                Node::new(Content::Scalar(Scalar { text: text.into_owned(), plain }))
            }
            Event::Alias(anchor) => {
                let number = numbers.get(&anchor).copied().unwrap_or_default();
                Node::new(Content::Alias { number, name: String::new(), target: None })
            }
            Event::SequenceStart(anchor, _) => {
                count(&mut numbers, anchor);
                open.push((Node::seq(Vec::new()), None));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                count(&mut numbers, anchor);
                open.push((Node::map(Vec::new()), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some((node, _)) => node,
                None => continue,
            },
            Event::DocumentStart(_) if root.is_some() => {
                return Err("it sees more than one document".to_owned());
            }
            _ => continue,
        };
        match open.last_mut() {
            None => root = Some(node),
            Some((Node { content: Content::Seq(items), .. }, _)) => items.push(node),
            Some((Node { content: Content::Map(entries), .. }, key)) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(node),
            },
            Some(_) => {}
        }
    }
    root.ok_or_else(|| "it sees no document".to_owned())
}

/// Anchors are numbered as they come, from one on.
fn count(numbers: &mut BTreeMap<usize, usize>, anchor: usize) {
    if anchor > 0 {
        let next = numbers.len() + 1;
        numbers.insert(anchor, next);
    }
}

/// The one JSON value of a text.
///
/// # Errors
/// What `serde_json` says where it cannot read it.
pub fn json(text: &str) -> Result<Node, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Ok(of_json(value))
}

fn of_json(value: Value) -> Node {
    let plain = |text: String| Node::new(Content::Scalar(Scalar { text, plain: true }));
    match value {
        Value::Null => plain("null".to_owned()),
        Value::Bool(truth) => plain(truth.to_string()),
        Value::Number(number) => plain(number.to_string()),
        Value::String(text) => Node::new(Content::Scalar(Scalar { text, plain: false })),
        Value::Array(items) => Node::seq(items.into_iter().map(of_json).collect()),
        Value::Object(entries) => {
            let entries = entries.into_iter();
            let key = |text| Node::new(Content::Scalar(Scalar { text, plain: false }));
            Node::new(Content::Map(entries.map(|(name, value)| (key(name), of_json(value))).collect()))
        }
    }
}
