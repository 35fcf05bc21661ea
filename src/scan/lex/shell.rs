//! A shell's words: each is a text, whatever its quotes; what runs inside of `$(…)` is code too.

use super::holes::{braced, word};
use crate::scan::token::{Kind, Piece, Token, push};

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, end: text.len(), depth: 0, tokens: Vec::new(), inner: Vec::new() };
    lexer.run();
    // Commands inside of words come last: what they say of their own does not cut the command around them.
    let mut tokens = lexer.tokens;
    tokens.append(&mut lexer.inner);
    tokens
}

/// The most command substitutions in one another that are looked into.
const DEEPEST: usize = 8;

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    depth: usize,
    tokens: Vec<Token>,
    /// Those of commands inside of words, each between two marks: they are no part of the command around them.
    inner: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..self.end]
    }

    fn run(&mut self) {
        let mut heredocs = Vec::new();
        while let Some(next) = self.rest().chars().next() {
            let rest = self.rest();
            match next {
                '\n' => {
                    self.mark(1);
                    for name in heredocs.drain(..) {
                        self.skip_heredoc(name);
                    }
                }
                _ if rest.starts_with("\\\n") => self.at += 2,
                _ if rest.starts_with("\\\r\n") => self.at += 3,
                ' ' | '\t' | '\r' => self.at += 1,
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => {
                    let (name, length) = heredoc(rest);
                    heredocs.extend(name);
                    self.mark(length);
                }
                ';' | '|' | '&' | '(' | ')' | '<' | '>' => self.mark(1),
                _ => self.word(),
            }
        }
    }

    fn mark(&mut self, length: usize) {
        self.tokens.push(Token { kind: Kind::Mark, span: self.at..self.at + length, is_first: false });
        self.at += length;
    }

    /// Skips lines up to the one that is `name`: a text, no code.
    fn skip_heredoc(&mut self, name: &str) {
        let mut at = self.at;
        for line in self.rest().split_inclusive('\n') {
            at += line.len();
            if line.trim() == name {
                self.at = at;
                return;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        let mut pieces = Vec::new();
        let mut quote = None;
        while let Some(next) = self.rest().chars().next() {
            let rest = self.rest();
            match (quote, next) {
                (None, ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '(' | ')' | '<' | '>') => break,
                (None, '\'' | '"') => quote = Some(next),
                (Some(open), _) if open == next => quote = None,
                (Some('\''), _) => push(&mut pieces, next),
                (None | Some('"'), '\\') => {
                    self.at += 1 + self.escaped(quote.is_some(), &mut pieces);
                    continue;
                }
                (_, '$' | '`') => {
                    if let Some(length) = self.hole(rest, &mut pieces) {
                        self.at += length;
                        continue;
                    }
                    push(&mut pieces, next);
                }
                _ => push(&mut pieces, next),
            }
            self.at += next.len_utf8();
        }
        if pieces.is_empty() {
            pieces.push(Piece::Known(String::new()));
        }
        self.tokens.push(Token { kind: Kind::Text(pieces), span: start..self.at, is_first: false });
    }

    /// Puts the character behind a backslash; the result is its length.
    fn escaped(&self, is_quoted: bool, pieces: &mut Vec<Piece>) -> usize {
        let Some(next) = self.rest()[1..].chars().next() else { return 0 };
        if is_quoted && !matches!(next, '"' | '\\' | '$' | '`' | '\n') {
            push(pieces, '\\');
        }
        if next != '\n' {
            push(pieces, next);
        }
        next.len_utf8()
    }

    /// A variable or a command inside of a word; the result is its length.
    fn hole(&mut self, rest: &'t str, pieces: &mut Vec<Piece>) -> Option<usize> {
        let length = if rest.starts_with("$(") {
            let length = enclosed(rest)?;
            self.inside(self.at + 2..self.at + length - 1);
            length
        } else if let Some(body) = rest.strip_prefix('`') {
            let length = body.find('`')? + 2;
            self.inside(self.at + 1..self.at + length - 1);
            length
        } else if rest.starts_with("${") {
            braced(rest, "${")?.1
        } else {
            let name = rest.strip_prefix('$')?;
            let special = name.starts_with(|it: char| it.is_ascii_digit() || "@*#?$!".contains(it));
            1 + if special { 1 } else { word(name)? }
        };
        pieces.push(Piece::Hole(rest[..length].to_owned()));
        Some(length)
    }

    /// Cuts the command of a substitution, which stands apart from those around it.
    fn inside(&mut self, span: std::ops::Range<usize>) {
        if self.depth == DEEPEST {
            return;
        }
        let mut inner = Lexer {
            text: self.text,
            at: span.start,
            end: span.end,
            depth: self.depth + 1,
            tokens: Vec::new(),
            inner: Vec::new(),
        };
        inner.run();
        let border = |at: usize| Token { kind: Kind::Mark, span: at..at, is_first: false };
        self.inner.push(border(span.start));
        self.inner.append(&mut inner.tokens);
        self.inner.push(border(span.end));
        self.inner.append(&mut inner.inner);
    }
}

/// The length of `$(…)`; quotes inside may have parentheses of their own.
fn enclosed(rest: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (at, character) in rest.char_indices() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some('\''), _) => {}
            (None, '\'' | '"') => quote = Some(character),
            (_, '(') => depth += 1,
            (_, ')') => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// The word that ends the text behind `<<`, and the length of both.
fn heredoc(rest: &str) -> (Option<&str>, usize) {
    let body = rest[2..].strip_prefix('-').unwrap_or(&rest[2..]).trim_start_matches([' ', '\t']);
    let end = body.find(|it: char| it.is_whitespace() || ";|&()<>".contains(it)).unwrap_or(body.len());
    let name = body[..end].trim_matches(['"', '\'', '\\']);
    (Some(name).filter(|name| !name.is_empty()), rest.len() - body.len() + end)
}
