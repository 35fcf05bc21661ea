//! What was written is read again, by two readers, before anybody gets it.

use super::document::{Document, line_and_column};
use super::node::Node;
use super::{json, read, reread};

/// Whether a text says what it is to say: `wanted` has a node for each document, and whether it was changed.
///
/// # Errors
/// What differs.
pub fn says(text: &str, is_json: bool, wanted: &[(&Node, bool)]) -> Result<(), String> {
    let documents = all(text, is_json)?;
    if documents.len() != wanted.len() {
        return Err(format!("{} documents would become {}", wanted.len(), documents.len()));
    }
    for (index, (document, (node, is_changed))) in documents.iter().zip(wanted).enumerate() {
        if &&document.root != node {
            return Err(format!("document {} would not say what it has to", index + 1));
        }
        if *is_changed {
            again(text, document)?;
        }
    }
    Ok(())
}

/// Whether the second reader finds in a document what the first one has found.
///
/// # Errors
/// What it says, and where.
pub fn again(text: &str, document: &Document) -> Result<(), String> {
    let own = text.get(document.start..document.end).unwrap_or_default();
    let read = if document.json { reread::json(own) } else { reread::yaml(&without_tabs(own, document)) };
    match read {
        Ok(node) if node == document.root => Ok(()),
        Ok(_) => Err("two readers of YAML do not find the same in it".to_owned()),
        Err(why) => {
            let (line, _) = line_and_column(text, document.start);
            Err(format!("a second reader of YAML, whose lines begin at line {line}, says: {why}"))
        }
    }
}

/// The second reader takes no tabs between tokens, where the first one does.
fn without_tabs(own: &str, document: &Document) -> String {
    let mut done = String::with_capacity(own.len());
    let mut at = 0;
    document.root.scalars(&mut |place| {
        let start = place.start.saturating_sub(document.start);
        let end = place.end.saturating_sub(document.start);
        if let (true, Some(between), Some(scalar)) = (start >= at, own.get(at..start), own.get(start..end)) {
            done.push_str(&between.replace('\t', " "));
            done.push_str(scalar);
            at = end;
        }
    });
    done + &own.get(at..).unwrap_or_default().replace('\t', " ")
}

fn all(text: &str, is_json: bool) -> Result<Vec<Document>, String> {
    let documents = if is_json { json::documents(text) } else { None };
    documents.unwrap_or_else(|| read::documents(text)).map_err(|fault| fault.why)
}
