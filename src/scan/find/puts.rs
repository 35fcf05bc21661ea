//! Parameters that are put one by one: into a map, a builder of forms or of URLs, by index or by member.

use std::ops::Range;

use super::entries;
use crate::scan::query::Given;
use crate::scan::site::{Context, Habit, Site};
use crate::scan::source::Source;
use crate::scan::token::Piece;
use crate::scan::tongue::Tongue;

/// Methods that take a name and a value.
const METHODS: [&str; 31] = [
    "data",
    "formParam",
    "addFormParam",
    "WriteField",
    "SetQueryParam",
    "put",
    "add",
    "set",
    "append",
    "Set",
    "Add",
    "addEncoded",
    "addQueryParameter",
    "addEncodedQueryParameter",
    "setQueryParameter",
    "appendQueryParameter",
    "addFormDataPart",
    "addParameter",
    "setParameter",
    "queryParam",
    "query",
    "field",
    "param",
    "addTextBody",
    "addBodyParameter",
    "addUrlParam",
    "addParam",
    "parameter",
    "with",
    "putIfAbsent",
    "queryString",
];

/// One parameter, put into something.
#[derive(Debug, Clone)]
pub(super) struct Put {
    /// What it is put into: a name, or the place where a chain of calls begins.
    receiver: String,
    pub(super) name: String,
    pub(super) value: Vec<Piece>,
    pub(super) range: Range<usize>,
}

/// Whether a token stands deeper in braces than another of the same function: under a condition, or in a loop.
pub(super) fn is_deeper(context: &Context, at: usize, other: usize) -> bool {
    let source = context.source;
    let brace = |at: usize| {
        let mut open = source.enclosing(at);
        while let Some(inner) = open.filter(|open| !source.is_mark(*open, "{")) {
            open = source.enclosing(inner);
        }
        open
    };
    let indent = |at: usize| {
        let start = source.span(&(at..at + 1)).start;
        let line = source.text[..start].rfind('\n').map_or(0, |at| at + 1);
        source.text[line..].len() - source.text[line..].trim_start().len()
    };
    let is_indented = source.tongue == Tongue::Python && indent(at) > indent(other);
    brace(at) != brace(other) || is_indented
}

/// Whether brackets are those of a method that takes a name and a value.
pub(super) fn is_put(source: &Source, open: usize) -> bool {
    source.is_mark(open, "(") && open > 0 && source.word(open - 1).is_some_and(|name| METHODS.contains(&name))
}

/// What is put into a name after a token, until the name is given another value.
pub(super) fn into(context: &Context, name: &str, at: usize) -> Vec<Put> {
    let source = context.source;
    let body = source.body(at);
    let again = context.names.named(name).find(|assigned| assigned.at > at && !assigned.is_append);
    let end = again.map_or(body.end, |again| again.at).min(body.end);
    (at..end).filter_map(|at| put(context, at)).filter(|put| put.receiver == name).collect()
}

/// A sentence, if something is taken out of a name's parameters again between two tokens.
pub(super) fn losses(context: &Context, name: &str, range: Range<usize>) -> Option<String> {
    let source = context.source;
    let is_name = |at: usize| source.word(at).is_some_and(|word| word.trim_start_matches('$') == name);
    let is_loss = |at: usize| match source.word(at) {
        Some("unset" | "delete" | "del") if !source.is_mark(at.wrapping_sub(1), ".") => {
            (at + 1..at + 5).any(is_name)
        }
        Some("remove" | "pop" | "forget" | "Del" | "delete") => {
            source.is_mark(at + 1, "(") && at >= 2 && is_name(at - 2)
        }
        _ => false,
    };
    let mut range = range;
    range.any(is_loss).then(|| format!("something is taken out of `{name}` again"))
}

/// Every group of puts of a file that has one named `op`.
pub(super) fn sites(context: &Context) -> Vec<Site> {
    let all: Vec<Put> = (0..context.source.tokens.len()).filter_map(|at| put(context, at)).collect();
    let ops = all.iter().filter(|put| put.name.eq_ignore_ascii_case("op"));
    ops.filter_map(|op| group(context, &all, op)).collect()
}

fn group(context: &Context, all: &[Put], op: &Put) -> Option<Site> {
    let source = context.source;
    let body = source.body(op.range.start);
    let given_again = |assigned: &&crate::scan::names::Assigned| !assigned.is_append;
    let borders: Vec<usize> =
        context.names.named(&op.receiver).filter(given_again).map(|assigned| assigned.at).collect();
    let start =
        borders.iter().filter(|at| **at < op.range.start).max().map_or(body.start, |at| *at).max(body.start);
    let end =
        borders.iter().filter(|at| **at > op.range.start).min().map_or(body.end, |at| *at).min(body.end);
    let is_other_op = |put: &&&Put| put.name.eq_ignore_ascii_case("op") && put.range.start > op.range.start;
    let mine: Vec<&Put> = all.iter().filter(|put| put.receiver == op.receiver).collect();
    let next = mine.iter().find(is_other_op).map_or(end, |put| put.range.start.min(end));
    let mine: Vec<&Put> = mine.into_iter().filter(|put| (start..next).contains(&put.range.start)).collect();
    let (first, last) = (mine.first()?, mine.last()?);
    let mut doubts = Vec::new();
    for put in mine.iter().filter(|put| is_deeper(context, put.range.start, op.range.start)) {
        doubts.push(format!("`{}` is put in under a condition", put.name));
    }
    let statement = source.expression(op.range.start.saturating_sub(1)).start;
    let is_later =
        last.range.start > op.range.start && !source.expression(statement).contains(&last.range.start);
    if is_later && !source.has_run(statement, last.range.start) {
        doubts.push("`op` is put in under a condition".to_owned());
    }
    doubts.extend(losses(context, &op.receiver, op.range.end..next));
    let given = mine.iter().map(|put| Given { name: put.name.clone(), value: put.value.clone() }).collect();
    let mut loose = Vec::new();
    let origin = context.names.at(start).filter(|assigned| assigned.name == op.receiver);
    match origin {
        Some(origin) => begin(source, &origin.range, &mut loose),
        None if is_chain(source, &mine) => {}
        None => doubts.push(format!("what `{}` holds before is not seen here", op.receiver)),
    }
    let range = first.range.start.min(op.range.start)..last.range.end.max(op.range.end);
    Some(Site { habit: Habit::Puts, range, base: Vec::new(), given, loose, doubts, is_whole: false })
}

/// Whether all puts are of one chain of calls that begins with something new, or with a call that gives it.
fn is_chain(source: &Source, puts: &[&Put]) -> bool {
    let start = |put: &&Put| source.expression(put.range.start.saturating_sub(1)).start;
    let Some(first) = puts.first() else { return false };
    let begin = source.slice(&(start(first)..first.range.start));
    let is_new = ["new ", "uilder", "("].iter().any(|sign| begin.contains(sign));
    let is_block = first.receiver.starts_with('@');
    (is_block || is_new) && puts.iter().all(|put| is_block || start(put) == start(first))
}

/// What a map begins with: nothing if it is new and empty.
fn begin(source: &Source, range: &Range<usize>, loose: &mut Vec<String>) {
    let text = source.slice(range);
    let is_empty = ["[]", "{}", "()"].iter().any(|end| text.trim_end_matches(';').ends_with(end))
        || text.contains("Builder");
    let is_literal = source.is_mark(range.end, "{") && source.partner(range.end) == Some(range.end + 1);
    // The types of a map in Kotlin: `HashMap<String, String>()`.
    let types = (range.end..range.end + 12).find(|at| source.is_mark(*at, ">"));
    let types = types.filter(|_| source.is_mark(range.end, "<"));
    let is_typed = types.is_some_and(|end| source.is_mark(end + 1, "(") && source.is_mark(end + 2, ")"));
    let is_new = is_literal || is_typed || is_empty || text.starts_with("new ") || text.starts_with("make(");
    if !is_new && source.pieces(range).iter().all(|piece| matches!(piece, Piece::Hole(_))) {
        loose.push(text.to_owned());
    }
}

/// The put whose name is at a token.
fn put(context: &Context, at: usize) -> Option<Put> {
    let source = context.source;
    let open = source.enclosing(at);
    if let Some(open) = open
        && at == open + 1
        && source.quoted(at).is_some()
    {
        return method(source, open).or_else(|| index(source, open)).or_else(|| pair(source, open));
    }
    member(source, at)
}

/// `receiver.put("name", value)`.
fn method(source: &Source, open: usize) -> Option<Put> {
    let arguments = source.arguments(open);
    let [name, value] = arguments.get(..2)? else { return None };
    if !is_put(source, open) {
        return None;
    }
    let name = entries::name_of(source, name)?;
    let range = open..source.partner(open)? + 1;
    Some(Put { receiver: receiver(source, open - 1), name, value: entries::value_of(source, value), range })
}

/// `list.add(new BasicNameValuePair("name", value))`.
fn pair(source: &Source, open: usize) -> Option<Put> {
    let outer = source.enclosing(open).filter(|outer| is_put(source, *outer))?;
    let arguments = source.arguments(open);
    let [name, value] = arguments.as_slice() else { return None };
    let name = entries::name_of(source, name)?;
    let range = outer..source.partner(outer)? + 1;
    Some(Put { receiver: receiver(source, outer - 1), name, value: entries::value_of(source, value), range })
}

/// `receiver["name"] = value`.
fn index(source: &Source, open: usize) -> Option<Put> {
    let close = source.partner(open)?;
    let is_index = source.is_mark(open, "[") && open > 0 && source.is_mark(close + 1, "=");
    let receiver = source.word(open.checked_sub(1)?).filter(|_| is_index)?;
    let name = entries::name_of(source, &(open + 1..close))?;
    let value = source.expression_from(close + 2);
    let range = open - 1..value.end;
    let receiver = receiver.trim_start_matches('$').to_owned();
    Some(Put { receiver, name, value: entries::value_of(source, &value), range })
}

/// `receiver.name = value`.
fn member(source: &Source, at: usize) -> Option<Put> {
    let name = source.word(at)?;
    let is_member = at >= 2 && matches!(source.written(at - 1), "." | "->") && source.is_mark(at + 1, "=");
    let receiver = source.word(at.checked_sub(2)?).filter(|_| is_member)?.trim_start_matches('$').to_owned();
    if receiver == "this" || receiver == "self" {
        return None;
    }
    let value = source.expression_from(at + 2);
    let range = at - 2..value.end;
    Some(Put { receiver, name: name.to_owned(), value: entries::value_of(source, &value), range })
}

/// What a method is called on: a name, or the place where the chain of calls begins.
fn receiver(source: &Source, method: usize) -> String {
    let start = source.expression(method).start;
    let is_chain = matches!(source.written(start + 1), "." | "->" | "?." | "!!" | "?->");
    match source.word(start) {
        Some(name) if is_chain && name != "new" => {
            // A member of the object itself is known by its own name.
            let is_self = matches!(name, "this" | "$this" | "self");
            let name = if is_self { source.word(start + 2).unwrap_or(name) } else { name };
            name.trim_start_matches('$').to_owned()
        }
        _ => {
            let block = source.enclosing(start).filter(|_| start == method);
            format!("@{}", block.unwrap_or(start))
        }
    }
}
