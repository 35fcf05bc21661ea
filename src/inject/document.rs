//! A document of a stream, and what is wrong with a stream that cannot be read.

use std::collections::BTreeSet;

use super::node::Node;

/// One document, as it was read.
pub struct Document {
    pub root: Node,
    /// Where it begins and where the next one does, in bytes of the text.
    pub start: usize,
    pub end: usize,
    /// The anchors that aliases stand for, by number.
    pub aliased: BTreeSet<usize>,
    /// A key that stands in one map twice: the second one's place.
    pub doubled: Option<(usize, String)>,
    pub json: bool,
}

/// Why a text cannot be read.
pub struct Fault {
    /// Bytes before the place at fault.
    pub at: usize,
    pub why: String,
}

impl Fault {
    #[must_use]
    pub fn new(at: usize, why: &str) -> Self {
        Self { at, why: why.to_owned() }
    }
}

/// The deepest nesting: an object of Kubernetes has a tenth of it, and a reader has to come back from it.
pub const DEEPEST: usize = 128;

/// The line and column of a place, counted from one; a column is a character.
#[must_use]
pub fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The first key that stands twice among these, and where.
#[must_use]
pub fn doubled(entries: &[(Node, Node)]) -> Option<(usize, String)> {
    let mut seen = BTreeSet::new();
    let mut keys = entries.iter().filter_map(|(key, _)| Some((key.place.start, key.text()?)));
    keys.find(|(_, key)| !seen.insert(*key)).map(|(at, key)| (at, key.to_owned()))
}
