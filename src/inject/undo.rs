//! What an injection has to remember, for there to be a way back: what stood where now something of ours stands.

use std::collections::BTreeMap;

use super::node::{Content, Node, Written};
use super::read;
use super::write::{Spread, Style};

/// The annotation that holds it, where there is something to remember.
pub const ANNOTATION: &str = "mesigate.io/sidecar-undo";

/// How that which stood there can be put back.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// As it was written.
    Exact,
    /// On one line, and as JSON.
    Json,
}

/// By field: the text that stood there, or nothing where the field is ours. A field is `metadata`, `annotations`,
/// `initContainers`, `containers`, `volumes`, `env/CONTAINER` or `env/CONTAINER/NAME`.
#[derive(Default)]
pub struct Undo(pub BTreeMap<String, Option<String>>);

impl Undo {
    /// # Errors
    /// An annotation that somebody has changed so that it cannot be read.
    pub fn read(annotations: Option<&Node>) -> Result<Self, String> {
        let text = annotations.and_then(|all| all.get(ANNOTATION)).and_then(Node::text);
        let read = text.map_or(Ok(BTreeMap::new()), serde_json::from_str);
        read.map(Self).map_err(|_| {
            format!("the annotation {ANNOTATION} cannot be read: it is JSON that an injection has written; take it away, and the sidecar by hand")
        })
    }

    /// The annotation's value, if there is something to remember.
    #[must_use]
    pub fn written(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| serde_json::to_string(&self.0).unwrap_or_default())
    }

    /// What stood at a field, as the node that it was.
    #[must_use]
    pub fn former(&self, field: &str, form: Form) -> Option<Node> {
        let raw = self.0.get(field)?.as_deref()?;
        let mut documents = read::documents(raw.trim()).ok()?;
        let null = || Node::new(Content::Scalar(super::scalar::Scalar { text: String::new(), plain: true }));
        let mut node = documents.pop().map_or_else(null, |document| document.root);
        if !node.is_empty() && node.scalar().is_none() {
            return None;
        }
        node.place = super::node::Place::default();
        let is_json =
            || !raw.contains('\n') && serde_json::from_str::<serde::de::IgnoredAny>(raw.trim()).is_ok();
        let fits = form == Form::Exact || is_json();
        let text = if fits { raw.to_owned() } else { format!(" {}", as_json(&node)) };
        node.written = Some(Written { raw: raw.to_owned(), text });
        Some(node)
    }
}

fn as_json(node: &Node) -> String {
    let style = Style { json: true, ..Style::default() };
    style.flow(node, Spread::Line { blanks: true })
}
