//! Entries of maps, however a language writes them.

use std::ops::Range;

use crate::scan::query::Given;
use crate::scan::source::Source;
use crate::scan::token::{Piece, known};
use crate::scan::tongue::Tongue;

/// What stands between the brackets of a map.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub(super) given: Vec<Given>,
    /// Entries that are no pair of a known name and a value.
    pub(super) loose: Vec<String>,
    /// Names whose value is a map itself.
    pub(super) nested: Vec<String>,
}

/// The entries between a bracket and its other half.
pub(super) fn read(source: &Source, open: usize) -> Entries {
    let mut entries = Entries::default();
    let is_row = open > 0 && source.word(open - 1) == Some("of") && source.is_mark(open, "(");
    let parts = source.arguments(open);
    if is_row && parts.first().is_some_and(|first| separator(source, first).is_none()) {
        for pair in parts.chunks(2) {
            if let [name, value] = pair {
                entries.add(source, name_of(source, name), value);
            }
        }
        return entries;
    }
    for part in parts {
        match pair(source, &part) {
            Some((name, value)) => entries.add(source, name, &value),
            None => entries.loose.push(source.slice(&part).to_owned()),
        }
    }
    entries
}

impl Entries {
    fn add(&mut self, source: &Source, name: Option<String>, value: &Range<usize>) {
        let Some(name) = name else {
            self.loose.push(source.slice(value).to_owned());
            return;
        };
        if is_map(source, value) {
            self.nested.push(name.clone());
        }
        self.given.push(Given { name, value: value_of(source, value) });
    }
}

/// An argument with a name.
pub(super) fn named(source: &Source, part: &Range<usize>) -> Option<Given> {
    let at = separator(source, part)?;
    let name = name_of(source, &(part.start..at))?;
    Some(Given { name, value: value_of(source, &(at + 1..part.end)) })
}

/// A name and its value: `'k' => v`, `"k": v`, `k: v`, `"k" to v`, `k = v`, `("k", v)`, `["k", v]`, `k` alone.
fn pair(source: &Source, part: &Range<usize>) -> Option<(Option<String>, Range<usize>)> {
    if let Some(at) = separator(source, part) {
        return Some((name_of(source, &(part.start..at)), at + 1..part.end));
    }
    // A name alone is its own value in JavaScript.
    if source.tongue == Tongue::Script && part.len() == 1 && source.word(part.start).is_some() {
        return Some((name_of(source, part), part.clone()));
    }
    let open = source.position(part.clone(), |at| matches!(source.written(at), "(" | "["))?;
    let inner = source.arguments(open);
    match inner.as_slice() {
        [name, value] if source.partner(open) == Some(part.end - 1) => {
            Some((name_of(source, name), value.clone()))
        }
        _ => None,
    }
}

fn separator(source: &Source, part: &Range<usize>) -> Option<usize> {
    source.position(part.clone(), |at| match source.written(at) {
        "=>" | ":" => true,
        "to" => source.tongue == Tongue::Kotlin && source.word(at).is_some(),
        "=" => matches!(source.tongue, Tongue::Python | Tongue::Kotlin),
        _ => false,
    })
}

/// The name that a text or a word in a key's place is.
pub(super) fn name_of(source: &Source, part: &Range<usize>) -> Option<String> {
    if part.len() != 1 {
        return None;
    }
    let text = source.quoted(part.start).and_then(known);
    text.or_else(|| source.word(part.start).filter(|_| source.tongue != Tongue::Php).map(str::to_owned))
}

/// A parameter's value; of a list with one item, as Go writes it, the item.
pub(super) fn value_of(source: &Source, value: &Range<usize>) -> Vec<Piece> {
    let open = source.position(value.clone(), |at| source.is_mark(at, "{"));
    if source.tongue == Tongue::Go
        && let Some(open) = open
        && let [item] = source.arguments(open).as_slice()
    {
        return source.pieces(item);
    }
    // A list of one item in Kotlin, as its maps of headers and parameters have them.
    if source.tongue == Tongue::Kotlin
        && source.word(value.start) == Some("listOf")
        && let [item] = source.arguments(value.start + 1).as_slice()
    {
        return source.pieces(item);
    }
    match source.slice(value) {
        "true" | "True" | "TRUE" => vec![Piece::Known("1".to_owned())],
        "false" | "False" | "FALSE" => vec![Piece::Known("0".to_owned())],
        "null" | "None" | "nil" | "NULL" | "undefined" => Vec::new(),
        _ => source.pieces(value),
    }
}

/// Whether a value is a map with members of its own.
fn is_map(source: &Source, value: &Range<usize>) -> bool {
    let open = source.position(value.clone(), |at| matches!(source.written(at), "(" | "[" | "{"));
    let is_object =
        |open: usize| source.tongue == Tongue::Script && open == value.start && source.is_mark(open, "{");
    open.is_some_and(|open| {
        source.partner(open) == Some(value.end - 1)
            && (is_object(open)
                || source.arguments(open).iter().any(|part| separator(source, part).is_some()))
    })
}
