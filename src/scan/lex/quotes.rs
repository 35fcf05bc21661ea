//! Texts in quotes, as each language has them.

use super::holes::{self, Holes};
use crate::scan::token::{Piece, push};
use crate::scan::tongue::Tongue;

/// How a text is written.
#[derive(Clone, Copy)]
struct Quote {
    /// What opens it, prefix included: its length.
    opening: usize,
    close: &'static str,
    /// Whether a backslash is one.
    is_raw: bool,
    /// Whether it may go over lines.
    is_long: bool,
    holes: Holes,
}

/// A text at the beginning of `rest`: its pieces and its length.
pub(super) fn read(rest: &str, tongue: Tongue) -> Option<(Vec<Piece>, usize)> {
    if tongue == Tongue::Php && rest.starts_with("<<<") {
        return heredoc(rest);
    }
    let quote = quote(rest, tongue)?;
    let (pieces, length) = body(&rest[quote.opening..], quote)?;
    Some((pieces, quote.opening + length))
}

fn quote(rest: &str, tongue: Tongue) -> Option<Quote> {
    let plain = Quote { opening: 1, close: "\"", is_raw: false, is_long: false, holes: Holes::None };
    let long = |quote: Quote| Quote { opening: quote.opening + 2, is_long: true, ..quote };
    let first = rest.chars().next()?;
    Some(match (tongue, first) {
        (Tongue::Php, '"') => Quote { is_long: true, holes: Holes::Php, ..plain },
        (Tongue::Php, '\'') => Quote { close: "'", is_long: true, ..plain },
        (Tongue::Java, '"') if rest.starts_with("\"\"\"") => Quote { close: "\"\"\"", ..long(plain) },
        (Tongue::Kotlin, '"') if rest.starts_with("\"\"\"") => {
            Quote { close: "\"\"\"", is_raw: true, holes: Holes::Dollar, ..long(plain) }
        }
        (Tongue::Kotlin, '"') => Quote { holes: Holes::Dollar, ..plain },
        (Tongue::Script | Tongue::Java | Tongue::Go, '"') => plain,
        (Tongue::Script | Tongue::Java | Tongue::Kotlin | Tongue::Go, '\'') => Quote { close: "'", ..plain },
        (Tongue::Script, '`') => Quote { close: "`", is_long: true, holes: Holes::Template, ..plain },
        (Tongue::Go, '`') => Quote { close: "`", is_long: true, is_raw: true, ..plain },
        (Tongue::Python | Tongue::Dart, _) => return prefixed(rest, tongue),
        _ => return None,
    })
}

/// A text of Python or Dart: letters may stand before it, and its quotes may be three.
fn prefixed(rest: &str, tongue: Tongue) -> Option<Quote> {
    let prefix = rest.find(['"', '\'']).filter(|length| *length <= 2)?;
    let letters = rest[..prefix].to_ascii_lowercase();
    let allowed = if tongue == Tongue::Dart { "r" } else { "rbuft" };
    if !letters.chars().all(|letter| allowed.contains(letter)) {
        return None;
    }
    let body = &rest[prefix..];
    let (close, opening) = match body {
        _ if body.starts_with("\"\"\"") => ("\"\"\"", 3),
        _ if body.starts_with("'''") => ("'''", 3),
        _ if body.starts_with('"') => ("\"", 1),
        _ => ("'", 1),
    };
    let is_raw = letters.contains('r');
    let holes = match tongue {
        Tongue::Dart if !is_raw => Holes::Dollar,
        Tongue::Python if letters.contains(['f', 't']) => Holes::Braces,
        _ => Holes::None,
    };
    Some(Quote { opening: prefix + opening, close, is_raw, is_long: opening == 3, holes })
}

/// The pieces up to the closing quote, and the length with it; `None` where it does not end as it must.
fn body(text: &str, quote: Quote) -> Option<(Vec<Piece>, usize)> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    loop {
        let rest = &text[at..];
        if rest.starts_with(quote.close) {
            return Some((pieces, at + quote.close.len()));
        }
        let next = rest.chars().next()?;
        if next == '\\' {
            // Also in a raw text, the character behind it does not end the text, but in Go and Kotlin.
            if quote.is_raw && (quote.close == "`" || matches!(quote.holes, Holes::Dollar)) {
                push(&mut pieces, next);
                at += 1;
            } else {
                at += escape(rest, quote, &mut pieces)?;
            }
        } else if let Some((expression, length)) = holes::read(rest, quote.holes) {
            pieces.push(Piece::Hole(expression));
            at += length;
        } else if next == '\n' && !quote.is_long {
            return None;
        } else {
            // Python doubles a brace that is none of a hole.
            let is_doubled =
                matches!(quote.holes, Holes::Braces) && (rest.starts_with("{{") || rest.starts_with("}}"));
            push(&mut pieces, next);
            at += next.len_utf8() + usize::from(is_doubled);
        }
    }
}

/// Puts what a backslash stands for; the result is the length of both.
fn escape(rest: &str, quote: Quote, pieces: &mut Vec<Piece>) -> Option<usize> {
    let next = rest[1..].chars().next()?;
    let length = 1 + next.len_utf8();
    let is_single = quote.close == "'" && quote.is_long && quote.opening == 1;
    if quote.is_raw || (is_single && next != '\'' && next != '\\') {
        push(pieces, '\\');
        push(pieces, next);
        return Some(length);
    }
    match next {
        '\n' => {}
        'n' => push(pieces, '\n'),
        'r' => push(pieces, '\r'),
        't' => push(pieces, '\t'),
        'u' | 'x' => return Some(length + code(&rest[length..], next, pieces)),
        other => push(pieces, other),
    }
    Some(length)
}

/// Puts the character of `\u0041`, `\u{41}` or `\x41`; the result is the length of its digits.
fn code(digits: &str, letter: char, pieces: &mut Vec<Piece>) -> usize {
    let (number, length) =
        if let Some((inner, _)) = digits.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            (inner, inner.len() + 2)
        } else {
            let most = if letter == 'u' { 4 } else { 2 };
            let length = digits.bytes().take(most).take_while(u8::is_ascii_hexdigit).count();
            (&digits[..length], length)
        };
    let character = u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    push(pieces, character.unwrap_or(letter));
    character.map_or(0, |_| length)
}

/// PHP's text that ends with a word on a line of its own.
fn heredoc(rest: &str) -> Option<(Vec<Piece>, usize)> {
    let (head, _) = rest.split_once('\n')?;
    let word = head[3..].trim();
    let name = word.trim_matches(['"', '\'']);
    let is_name = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if !is_name {
        return None;
    }
    let start = head.len() + 1;
    let mut line = start;
    loop {
        let text = rest[line..].trim_start_matches([' ', '\t']);
        let end = rest.len() - text.len();
        let is_end = text
            .strip_prefix(name)
            .is_some_and(|after| !after.starts_with(|it: char| it.is_alphanumeric() || it == '_'));
        if is_end {
            let body = &rest[start..line];
            let is_plain = word.starts_with('\'');
            let holes = if is_plain { Holes::None } else { Holes::Php };
            return Some((loose(body.strip_suffix('\n').unwrap_or(body), holes), end + name.len()));
        }
        line += rest[line..].find('\n')? + 1;
    }
}

/// The pieces of a text without quotes.
fn loose(text: &str, holes: Holes) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), 0);
    while let Some(next) = text[at..].chars().next() {
        if let Some((expression, length)) = holes::read(&text[at..], holes) {
            pieces.push(Piece::Hole(expression));
            at += length;
        } else {
            push(&mut pieces, next);
            at += next.len_utf8();
        }
    }
    pieces
}

/// The length of a regular expression of JavaScript with its flags.
pub(super) fn pattern(rest: &str) -> Option<usize> {
    let (mut is_class, mut is_escaped) = (false, false);
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '\n' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => is_class = true,
            ']' => is_class = false,
            '/' if !is_class => {
                let flags = rest[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
                return Some(at + 1 + flags);
            }
            _ => {}
        }
    }
    None
}
