//! The old door's address in a call whose parameters are not seen: they come from another function or another file.

use std::ops::Range;

use super::command;
use crate::scan::names::simple;
use crate::scan::query;
use crate::scan::site::{Context, Habit, Site};
use crate::scan::source::scope::CONTROL;
use crate::scan::token::{Piece, known};
use crate::scan::tongue::Tongue;

/// Parts of names of functions that send nothing.
const SILENT: [&str; 16] = [
    "define",
    "env",
    "log",
    "print",
    "echo",
    "console",
    "assert",
    "expect",
    "require",
    "import",
    "include",
    "setting",
    "startswith",
    "contains",
    "equals",
    "property",
];
/// The most brackets around an address that are looked through.
const MOST_AROUND: usize = 8;

/// Each function's first address in a call, where none of `found` stands in the same function.
pub(in crate::scan) fn sites(context: &Context, found: &[Range<usize>]) -> Vec<Site> {
    let source = context.source;
    if !context.mentions {
        return Vec::new();
    }
    let (mut sites, mut seen): (Vec<Site>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    for at in (0..source.tokens.len()).filter(|at| may_be(context, *at)) {
        let Some(around) = around(context, at) else { continue };
        let bytes = source.span(&around);
        let is_told = found.iter().any(|span| bytes.contains(&span.start)) || seen.contains(&around);
        if is_told || !is_door(context, at) {
            continue;
        }
        seen.push(around);
        let range = if source.tongue == Tongue::Shell { at..at + 1 } else { source.expression(at) };
        sites.push(Site {
            habit: Habit::Address,
            range,
            base: Vec::new(),
            given: Vec::new(),
            loose: Vec::new(),
            doubts: vec!["what is sent there is not seen here: it comes from elsewhere".to_owned()],
            is_whole: false,
        });
    }
    sites
}

/// Whether a token is a text or a name that may hold a URL.
fn may_be(context: &Context, at: usize) -> bool {
    let is_name = |word: &str| context.names.named(word.trim_start_matches('$')).next().is_some();
    let is_given = context.source.is_mark(at + 1, "=") || context.source.is_mark(at + 1, ":");
    context.source.quoted(at).is_some() || (context.source.word(at).is_some_and(is_name) && !is_given)
}

/// What has to be free of other findings: the function around a call, or a command.
fn around(context: &Context, at: usize) -> Option<Range<usize>> {
    let source = context.source;
    if source.tongue == Tongue::Shell {
        return command::sending(context, at);
    }
    let mut open = source.enclosing(at)?;
    for _ in 0..MOST_AROUND {
        let callee = open.checked_sub(1).and_then(|at| source.word(at)).filter(|_| source.is_mark(open, "("));
        if let Some(callee) = callee.filter(|callee| !CONTROL.contains(callee)) {
            let all = source.slice(&(source.expression(open - 1).start..open)).to_ascii_lowercase();
            let is_silent = SILENT.iter().any(|part| all.contains(part));
            let is_declared = (1..=3).any(|back| {
                let before = open.checked_sub(back).and_then(|at| source.word(at)).unwrap_or_default();
                matches!(before, "def" | "fun" | "func" | "function")
            });
            return (!is_silent && !is_declared && !is_own(context, callee)).then(|| source.body(at));
        }
        open = source.enclosing(open)?;
    }
    None
}

/// Whether a function is declared in the same file, where what it sends is seen.
fn is_own(context: &Context, callee: &str) -> bool {
    let is_word = |at: usize| matches!(context.source.word(at), Some("def" | "fun" | "func" | "function"));
    (1..context.source.tokens.len()).any(|at| context.source.word(at) == Some(callee) && is_word(at - 1))
}

/// Whether the expression around a token gives the old door's address, with no operation in it.
fn is_door(context: &Context, at: usize) -> bool {
    let source = context.source;
    let own = match source.quoted(at) {
        Some(pieces) => pieces.to_vec(),
        None => vec![Piece::Hole(source.slice(&source.expression(at)).to_owned())],
    };
    let is_one = |piece: &Piece| match piece {
        Piece::Hole(hole) => simple(hole).is_some_and(|name| {
            context.names.named(name).any(|value| known(&value.pieces).is_some_and(|text| is_address(&text)))
        }),
        Piece::Known(_) => false,
    };
    let resolved = context.names.resolved(source, &own, at);
    let is_first = matches!(resolved.first(), Some(Piece::Known(text)) if is_address(text));
    (is_first || resolved.first().is_some_and(is_one)) && query::read(&resolved).is_none()
}

/// Whether a text begins with the address of mesibo's old door.
fn is_address(text: &str) -> bool {
    let text = text.trim_start_matches("https://").trim_start_matches("http://");
    ["api.mesibo.com/api.php", "mesibo.com/api/api.php", "www.mesibo.com/api/api.php"].iter().any(|door| {
        text.strip_prefix(door).is_some_and(|rest| !rest.starts_with(|it: char| it.is_alphanumeric()))
    })
}
