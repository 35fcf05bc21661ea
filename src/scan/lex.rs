//! Cuts a source into tokens: what is commented out is no code, and a text ends where its language says so.
//!
//! Made for sources of all kinds, also broken ones: where something does not end, one character is skipped.

mod holes;
mod quotes;
mod shell;

use std::ops::Range;

use super::token::{Kind, Token};
use super::tongue::Tongue;

/// Marks of more than one character, the longest first.
const MARKS: [&str; 26] = [
    "?->", "===", "!==", "...", "=>", "->", "::", "+=", ".=", ":=", "==", "!=", "<=", ">=", "&&", "||", "??",
    "?.", "?:", "..", "-=", "*=", "++", "--", "<<", "!!",
];

/// The tokens of a source. In a page, only what stands in its scripts is code.
pub(super) fn tokens(text: &str, tongue: Tongue, is_page: bool) -> Vec<Token> {
    if tongue == Tongue::Shell {
        return shell::tokens(text);
    }
    let mut lexer = Lexer { text, tongue, at: 0, end: text.len(), is_first: true, tokens: Vec::new() };
    for island in islands(text, tongue, is_page) {
        lexer.at = island.start;
        lexer.end = island.end;
        lexer.is_first = true;
        lexer.run();
    }
    lexer.tokens
}

/// The stretches of a file that are code.
fn islands(text: &str, tongue: Tongue, is_page: bool) -> Vec<Range<usize>> {
    if is_page {
        return scripts(text);
    }
    if tongue != Tongue::Php {
        return std::iter::once(0..text.len()).collect();
    }
    // Where PHP ends is known only to who reads its texts and comments: the lexer.
    text.find("<?").map(|start| start..text.len()).into_iter().collect()
}

fn scripts(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(tag) = lower[from..].find("<script").map(|at| from + at) {
        let Some(start) = lower[tag..].find('>').map(|at| tag + at + 1) else { break };
        let end = lower[start..].find("</script").map_or(text.len(), |at| start + at);
        found.push(start..end);
        from = end;
    }
    found
}

struct Lexer<'t> {
    text: &'t str,
    tongue: Tongue,
    at: usize,
    end: usize,
    is_first: bool,
    tokens: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    fn run(&mut self) {
        if self.tongue == Tongue::Php {
            self.open_php();
        }
        while let Some(next) = self.rest().chars().next() {
            if next == '\n' {
                self.is_first = true;
            }
            if next.is_whitespace() {
                self.at += next.len_utf8();
            } else if !self.comment() && !self.quoted() && !self.pattern() {
                self.plain(next);
            }
        }
    }

    /// Goes on behind the next opening tag of PHP.
    fn open_php(&mut self) {
        let rest = self.rest();
        let Some(tag) = rest.find("<?") else {
            self.at = self.end;
            return;
        };
        let name = &rest[tag + 2..];
        let is_named = name.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("php"));
        self.at += tag + 2 + if is_named { 3 } else { usize::from(name.starts_with('=')) };
        self.is_first = true;
    }

    /// Skips a comment, or in PHP what stands outside of its tags.
    fn comment(&mut self) -> bool {
        let rest = self.rest();
        let is_hash = match self.tongue {
            Tongue::Python => rest.starts_with('#'),
            Tongue::Php => rest.starts_with('#') && !rest.starts_with("#["),
            _ => self.at == 0 && rest.starts_with("#!"),
        };
        if self.tongue == Tongue::Php && rest.starts_with("?>") {
            self.add(Kind::Mark, 2);
            self.open_php();
        } else if is_hash || (self.tongue != Tongue::Python && rest.starts_with("//")) {
            let line = rest.find('\n').unwrap_or(rest.len());
            let tag = if self.tongue == Tongue::Php { rest[..line].find("?>") } else { None };
            self.at += tag.unwrap_or(line);
        } else if self.tongue != Tongue::Python && rest.starts_with("/*") {
            self.at += block(rest, matches!(self.tongue, Tongue::Kotlin | Tongue::Dart));
        } else {
            return false;
        }
        true
    }

    fn quoted(&mut self) -> bool {
        let Some((pieces, length)) = quotes::read(self.rest(), self.tongue) else { return false };
        self.add(Kind::Text(pieces), length);
        true
    }

    /// Skips a regular expression of JavaScript: it may have quotes in it.
    fn pattern(&mut self) -> bool {
        if self.tongue != Tongue::Script || !self.rest().starts_with('/') || !self.wants_operand() {
            return false;
        }
        let Some(length) = quotes::pattern(self.rest()) else { return false };
        self.add(Kind::Number, length);
        true
    }

    /// Whether what stands before ends no expression.
    fn wants_operand(&self) -> bool {
        self.tokens.last().is_none_or(|last| {
            let text = &self.text[last.span.clone()];
            match last.kind {
                Kind::Mark => !matches!(text, ")" | "]" | "}" | "<" | "++" | "--"),
                Kind::Word => matches!(text, "return" | "typeof" | "case" | "in" | "of"),
                Kind::Number | Kind::Text(_) => false,
            }
        })
    }

    fn plain(&mut self, next: char) {
        let rest = self.rest();
        let is_word = |it: char| {
            it.is_alphanumeric() || it == '_' || it == '$' || (it == '\\' && self.tongue == Tongue::Php)
        };
        let ending = |is_in: &dyn Fn(char) -> bool| rest.find(|it| !is_in(it)).unwrap_or(rest.len());
        if next.is_ascii_digit() {
            self.add(Kind::Number, ending(&|it| it.is_ascii_alphanumeric() || it == '_'));
        } else if is_word(next) {
            self.add(Kind::Word, ending(&is_word));
        } else {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            self.add(Kind::Mark, mark.map_or(next.len_utf8(), |mark| mark.len()));
        }
    }

    fn add(&mut self, kind: Kind, length: usize) {
        self.tokens.push(Token { kind, span: self.at..self.at + length, is_first: self.is_first });
        self.at += length;
        self.is_first = false;
    }
}

/// The length of a comment in `/*` and `*/`, which in some languages may stand in one another.
fn block(text: &str, is_nested: bool) -> usize {
    let (mut at, mut depth) = (2, 1);
    while depth > 0 {
        let Some(next) = text[at..].find(['*', '/']).map(|next| at + next) else { return text.len() };
        if text[next..].starts_with("*/") {
            depth -= 1;
            at = next + 2;
        } else if is_nested && text[next..].starts_with("/*") {
            depth += 1;
            at = next + 2;
        } else {
            at = next + 1;
        }
    }
    at
}
