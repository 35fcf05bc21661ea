//! PHP.

use super::grammar::{Grammar, Layout, atom, bits, is_number_already};
use super::hidden::{backslashed, escaped, is_hidden};
use crate::protocol::ops::ParamKind;

pub(super) const CURL: &str = include_str!("programs/php-curl.php");
pub(super) const GUZZLE: &str = include_str!("programs/php-guzzle.php");
pub(super) const LARAVEL: &str = include_str!("programs/laravel.php");

pub(super) static GRAMMAR: Grammar = PHP;

/// Laravel's own function also knows what stands in `.env`.
pub(super) static LARAVEL_GRAMMAR: Grammar = Grammar { token: "env('MESIBO_APP_TOKEN')", ..PHP };

const PHP: Grammar = Grammar {
    // An empty array would become a list in JSON.
    object: Layout { empty: "new stdClass()", item: ["", " => ", ""], ..LIST },
    // An array with the keys 0, 1, 2 would become a list.
    numbered: Some(Layout { open: "(object) [", item: ["", " => ", ""], ..LIST }),
    list: LIST,
    step: "    ",
    is_aligned: false,
    around: ["", ""],
    text,
    key: text,
    integer,
    number: str::to_owned,
    words: ["true", "false", "null"],
    token: "getenv('MESIBO_APP_TOKEN')",
    variable: |name| format!("${name}"),
    has_texts: false,
    written: str::to_owned,
    convert,
    bits: |number, mask, places| bits(number, &format!("{mask:#x}"), ">>", places),
};

const LIST: Layout = Layout::BRACKETS;

/// In single quotes, where only two characters have a meaning; in double quotes if something needs an escape.
pub(super) fn text(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    }
    let known = |character| match character {
        '"' => Some("\\\""),
        '$' => Some("\\$"),
        _ => backslashed(character),
    };
    format!("\"{}\"", escaped(text, known, |character| format!("\\u{{{:x}}}", u32::from(character))))
}

/// The smallest number has no literal: PHP would negate a float.
fn integer(number: i64) -> String {
    if number == i64::MIN { "PHP_INT_MIN".to_owned() } else { number.to_string() }
}

fn convert(expression: &str, kind: ParamKind) -> String {
    let truth = |expression| format!("filter_var({expression}, FILTER_VALIDATE_BOOLEAN)");
    match kind {
        ParamKind::Text => format!("(string) {}", atom(expression)),
        ParamKind::Integer if is_number_already(expression, &["(int)", "intval(", "count(", "strlen("]) => {
            expression.to_owned()
        }
        // Base 0 takes 0x for hex, as the old door does, but a leading 0 for octal, which the old door does not.
        ParamKind::Integer => {
            format!("intval(preg_replace('/^(-?)0+(?=\\d)/', '$1', trim((string) {})), 0)", atom(expression))
        }
        ParamKind::Boolean => truth(expression),
        ParamKind::Bit => format!("(int) {}", truth(expression)),
        ParamKind::List => {
            let items = format!("array_map('trim', explode(',', (string) {}))", atom(expression));
            format!("implode(',', array_filter({items}, 'strlen'))")
        }
    }
}
