//! What was written is read again, by two readers, before anybody gets it.

use super::document::Document;
use super::node::Node;
use super::{json, read, reread};

/// Whether a text says what it is to say: `wanted` has a node for each document, and whether it was changed.
///
/// # Errors
/// What differs.
pub fn says(text: &str, is_json: bool, wanted: &[(&Node, bool)]) -> Result<(), String> {
    let documents = all(text, is_json)?;
    if documents.len() != wanted.len() {
        return Err(format!("{} documents have become {}", wanted.len(), documents.len()));
    }
    for (index, (document, (node, is_changed))) in documents.iter().zip(wanted).enumerate() {
        let differs = || format!("document {} would not say what it has to", index + 1);
        if &&document.root != node {
            return Err(differs());
        }
        if *is_changed {
            let own = text.get(document.start..document.end).unwrap_or_default();
            let again = if is_json { reread::json(own) } else { reread::yaml(own) };
            let again = again.map_err(|why| format!("{}, says a second reader: {why}", differs()))?;
            if &again != *node {
                return Err(format!("{} to a second reader", differs()));
            }
        }
    }
    Ok(())
}

fn all(text: &str, is_json: bool) -> Result<Vec<Document>, String> {
    let documents = if is_json { json::documents(text) } else { None };
    documents.unwrap_or_else(|| read::documents(text)).map_err(|fault| fault.why)
}
