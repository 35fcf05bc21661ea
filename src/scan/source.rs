//! A source in tokens, and what of its grammar all these languages share: brackets, arguments, expressions.

pub(super) mod scope;

use std::ops::Range;

use super::lex;
use super::token::{Kind, Piece, Token};
use super::tongue::Tongue;
use scope::Parameters;

/// What no expression goes beyond.
const BORDERS: [&str; 32] = [
    "(", "[", "{", ")", "]", "}", ",", ";", "=", "=>", ":", "?", "?:", "&&", "||", "??", "==", "!=", "===",
    "!==", "<", ">", "<=", ">=", "!", "|", "&", "+=", ".=", ":=", "..", "...",
];
/// Words that are no part of an expression.
const BORDER_WORDS: [&str; 22] = [
    "return", "echo", "print", "await", "throw", "yield", "in", "is", "as", "else", "case", "if", "and",
    "or", "not", "const", "let", "var", "val", "final", "export", "default",
];
/// What goes on with the expression of the line before.
const GOES_ON: [&str; 8] = [".", "+", "->", "?.", "?->", "::", "%", "!!"];

/// A source, cut into tokens.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) tongue: Tongue,
    pub(super) tokens: Vec<Token>,
    /// For each bracket that has one, its other half.
    partners: Vec<Option<usize>>,
    /// For each token, the bracket that is open around it.
    around: Vec<Option<usize>>,
    /// Where functions of Python begin.
    definitions: Vec<usize>,
    /// Where lines begin, in bytes.
    lines: Vec<usize>,
    /// Which signs of libraries stand in the text.
    signs: Vec<&'static str>,
    /// Which functions have a name as a parameter.
    pub(super) parameters: Parameters,
}

/// What says that a source uses a library.
const SIGNS: [&str; 7] =
    ["GuzzleHttp", "Http::", "curl_", "axios", "okhttp", "\"strings\"", "'dart:convert'"];

impl<'t> Source<'t> {
    pub(super) fn new(text: &'t str, tongue: Tongue, is_page: bool) -> Self {
        let tokens = lex::tokens(text, tongue, is_page);
        let partners = partners(text, &tokens, tongue);
        let around = around(&partners);
        let is_definition =
            |token: &&(usize, &Token)| token.1.is_first && &text[token.1.span.clone()] == "def";
        let definitions =
            tokens.iter().enumerate().filter(|it| is_definition(&it)).map(|(at, _)| at).collect();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let signs = SIGNS.into_iter().filter(|sign| text.contains(sign)).collect();
        let parameters = Parameters::new();
        let mut source =
            Self { text, tongue, tokens, partners, around, definitions, lines, signs, parameters };
        source.parameters = scope::parameters(&source);
        source
    }

    /// A token as it is written; nothing beyond the end.
    pub(super) fn written(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |token| &self.text[token.span.clone()])
    }

    /// A token as it is written, if it is a word.
    pub(super) fn word(&self, at: usize) -> Option<&'t str> {
        let token = self.tokens.get(at)?;
        (token.kind == Kind::Word).then(|| self.written(at))
    }

    pub(super) fn is_mark(&self, at: usize, mark: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Mark) && self.written(at) == mark
    }

    /// The pieces of a token that is a text.
    pub(super) fn quoted(&self, at: usize) -> Option<&[Piece]> {
        match &self.tokens.get(at)?.kind {
            Kind::Text(pieces) => Some(pieces),
            _ => None,
        }
    }

    /// The bracket that belongs to this one.
    pub(super) fn partner(&self, at: usize) -> Option<usize> {
        *self.partners.get(at)?
    }

    /// The bytes of some tokens.
    pub(super) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.tokens.get(range.start).map_or(self.text.len(), |token| token.span.start);
        let last = range.end.checked_sub(1).filter(|last| *last >= range.start);
        let end = last.and_then(|last| self.tokens.get(last)).map_or(start, |token| token.span.end);
        start..end
    }

    /// Some tokens as they are written.
    pub(super) fn slice(&self, range: &Range<usize>) -> &'t str {
        &self.text[self.span(range)]
    }

    /// The expression that begins here.
    pub(super) fn expression_from(&self, start: usize) -> Range<usize> {
        let mut end = start;
        while end < self.tokens.len() {
            let is_call = end > start && matches!(self.written(end), "(" | "[") && self.ends_operand(end - 1);
            let is_group = end == start && matches!(self.written(end), "(" | "[" | "{");
            if (is_call || is_group || self.is_group_after_joint(start, end))
                && let Some(partner) = self.partner(end)
                && partner >= end
            {
                end = partner + 1;
            } else if self.is_border(end) || (end > start && self.breaks(end)) {
                break;
            } else {
                end += 1;
            }
        }
        start..end
    }

    fn is_group_after_joint(&self, start: usize, at: usize) -> bool {
        at > start && self.is_mark(at, "(") && [self.tongue.joint(), "%"].contains(&self.written(at - 1))
    }

    /// Whether a token can stand before the bracket of a call.
    fn ends_operand(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        token.kind == Kind::Word || matches!(self.written(at), ")" | "]" | ">" | "?" | "!!")
    }

    /// The expression that has this token in it, outside of brackets.
    pub(super) fn expression(&self, at: usize) -> Range<usize> {
        let mut start = at;
        while start > 0 && !self.breaks(start) {
            let before = start - 1;
            let opening = self.partner(before).filter(|opening| *opening < before);
            match opening {
                Some(opening) if !self.is_mark(before, "}") => start = opening,
                _ if self.is_border(before) => break,
                _ => start = before,
            }
        }
        self.expression_from(start).start..self.expression_from(start).end.max(at + 1)
    }

    pub(super) fn is_border(&self, at: usize) -> bool {
        let text = self.written(at);
        match self.tokens.get(at).map(|token| &token.kind) {
            None => true,
            Some(Kind::Mark) => BORDERS.contains(&text) || (self.tongue != Tongue::Php && text == "->"),
            Some(Kind::Word) => {
                BORDER_WORDS.contains(&text) || (self.tongue == Tongue::Kotlin && text == "to")
            }
            Some(_) => false,
        }
    }

    /// Whether a new statement begins at a token because a line does.
    pub(super) fn breaks(&self, at: usize) -> bool {
        let needs_mark = matches!(self.tongue, Tongue::Php | Tongue::Java | Tongue::Dart);
        if needs_mark || !self.tokens[at].is_first || at == 0 {
            return false;
        }
        let goes_on = |at: usize| self.tokens[at].kind == Kind::Mark && GOES_ON.contains(&self.written(at));
        let are_texts = self.quoted(at).is_some() && self.quoted(at - 1).is_some();
        !(goes_on(at) || goes_on(at - 1) || are_texts || self.is_mark(at - 1, "\\"))
    }

    /// What stands between commas, from behind `open` to its other half.
    pub(super) fn arguments(&self, open: usize) -> Vec<Range<usize>> {
        let Some(close) = self.partner(open).filter(|close| *close > open) else { return Vec::new() };
        let parts = self.split(open + 1..close, ",");
        parts.into_iter().filter(|part| !part.is_empty()).collect()
    }

    /// Cuts tokens at a mark outside of brackets.
    pub(super) fn split(&self, range: Range<usize>, mark: &str) -> Vec<Range<usize>> {
        let (mut parts, mut start, mut at) = (Vec::new(), range.start, range.start);
        while at < range.end {
            if let Some(partner) = self.partner(at).filter(|partner| *partner > at) {
                at = partner;
            } else if self.is_mark(at, mark) {
                parts.push(start..at);
                start = at + 1;
            }
            at += 1;
        }
        parts.push(start..range.end);
        parts
    }

    /// The first token outside of brackets for which `is` holds.
    pub(super) fn position(&self, range: Range<usize>, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = range.start;
        while at < range.end {
            if is(at) {
                return Some(at);
            }
            at = self.partner(at).filter(|partner| *partner > at).unwrap_or(at) + 1;
        }
        None
    }

    /// The bracket that is open around a token.
    pub(super) fn enclosing(&self, at: usize) -> Option<usize> {
        *self.around.get(at)?
    }

    /// Whether a sign of a library stands in the text.
    pub(super) fn uses(&self, sign: &str) -> bool {
        self.signs.contains(&sign)
    }

    /// Line and column of a byte, both from 1.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        (line, self.text[start..at].chars().count() + 1)
    }

    /// The function around a token, or the whole file: the innermost braces that look like a function's; in Python,
    /// what lies between two lines with `def`.
    pub(super) fn body(&self, at: usize) -> Range<usize> {
        if self.tongue == Tongue::Python {
            let next = self.definitions.partition_point(|start| *start <= at);
            let start = next.checked_sub(1).map_or(0, |before| self.definitions[before]);
            return start..self.definitions.get(next).copied().unwrap_or(self.tokens.len());
        }
        let mut inner = at;
        while let Some(open) = self.enclosing(inner) {
            let is_function = self.is_mark(open, "{") && open > 0 && self.opens_function(open);
            if is_function {
                return open..self.partner(open).unwrap_or(self.tokens.len());
            }
            inner = open;
        }
        0..self.tokens.len()
    }

    fn opens_function(&self, open: usize) -> bool {
        let line =
            (open.saturating_sub(40)..open).rev().find(|at| matches!(self.written(*at), ";" | "{" | "}"));
        let head = line.map_or(open.saturating_sub(40), |line| line + 1)..open;
        let first = head.clone().find_map(|at| self.word(at)).unwrap_or_default();
        let is_control =
            ["if", "else", "for", "foreach", "while", "try", "catch", "switch", "do"].contains(&first);
        !is_control
            && head.clone().any(|at| self.is_mark(at, "("))
            && !matches!(self.written(open - 1), "=" | "(" | ",")
    }
}

fn partners(text: &str, tokens: &[Token], tongue: Tongue) -> Vec<Option<usize>> {
    let mut partners = vec![None; tokens.len()];
    let mut open: Vec<(usize, &str)> = Vec::new();
    if tongue == Tongue::Shell {
        return partners;
    }
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Mark) {
        let wanted = match &text[token.span.clone()] {
            "(" => ")",
            "[" => "]",
            "{" => "}",
            closing @ (")" | "]" | "}") => {
                // What is open inside of it and never closes has no other half.
                if let Some(depth) = open.iter().rposition(|(_, wanted)| *wanted == closing) {
                    partners[at] = Some(open[depth].0);
                    partners[open[depth].0] = Some(at);
                    open.truncate(depth);
                }
                continue;
            }
            _ => continue,
        };
        open.push((at, wanted));
    }
    partners
}

/// For each token, the innermost bracket that has another half behind it.
fn around(partners: &[Option<usize>]) -> Vec<Option<usize>> {
    let (mut around, mut open) = (Vec::with_capacity(partners.len()), Vec::new());
    for (at, partner) in partners.iter().enumerate() {
        let is_closing = partner.is_some_and(|partner| partner < at);
        if is_closing {
            open.pop();
        }
        around.push(open.last().copied());
        if partner.is_some_and(|partner| partner > at) {
            open.push(at);
        }
    }
    around
}
