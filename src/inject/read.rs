//! YAML, read as kubectl reads it: by libyaml's rules, with the place of each node.

use std::collections::BTreeMap;
use std::rc::Rc;

use libyaml_safer::{Error, Event, EventData, MappingStyle, Parser, ScalarStyle, SequenceStyle};

use super::document::{DEEPEST, Document, Fault, doubled};
use super::guard::guarded;
use super::node::{Content, Node, Place};
use super::scalar::Scalar;

/// All documents of a text.
///
/// # Errors
/// The first place that is not YAML, or an alias without its anchor.
pub fn documents(text: &str) -> Result<Vec<Document>, Fault> {
    let mut input = text.as_bytes();
    let mut parser: Parser<&mut &[u8]> = Parser::new();
    parser.set_input_string(&mut input);
    let mut reading = Reading::default();
    let mut reached = 0;
    loop {
        let read = guarded(|| parser.parse()).ok_or_else(|| given_up(text, reached))?;
        let event = read.map_err(|error| fault(text, &error))?;
        reached = place_of(event.end_mark.index);
        if matches!(event.data, EventData::StreamEnd) {
            break;
        }
        reading.take(event)?;
    }
    Ok(reading.finish(text.len()))
}

/// libyaml-safer panics where a tag has a comma right behind it.
fn given_up(text: &str, reached: usize) -> Fault {
    let tag = text.get(reached..).and_then(|rest| rest.find('!')).unwrap_or(0);
    Fault::new(reached + tag, "this tag cannot be read here: write a value behind it, or leave the tag out")
}

/// libyaml-safer counts bytes, where libyaml itself counts characters.
fn place_of(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn fault(text: &str, error: &Error) -> Fault {
    let mark = error.problem_mark().or(error.context_mark());
    let at = mark.map_or(0, |mark| place_of(mark.index));
    let context = error.context().filter(|context| !context.is_empty());
    let why = context
        .map_or_else(|| error.problem().to_owned(), |context| format!("{} {context}", error.problem()));
    let is_tab = text.get(at..).is_some_and(|rest| rest.starts_with('\t'));
    Fault { at, why: if is_tab { "a tab stands here: YAML is indented with blanks".to_owned() } else { why } }
}

/// A collection that has begun and not ended.
struct Open {
    node: Node,
    anchor: Option<String>,
    key: Option<Node>,
}

#[derive(Default)]
struct Reading {
    done: Vec<Document>,
    open: Vec<Open>,
    anchors: BTreeMap<String, (usize, Option<Rc<Node>>)>,
    count: usize,
}

impl Reading {
    fn take(&mut self, event: Event) -> Result<(), Fault> {
        let start = place_of(event.start_mark.index);
        let end = place_of(event.end_mark.index);
        let place = |flow, literal| Place { start, end, flow, literal };
        match event.data {
            EventData::DocumentStart { .. } => self.begin(start),
            EventData::Alias { anchor } => {
                let known = self.anchors.get(&anchor).cloned();
                let Some((number, target)) = known else {
                    return Err(Fault { at: start, why: format!("the alias *{anchor} has no anchor") });
                };
                self.done.last_mut().map(|document| document.aliased.insert(number));
                let content = Content::Alias { number, name: anchor, target };
                self.complete(made(content, None, false, place(false, false)), None);
            }
            EventData::Scalar { anchor, tag, value, style, .. } => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let literal = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let content = Content::Scalar(Scalar { text: value, plain });
                let number = self.number(anchor.as_deref());
                self.complete(made(content, number, tag.is_some(), place(false, literal)), anchor);
            }
            EventData::SequenceStart { anchor, tag, style, .. } => {
                let place = place(style == SequenceStyle::Flow, false);
                self.push(Content::Seq(Vec::new()), anchor, tag.is_some(), place)?;
            }
            EventData::MappingStart { anchor, tag, style, .. } => {
                let place = place(style == MappingStyle::Flow, false);
                self.push(Content::Map(Vec::new()), anchor, tag.is_some(), place)?;
            }
            EventData::SequenceEnd | EventData::MappingEnd => self.pop(end),
            EventData::StreamStart { .. } | EventData::DocumentEnd { .. } | EventData::StreamEnd => {}
        }
        Ok(())
    }

    fn begin(&mut self, start: usize) {
        self.anchors.clear();
        self.count = 0;
        let root = Node::new(Content::Scalar(Scalar { text: String::new(), plain: true }));
        let aliased = std::collections::BTreeSet::new();
        self.done.push(Document { root, start, end: start, aliased, doubled: None, json: false });
    }

    /// The number of an anchor that stands here: the aliases behind it, up to the next one of its name, are its own.
    fn number(&mut self, anchor: Option<&str>) -> Option<usize> {
        let name = anchor?;
        self.count += 1;
        self.anchors.insert(name.to_owned(), (self.count, None));
        Some(self.count)
    }

    fn push(
        &mut self,
        content: Content,
        anchor: Option<String>,
        tagged: bool,
        place: Place,
    ) -> Result<(), Fault> {
        if self.open.len() >= DEEPEST {
            return Err(Fault::new(place.start, "nothing in Kubernetes is nested as deeply as this"));
        }
        let number = self.number(anchor.as_deref());
        self.open.push(Open { node: made(content, number, tagged, place), anchor, key: None });
        Ok(())
    }

    fn pop(&mut self, end: usize) {
        let Some(Open { mut node, anchor, .. }) = self.open.pop() else { return };
        // A block's end is known only when the next token has come: what is in it says where it ends.
        if node.place.flow {
            node.place.end = end;
        }
        if let (Some(twice), Some(document)) = (doubled(node.entries()), self.done.last_mut()) {
            document.doubled.get_or_insert(twice);
        }
        self.complete(node, anchor);
    }

    fn complete(&mut self, node: Node, anchor: Option<String>) {
        if let (Some(name), Some(number)) = (anchor, node.anchor) {
            self.anchors.insert(name, (number, Some(Rc::new(node.clone()))));
        }
        let Some(open) = self.open.last_mut() else {
            if let Some(document) = self.done.last_mut() {
                document.root = node;
            }
            return;
        };
        match (&mut open.node.content, open.key.take()) {
            (Content::Seq(items), _) => items.push(node),
            (Content::Map(entries), Some(key)) => entries.push((key, node)),
            _ => open.key = Some(node),
        }
    }

    fn finish(mut self, length: usize) -> Vec<Document> {
        let mut end = length;
        for document in self.done.iter_mut().rev() {
            document.end = end;
            end = document.start;
        }
        self.done
    }
}

fn made(content: Content, anchor: Option<usize>, tagged: bool, place: Place) -> Node {
    Node { content, anchor, tagged, place, written: None }
}
