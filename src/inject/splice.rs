//! From what a document says to what it is to say: the few places of its text that have to change.

mod block;
mod flow;

use std::collections::BTreeSet;
use std::ops::Range;

use super::document::Document;
use super::node::{Content, Node};
use super::text::Text;
use super::write::Style;

/// A place of the text, and what is to stand there.
pub struct Splice {
    pub at: Range<usize>,
    pub text: String,
}

/// A place whose style cannot be kept.
pub struct Unable {
    pub at: usize,
    pub why: &'static str,
}

/// What has to change.
///
/// # Errors
/// A place that is written in a way in which nothing can be changed.
pub fn splices(text: Text, style: Style, old: &Document, new: &Node) -> Result<Vec<Splice>, Unable> {
    let mut change = Change { text, style, aliased: &old.aliased, splices: Vec::new() };
    change.children(&old.root, new, None)?;
    let mut splices = change.splices;
    splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
    let clash = splices.windows(2).find(|pair| pair[0].at.end > pair[1].at.start);
    match clash {
        Some(pair) => Err(Unable { at: pair[1].at.start, why: "two changes meet in one place" }),
        None => Ok(splices),
    }
}

/// The text with its changes.
#[must_use]
pub fn apply(all: &str, splices: &[Splice]) -> String {
    let mut done =
        String::with_capacity(all.len() + splices.iter().map(|splice| splice.text.len()).sum::<usize>());
    let mut at = 0;
    for splice in splices {
        done.push_str(all.get(at..splice.at.start).unwrap_or_default());
        done.push_str(&splice.text);
        at = splice.at.end;
    }
    done.push_str(all.get(at..).unwrap_or_default());
    done
}

struct Change<'t> {
    text: Text<'t>,
    style: Style,
    aliased: &'t BTreeSet<usize>,
    splices: Vec<Splice>,
}

type Done = Result<(), Unable>;

impl Change<'_> {
    fn put(&mut self, at: Range<usize>, text: String) {
        let text = if self.text.newline == "\n" { text } else { text.replace('\n', self.text.newline) };
        self.splices.push(Splice { at, text });
    }

    /// Lines that begin where a line begins.
    fn put_lines(&mut self, at: usize, lines: &[String]) {
        if !lines.is_empty() {
            self.put(at..at, lines.iter().fold(String::new(), |all, line| all + line + "\n"));
        }
    }

    /// Changes what is in a collection; `header` is the place of the colon behind its key.
    fn children(&mut self, old: &Node, new: &Node, header: Option<usize>) -> Done {
        if old == new {
            return Ok(());
        }
        if old.anchor.is_some_and(|anchor| self.aliased.contains(&anchor)) {
            return Err(unable(
                old,
                "an alias stands for this, so that a change would reach another place too: write it out in both",
            ));
        }
        match (&old.content, &new.content) {
            _ if !is_filled_pair(old, new) => Err(unable(old, "nothing is there whose place is known")),
            _ if old.place.flow => self.flow(old, new),
            (Content::Map(_), Content::Map(_)) => self.block_map(old, new, header),
            _ => self.block_seq(old, new, header),
        }
    }
}

/// Whether both are maps, or both lists, with something in them.
fn is_filled_pair(old: &Node, new: &Node) -> bool {
    let both = matches!(
        (&old.content, &new.content),
        (Content::Map(_), Content::Map(_)) | (Content::Seq(_), Content::Seq(_))
    );
    both && !old.is_empty() && !new.is_empty()
}

fn unable(node: &Node, why: &'static str) -> Unable {
    Unable { at: node.place.start, why }
}
