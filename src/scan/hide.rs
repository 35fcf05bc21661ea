//! Takes tokens out of everything that is shown.

use super::names::Names;
use super::source::Source;
use super::token::{Piece, known};
use super::tongue::Tongue;

/// What stands in a token's place.
pub(super) const HIDDEN: &str = "(a token stands here in plain text)";

/// The length of the tokens that mesibo gives.
const LENGTH: usize = 64;

/// A text without tokens: none of `tokens`, and nothing that looks like one.
#[must_use]
pub fn hidden(text: &str, tokens: &[String]) -> String {
    let mut shown = text.to_owned();
    for token in tokens {
        shown = without(&shown, token);
    }
    let mut out = String::with_capacity(shown.len());
    let mut run = String::new();
    for character in shown.chars().chain(std::iter::once('\n')) {
        if character.is_ascii_alphanumeric() {
            run.push(character);
        } else {
            out.push_str(if run.len() >= LENGTH { HIDDEN } else { &run });
            run.clear();
            out.push(character);
        }
    }
    out.pop();
    out
}

/// A text without a token, where that stands as a word of its own.
fn without(text: &str, token: &str) -> String {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    let (mut out, mut at) = (String::new(), 0);
    while let Some(next) = text[at..].find(token).map(|next| at + next) {
        let end = next + token.len();
        let is_inside = text[..next].ends_with(is_part) || text[end..].starts_with(is_part);
        out.push_str(&text[at..next]);
        out.push_str(if is_inside { token } else { HIDDEN });
        at = end;
    }
    out.push_str(&text[at..]);
    out
}

/// The tokens that a source has in plain text: values of parameters and of names that say so.
pub(super) fn tokens(text: &str, tongue: Tongue, is_page: bool) -> Vec<String> {
    let source = Source::new(text, tongue, is_page);
    let mut found: Vec<String> = named(text).filter(|word| is_mixed(word)).collect();
    for at in 0..source.tokens.len() {
        for piece in source.quoted(at).unwrap_or_default() {
            if let Piece::Known(text) = piece {
                found.extend(named(text));
            }
        }
    }
    for assigned in Names::of(&source).between(0..source.tokens.len()) {
        if assigned.name.to_ascii_lowercase().contains("token") {
            found.extend(known(&assigned.pieces));
        }
    }
    for at in 0..source.tokens.len() {
        let is_name =
            source.quoted(at).and_then(known).is_some_and(|name| name.eq_ignore_ascii_case("token"));
        let value = (at + 2..at + 4).find_map(|next| source.quoted(next).and_then(known));
        found.extend(value.filter(|_| is_name));
    }
    let is_plain = |token: &String| {
        token.len() >= 6 && token.chars().all(|it| it.is_alphanumeric() || "-_.".contains(it))
    };
    found.retain(is_plain);
    found.sort_by_key(|token| std::cmp::Reverse(token.len()));
    found.dedup();
    found
}

/// What stands behind `token=`.
fn named(text: &str) -> impl Iterator<Item = String> {
    let rest = text.split("token=").skip(1);
    rest.map(|rest| rest.chars().take_while(|it| it.is_alphanumeric() || "-_.".contains(*it)).collect())
}

/// Whether a word that may be code is none: it has letters and digits, and no dot.
fn is_mixed(word: &str) -> bool {
    let has = |is: fn(char) -> bool| word.contains(is);
    has(char::is_numeric) && has(char::is_alphabetic) && !word.contains('.')
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, hidden, tokens};
    use crate::scan::tongue::Tongue;

    #[test]
    fn what_looks_like_a_token_and_what_is_named_one_is_not_shown() {
        let long = "a1".repeat(32);
        assert_eq!(hidden(&format!("x={long}&y"), &[]), format!("x={HIDDEN}&y"));
        let found =
            tokens("<?php $appToken = 'secret-one'; $u = \"?token=second2&op=x\";", Tongue::Php, false);
        assert_eq!(found, ["secret-one", "second2"]);
        assert_eq!(hidden("'secret-one' secret-ones", &found), format!("'{HIDDEN}' secret-ones"));
    }
}
