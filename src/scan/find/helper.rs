//! Functions of a program's own that take an operation as their first argument: `$this->mesibo('useradd', […])`.

use super::entries;
use crate::protocol::ops::Table;
use crate::scan::query::Given;
use crate::scan::site::{Context, Habit, Site};
use crate::scan::token::{Piece, known};

/// Parts of names of functions that send something.
const SENDERS: [&str; 14] = [
    "mesibo",
    "operation",
    "api",
    "call",
    "request",
    "invoke",
    "post",
    "send",
    "query",
    "exec",
    "http",
    "get",
    "run",
    "do",
];

/// Every call of a file that begins with an operation's name.
pub(super) fn sites(context: &Context, table: &Table) -> Vec<Site> {
    let all = 0..if context.mentions { context.source.tokens.len() } else { 0 };
    all.filter_map(|at| site(context, table, at)).collect()
}

/// The text at a token, or that of a constant of this file.
fn operation_at(context: &Context, at: usize) -> Option<String> {
    if let Some(text) = context.source.quoted(at) {
        return known(text);
    }
    let word = context.source.word(at)?;
    let is_constant = word.contains(char::is_uppercase) && !word.contains(char::is_lowercase);
    let value = context.names.find(context.source, word, at).filter(|_| is_constant)?;
    known(&value.pieces)
}

fn site(context: &Context, table: &Table, at: usize) -> Option<Site> {
    let source = context.source;
    let name = operation_at(context, at)?;
    let operation = table.find(&name)?;
    let is_path = at >= 2 && matches!(source.written(at - 1), "::" | ".");
    let first = if is_path { at - 2 } else { at };
    let open = source.enclosing(at).filter(|open| first == open + 1 && source.is_mark(*open, "("))?;
    let function = source.word(open.checked_sub(1)?)?;
    let lower = function.to_ascii_lowercase();
    let is_sender = SENDERS.iter().any(|part| lower.contains(part));
    // `message` is a word of everyday life.
    let is_plain = operation.row.name == "message"
        && !source.slice(&source.expression(open)).to_ascii_lowercase().contains("mesibo");
    if !is_sender || is_plain || source.quoted(open).is_some() {
        return None;
    }
    let mut given = vec![Given { name: "op".to_owned(), value: vec![Piece::Known(name)] }];
    let mut loose = Vec::new();
    for argument in source.arguments(open).into_iter().skip(1) {
        let bracket = source.position(argument.clone(), |at| matches!(source.written(at), "[" | "{" | "("));
        match bracket.filter(|bracket| source.partner(*bracket) == Some(argument.end - 1)) {
            Some(bracket) => {
                let inner = entries::read(source, bracket);
                given.extend(inner.given);
                loose.extend(inner.loose);
            }
            None => match entries::named(source, &argument) {
                Some(named) => given.push(named),
                None => loose.push(source.slice(&argument).to_owned()),
            },
        }
    }
    let doubts = vec![format!(
        "`{function}` is a function of the program's own: that it sends this as `op` is a guess"
    )];
    let range = open - 1..source.partner(open)? + 1;
    Some(Site { habit: Habit::Helper, range, base: Vec::new(), given, loose, doubts, is_whole: false })
}
