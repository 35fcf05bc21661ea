//! How a document indents its lines, seen where its containers stand.

use super::document::Document;
use super::kinds::{self, Pods};
use super::node::{Content, Node};
use super::text::Text;
use super::write::Style;

/// That of the first pod that is written as a block; two blanks a level where there is none.
#[must_use]
pub fn of(text: Text, document: &Document) -> Style {
    let mut style = Style { json: document.json, ..Style::default() };
    let pods = kinds::objects(&document.root).into_iter().filter_map(|object| match object.pods {
        Pods::At(way) => object.node.find(way),
        _ => None,
    });
    let mut specs = pods.filter_map(|pod| pod.entries().iter().find(|(key, _)| key.text() == Some("spec")));
    let is_block_map = |spec: &Node| spec.is_block() && matches!(spec.content, Content::Map(_));
    if let Some((key, spec)) = specs.find(|(_, spec)| is_block_map(spec)) {
        style.step = below(text, key, &spec.entries()[0].0).unwrap_or(style.step);
        let lists = spec.entries().iter().filter(|(_, list)| list.is_block());
        if let Some((key, list, dashes)) =
            lists.into_iter().find_map(|(key, list)| Some((key, list, dashes(text, list)?)))
        {
            style.dash = text.column(dashes[0]).saturating_sub(text.column(key.place.start));
            style.item = items(text, list, &dashes).unwrap_or(style.item);
        } else {
            style.dash = if style.step > 2 { style.step } else { style.dash };
        }
    }
    style
}

fn dashes(text: Text, list: &Node) -> Option<Vec<usize>> {
    matches!(list.content, Content::Seq(_)).then(|| text.dashes(list)).flatten()
}

/// How much farther in a key stands than the one above it.
fn below(text: Text, above: &Node, key: &Node) -> Option<usize> {
    let deeper = text.column(key.place.start).checked_sub(text.column(above.place.start));
    deeper.filter(|deeper| *deeper > 0)
}

fn items(text: Text, list: &Node, dashes: &[usize]) -> Option<usize> {
    let first = list.items().first().filter(|item| !item.place.flow && !item.entries().is_empty())?;
    let start = first.entries()[0].0.place.start;
    text.column(start).checked_sub(text.column(dashes[0]))
}
