//! Where a name has the value that a statement gave it: parameters hide it, and a branch may not have been taken.

use std::collections::HashMap;
use std::ops::Range;

use super::Source;
use crate::scan::tongue::Tongue;

/// For each name, the bodies of the functions that have it as a parameter.
pub(in crate::scan) type Parameters = HashMap<String, Vec<Range<usize>>>;

/// Words before brackets that are no function's.
pub(in crate::scan) const CONTROL: [&str; 15] = [
    "if",
    "else",
    "elseif",
    "for",
    "foreach",
    "while",
    "try",
    "catch",
    "switch",
    "do",
    "when",
    "with",
    "synchronized",
    "using",
    "match",
];
/// What stands before a statement that may not run.
const BRANCHES: [&str; 8] = ["else", ":", "?", "&&", "||", "then", "do", "&"];
/// The most tokens between a function's parameters and its body: types of what it gives, what it throws.
const FARTHEST: usize = 14;

/// The parameters of all functions of a source.
pub(super) fn parameters(source: &Source) -> Parameters {
    let mut parameters = Parameters::new();
    if source.tongue == Tongue::Shell {
        return parameters;
    }
    for at in 0..source.tokens.len() {
        let (names, body) = if source.is_mark(at, "(") {
            let Some(body) = body(source, at) else { continue };
            (names(source, at), body)
        } else if source.is_mark(at, "=>") && source.tongue == Tongue::Script {
            let Some(name) = at.checked_sub(1).and_then(|name| source.word(name)) else { continue };
            (vec![name], expression_body(source, at + 1))
        } else {
            continue;
        };
        for name in names {
            let bodies = parameters.entry(name.trim_start_matches('$').to_owned()).or_default();
            bodies.push(body.clone());
        }
    }
    parameters
}

/// The names between the brackets of a function's parameters, without what stands for a default, and without what calls
/// are given.
fn names<'t>(source: &Source<'t>, open: usize) -> Vec<&'t str> {
    let mut names = Vec::new();
    for part in source.arguments(open) {
        let end = source.position(part.clone(), |at| source.is_mark(at, "=")).unwrap_or(part.end);
        let mut at = part.start;
        while at < end {
            names.extend(source.word(at));
            let call = source.partner(at).filter(|close| source.is_mark(at, "(") && *close > at);
            at = call.unwrap_or(at) + 1;
        }
    }
    names
}

/// The body of a function whose parameters stand between these brackets; `None` if they are a call's.
fn body(source: &Source, open: usize) -> Option<Range<usize>> {
    let close = source.partner(open).filter(|close| *close > open)?;
    let before = |back: usize| open.checked_sub(back).map_or("", |at| source.written(at));
    if source.tongue == Tongue::Python {
        return (before(2) == "def").then(|| source.body(open));
    }
    let is_told = (1..=6).any(|back| matches!(before(back), "fun" | "class" | "constructor"));
    if CONTROL.contains(&before(1)) || before(2) == "new" || (source.tongue == Tongue::Kotlin && !is_told) {
        return None;
    }
    for at in close + 1..close + FARTHEST {
        match source.written(at) {
            "{" => return Some(at..source.partner(at)? + 1),
            "=>" if source.tongue != Tongue::Kotlin => return Some(expression_body(source, at + 1)),
            "=" if source.tongue == Tongue::Kotlin => return Some(expression_body(source, at + 1)),
            ";" | "," | ")" | "]" | "}" | "=" | "." | "+" | "?" | "" => return None,
            _ => {}
        }
    }
    None
}

/// The body of a function that is an expression, with the blocks behind its calls.
fn expression_body(source: &Source, start: usize) -> Range<usize> {
    let mut end = start;
    while end < source.tokens.len() && !matches!(source.written(end), ";" | "," | ")" | "]" | "}") {
        let starts_next = end > start && source.tongue == Tongue::Kotlin && source.breaks(end);
        if starts_next {
            break;
        }
        end = source.partner(end).filter(|close| *close > end).unwrap_or(end) + 1;
    }
    start..end
}

impl Source<'_> {
    /// The body of the innermost function around a token that has a name as a parameter.
    pub(in crate::scan) fn hiding(&self, name: &str, at: usize) -> Option<&Range<usize>> {
        let bodies = self.parameters.get(name)?.iter().filter(|body| body.contains(&at));
        bodies.min_by_key(|body| body.len())
    }

    /// Whether what an earlier token's statement did has surely been done when a later one runs.
    pub(in crate::scan) fn has_run(&self, earlier: usize, later: usize) -> bool {
        let mut first = earlier;
        while first >= 2 && matches!(self.written(first - 1), "." | "?." | "::" | "->") && self.is_path(first)
        {
            first -= 2;
        }
        let before = first.checked_sub(1).map_or("", |before| self.written(before));
        let is_arrow = before == "->" && self.tongue != Tongue::Php;
        if BRANCHES.contains(&before) || is_arrow || self.follows_control(first) {
            return false;
        }
        let is_indented = matches!(self.tongue, Tongue::Python | Tongue::Shell);
        if is_indented { self.is_in_same_block(first, later) } else { self.is_in_open_brace(first, later) }
    }

    /// Whether a token stands right behind `if (…)` and its like.
    fn follows_control(&self, at: usize) -> bool {
        let close = at.checked_sub(1).filter(|close| self.is_mark(*close, ")"));
        let open = close.and_then(|close| self.partner(close)).and_then(|open| open.checked_sub(1));
        open.and_then(|open| self.word(open)).is_some_and(|word| CONTROL.contains(&word))
    }

    /// Whether the mark before a token joins a member to what it belongs to.
    fn is_path(&self, at: usize) -> bool {
        self.written(at - 1) != "->" || self.tongue == Tongue::Php
    }

    fn is_in_open_brace(&self, earlier: usize, later: usize) -> bool {
        let mut open = self.enclosing(earlier);
        while let Some(inner) = open.filter(|open| !self.is_mark(*open, "{")) {
            open = self.enclosing(inner);
        }
        let Some(brace) = open else { return true };
        let is_case =
            |at: usize| matches!(self.word(at), Some("case" | "default")) && self.enclosing(at) == open;
        let is_body = self.body(earlier).start == brace;
        self.partner(brace).is_some_and(|close| later < close) && (is_body || !(earlier..later).any(is_case))
    }

    /// Whether no line between two tokens is indented less than the first one's.
    fn is_in_same_block(&self, earlier: usize, later: usize) -> bool {
        let (from, to) = (self.tokens[earlier].span.start, self.span(&(later..later + 1)).start);
        let line = self.text[..from].rfind('\n').map_or(0, |at| at + 1);
        let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let own = indent(&self.text[line..]);
        let is_less = |line: &str| indent(line) < own && !line.trim().is_empty();
        own == 0 || !self.text[line..to.max(line)].lines().any(is_less)
    }
}
