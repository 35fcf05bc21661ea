//! Fields that hold several things: opened for one of ours, and closed when nothing is left in them.

use crate::inject::node::{Content, Node};
use crate::inject::text::Text;
use crate::inject::undo::{Form, Undo};

/// The value of a key that is to be changed, if there is one.
///
/// # Errors
/// It stands elsewhere, and others would see the change.
pub fn own<'n>(map: &'n mut Node, key: &str) -> Result<Option<&'n mut Node>, String> {
    if map.own(key).is_none() && map.get(key).is_some() {
        return Err(format!("{key}: comes from elsewhere, by a merge key (<<): write it out here"));
    }
    match map.own_mut(key) {
        Some(Node { content: Content::Alias { name, .. }, .. }) => Err(format!(
            "{key}: is the alias *{name}, and what it stands for is also used elsewhere: write it out here"
        )),
        value => Ok(value),
    }
}

/// The same through several maps, with the whole way in the sentence.
///
/// # Errors
/// One of them stands elsewhere.
pub fn own_way<'n>(map: &'n mut Node, keys: &[&str]) -> Result<Option<&'n mut Node>, String> {
    let mut at = map;
    for (index, key) in keys.iter().enumerate() {
        let before: String = keys[..index].iter().fold(String::new(), |all, key| all + key + ".");
        match own(at, key).map_err(|why| before + &why)? {
            Some(value) => at = value,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// A field that is about to be opened.
pub struct Field<'f> {
    pub key: &'f str,
    /// Its name among what has to be remembered.
    pub name: String,
    /// Without any: in front. Else behind the last of these keys that is there.
    pub behind: &'f [&'f str],
    pub empty: Content,
}

/// The collection at a field, made where there is none; what stood there instead is remembered.
///
/// # Errors
/// It stands elsewhere, or it is something else.
pub fn open<'n>(
    map: &'n mut Node,
    field: Field,
    text: Text,
    undo: &mut Undo,
) -> Result<&'n mut Node, String> {
    let key = field.key;
    own(map, key)?;
    let is_list = matches!(field.empty, Content::Seq(_));
    let entries = map.entries_mut().ok_or_else(|| format!("{key}: what should hold it is no map"))?;
    let place = entries.iter().position(|(own, _)| own.text() == Some(key));
    let index = place.unwrap_or_else(|| {
        let behind =
            entries.iter().rposition(|(own, _)| own.text().is_some_and(|own| field.behind.contains(&own)));
        let index = behind.map_or(0, |index| index + 1);
        entries.insert(index, (Node::string(key), Node::new(field.empty.clone())));
        index
    });
    let (own_key, value) = &mut entries[index];
    if place.is_some() && value.is_empty() {
        let raw =
            value.written.as_ref().map(|written| written.raw.clone()).or_else(|| raw(text, own_key, value));
        undo.0.insert(field.name, raw);
        *value = Node::new(field.empty);
    }
    match (&value.content, is_list) {
        (Content::Seq(_), true) | (Content::Map(_), false) => Ok(value),
        _ => Err(format!("{key}: has to be {}", if is_list { "a list" } else { "a map" })),
    }
}

/// The text behind a key's colon, up to the end of its value; its lines end as those of what is written here do.
#[must_use]
pub fn raw(text: Text, key: &Node, value: &Node) -> Option<String> {
    let colon = text.colon(key)?;
    Some(text.slice(colon, value.place.end.max(colon)).replace("\r\n", "\n"))
}

/// Takes an empty field away again, or puts back what stood there.
pub fn close(map: &mut Node, key: &str, name: &str, undo: &Undo, form: Form) {
    let Some(entries) = map.entries_mut() else { return };
    let place = entries.iter().position(|(own, value)| own.text() == Some(key) && value.is_empty());
    match (place, undo.former(name, form)) {
        (None, _) => {}
        (Some(place), Some(former)) => entries[place].1 = former,
        (Some(place), None) => drop(entries.remove(place)),
    }
}
