//! Interfaces of Retrofit: parameters in annotations, of a method or in the path above it.

use std::ops::Range;

use crate::scan::query::{self, Given};
use crate::scan::site::{Context, Habit, Site};
use crate::scan::source::Source;
use crate::scan::token::{Piece, extend, known};
use crate::scan::tongue::Tongue;

/// Every method of a file whose annotations name `op`.
pub(super) fn sites(context: &Context) -> Vec<Site> {
    let is_ours = matches!(context.source.tongue, Tongue::Java | Tongue::Kotlin | Tongue::Dart);
    let all = 0..if is_ours { context.source.tokens.len() } else { 0 };
    all.filter(|at| is_verb(context.source, *at)).filter_map(|at| site(context, at)).collect()
}

/// Whether a token is the `@` of `@GET("…")` and its like.
fn is_verb(source: &Source, at: usize) -> bool {
    let verb = source.word(at + 1).unwrap_or_default();
    source.is_mark(at, "@")
        && ["GET", "POST", "PUT", "DELETE", "PATCH", "HTTP"].contains(&verb)
        && source.is_mark(at + 2, "(")
}

fn site(context: &Context, at: usize) -> Option<Site> {
    let source = context.source;
    let close = source.partner(at + 2)?;
    let path = source
        .arguments(at + 2)
        .into_iter()
        .find(|part| part.clone().any(|at| source.quoted(at).is_some()))?;
    let pieces = source.pieces(&path);
    let query = query::read(&pieces);
    let open = method(source, close + 1)?;
    let (mut given, mut loose) = (Vec::new(), Vec::new());
    let base = match query {
        Some(query) => {
            given.extend(query.given);
            query.base
        }
        None => without_query(pieces),
    };
    for part in source.arguments(open) {
        parameter(source, &part, &mut given, &mut loose);
    }
    given.iter().any(|given| given.name.eq_ignore_ascii_case("op")).then_some(())?;
    let range = at..source.partner(open)? + 1;
    Some(Site { habit: Habit::Annotations, range, base, given, loose, doubts: Vec::new(), is_whole: false })
}

/// A path that ends with a bare `?`.
fn without_query(pieces: Vec<Piece>) -> Vec<Piece> {
    let text = known(&pieces).map(|text| text.split('?').next().unwrap_or_default().to_owned());
    let mut base = Vec::new();
    extend(&mut base, text.map_or(pieces, |text| vec![Piece::Known(text)]));
    base
}

/// The bracket of the parameters of the method behind annotations.
fn method(source: &Source, from: usize) -> Option<usize> {
    let mut at = from;
    while source.is_mark(at, "@") {
        at += 2;
        if source.is_mark(at, "(") {
            at = source.partner(at)? + 1;
        }
    }
    (at..(at + 40).min(source.tokens.len())).find(|at| source.is_mark(*at, "("))
}

fn parameter(source: &Source, part: &Range<usize>, given: &mut Vec<Given>, loose: &mut Vec<String>) {
    let Some(at) = part.clone().find(|at| source.is_mark(*at, "@")) else { return };
    let annotation = source.word(at + 1).unwrap_or_default();
    if annotation.ends_with("Map") || annotation == "Body" || annotation == "Queries" {
        loose.push(source.slice(part).to_owned());
        return;
    }
    let is_parameter = ["Query", "Field", "Part"].contains(&annotation) && source.is_mark(at + 2, "(");
    let Some(close) = source.partner(at + 2).filter(|_| is_parameter) else { return };
    let mut texts = (at + 3..close).filter_map(|at| source.quoted(at).and_then(known));
    let Some(name) = texts.next_back() else { return };
    let default = source.position(close + 1..part.end, |at| source.is_mark(at, "="));
    let value = match default {
        Some(at) => source.pieces(&(at + 1..part.end)),
        None => vec![Piece::Hole(variable(source, close + 1..part.end).to_owned())],
    };
    given.push(Given { name: name.trim().to_owned(), value });
}

/// The parameter's own name: before the colon in Kotlin, the last word elsewhere.
fn variable<'s>(source: &Source<'s>, rest: Range<usize>) -> &'s str {
    let colon = source.position(rest.clone(), |at| source.is_mark(at, ":"));
    let end = colon.unwrap_or(rest.end);
    source.word(end.saturating_sub(1)).unwrap_or_default()
}
