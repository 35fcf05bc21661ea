//! URLs and forms that are written as texts: joined, interpolated, formatted, or put together by several statements.

use std::ops::Range;

use super::puts;
use crate::scan::query::{self, Query};
use crate::scan::site::{Context, Habit, Site};
use crate::scan::token::{Piece, extend};

/// Every text of a file that has a query with `op`.
pub(super) fn sites(context: &Context) -> Vec<Site> {
    let source = context.source;
    let (mut sites, mut end, mut seen) = (Vec::new(), 0, 0..0);
    for at in 0..source.tokens.len() {
        // A chain of texts is read once: at its first.
        let is_seen = seen.contains(&at) && source.enclosing(at) == source.enclosing(seen.start);
        if at < end || is_seen || source.quoted(at).is_none() || is_statement(context, at) {
            continue;
        }
        if let Some(site) = site(context, at) {
            end = site.range.end;
            sites.push(site);
        } else {
            seen = source.expression(at);
        }
    }
    let is_part = |site: &Site| is_part(context, site, &sites);
    let parts: Vec<usize> = (0..sites.len()).filter(|number| is_part(&sites[*number])).collect();
    let mut number = 0..sites.len();
    sites.retain(|_| number.next().is_none_or(|number| !parts.contains(&number)));
    sites
}

/// Whether a site is no more than `op=…` in a variable, which another site joins with the other parameters.
fn is_part(context: &Context, site: &Site, sites: &[Site]) -> bool {
    let Some((name, _)) = context.receiver(site.range.start).filter(|_| site.given.len() == 1) else {
        return false;
    };
    let is_name =
        |at: usize| context.source.word(at).is_some_and(|word| word.trim_start_matches('$') == name);
    let has = |range: &Range<usize>| range.clone().any(is_name);
    sites.iter().any(|other| other.given.len() > 1 && other.range != site.range && has(&other.range))
}

/// Whether a text is a statement of its own, as documentation in Python is.
fn is_statement(context: &Context, at: usize) -> bool {
    let source = context.source;
    let is_alone = |at: usize| source.tokens.get(at).is_none_or(|token| token.is_first);
    let is_free = source.enclosing(at).is_none_or(|open| source.is_mark(open, "{"));
    let follows = at.checked_sub(1).map_or("", |before| source.written(before));
    is_free
        && source.tokens[at].is_first
        && is_alone(at + 1)
        && matches!(follows, "" | ":" | ";" | "{" | "}" | ")")
}

fn site(context: &Context, at: usize) -> Option<Site> {
    let source = context.source;
    let range = around(context, at);
    let own = source.pieces(&range);
    let receiver = context.receiver(range.start);
    let before = match receiver {
        Some((name, true)) => context.names.before(source, name, range.start),
        _ => Vec::new(),
    };
    // What began before has been told where it began.
    if query::read(&context.names.resolved(source, &before, at)).is_some() {
        return None;
    }
    let mut pieces = before;
    extend(&mut pieces, own);
    let mut doubts = Vec::new();
    let is_joined = receiver.is_some_and(|(_, is_append)| is_append);
    let mut is_whole = !is_joined;
    // What is appended belongs to the text that began the query.
    if let Some((name, _)) = receiver {
        for more in context.names.appended(source, name, range.start) {
            extend(&mut pieces, more.pieces.iter().cloned());
            is_whole = false;
            if puts::is_deeper(context, more.at, at) {
                doubts.push("part of the query is put in under a condition".to_owned());
            }
        }
    }
    if has_body(context, &range) {
        doubts.push("the same call has a body with `op`: what counts is there".to_owned());
    }
    let resolved = context.names.resolved(source, &pieces, at);
    if has_fragment(&resolved) {
        doubts.push("a `#` stands in the URL: what is behind it is not sent".to_owned());
    }
    let own_query = query::read(&pieces);
    let query = query::read(&resolved).or_else(|| own_query.clone())?;
    // Without `op` of its own, a text that is appended is part of the one before.
    let begins = begins_query(&pieces) || joins_pairs(context, &pieces, at);
    let has_op = own_query.is_some() || (!is_joined && begins);
    let is_whole = is_whole && own_query.is_some_and(|own| own.given.len() == query.given.len());
    has_op.then(|| built(query, range, doubts, is_whole))
}

/// Whether the text has parameters at all; a name that stands for a whole query is told where it was made.
fn begins_query(pieces: &[Piece]) -> bool {
    pieces.iter().any(|piece| matches!(piece, Piece::Known(text) if text.contains('=') && text.contains('&')))
}

/// Whether a URL has a `#` behind its query's begin.
fn has_fragment(pieces: &[Piece]) -> bool {
    let mut known = pieces.iter().filter_map(|piece| match piece {
        Piece::Known(text) => Some(text.as_str()),
        Piece::Hole(_) => None,
    });
    let Some(rest) = known.find_map(|text| text.split_once('?')).map(|(_, rest)| rest) else { return false };
    rest.contains('#') || known.any(|text| text.contains('#'))
}

/// Whether the text puts `&` between variables, one of which has `op=…` and nothing more.
fn joins_pairs(context: &Context, pieces: &[Piece], at: usize) -> bool {
    let is_joint = |piece: &Piece| matches!(piece, Piece::Known(text) if text.trim() == "&");
    let is_pair = |piece: &Piece| {
        let Piece::Hole(hole) = piece else { return false };
        let value = context.names.find(context.source, hole, at).and_then(|value| query::read(&value.pieces));
        value.is_some_and(|query| query.given.len() == 1)
    };
    pieces.iter().any(is_joint) && pieces.iter().any(is_pair)
}

/// The most brackets around a text that are looked through.
const MOST_AROUND: usize = 12;

/// The expression around a text; of a format, the whole call that fills it.
fn around(context: &Context, at: usize) -> Range<usize> {
    let source = context.source;
    let mut range = source.expression(at);
    for _ in 0..MOST_AROUND {
        match outer(context, &range, at) {
            Some(outer) => range = outer,
            None => break,
        }
    }
    range
}

/// The expression around brackets, if it gives a text too: a format's call, a builder's chain, a pair of parentheses, a
/// list whose items are joined.
fn outer(context: &Context, range: &Range<usize>, at: usize) -> Option<Range<usize>> {
    let source = context.source;
    let open = source.enclosing(range.start)?;
    let is_list =
        source.is_mark(open, "[") || open.checked_sub(1).and_then(|at| source.word(at)) == Some("array");
    let whole = |open: usize| {
        let outer = source.expression(source.expression(open).start);
        let is_text = source.pieces(&outer).iter().any(|piece| matches!(piece, Piece::Known(_)));
        (is_text && outer.contains(&at)).then_some(outer)
    };
    if !is_list {
        return source.is_mark(open, "(").then(|| whole(open)).flatten();
    }
    let call = source.enclosing(open).filter(|call| source.is_mark(*call, "(") && source.joins(*call));
    whole(open).or_else(|| call.and_then(whole))
}

/// Whether another argument of the call around a URL names `op` too, as a JSON body does.
fn has_body(context: &Context, range: &Range<usize>) -> bool {
    let source = context.source;
    let Some(open) = source.enclosing(range.start).filter(|open| source.is_mark(*open, "(")) else {
        return false;
    };
    let rest = range.end..source.partner(open).unwrap_or(range.end).max(range.end);
    rest.into_iter()
        .any(|at| source.written(at).trim_matches(['"', '\'']) == "op" && source.written(at + 1) != ",")
}

fn built(query: Query, range: Range<usize>, mut doubts: Vec<String>, is_whole: bool) -> Site {
    let habit = if query.base.is_empty() { Habit::Form } else { Habit::Url };
    let mut base = query.base;
    if let Some(Piece::Known(text)) = base.first_mut()
        && let Some(at) = text.rfind(|it: char| it.is_whitespace() || "\"'<>`(".contains(it))
    {
        doubts.push("the URL stands inside of a longer text".to_owned());
        *text = text.split_off(at + 1);
    }
    Site {
        habit,
        range,
        base,
        given: query.given,
        loose: query.loose,
        is_whole: is_whole && doubts.is_empty(),
        doubts,
    }
}
