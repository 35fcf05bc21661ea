//! Dart.

use super::grammar::{Grammar, Layout, atom, bits, is_number_already};
use super::hidden::{backslashed, escaped};
use crate::protocol::ops::ParamKind;

pub(super) const HTTP: &str = include_str!("programs/dart-http.dart");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout::BRACES,
    numbered: None,
    list: Layout::BRACKETS,
    step: "  ",
    is_aligned: false,
    around: ["", ""],
    text,
    key: text,
    integer: |number| number.to_string(),
    // Whole numbers of more than 64 bits are no literals; as floats they keep what a float holds.
    number: |digits| {
        if digits.contains(['.', 'e', 'E']) { digits.to_owned() } else { format!("{digits}.0") }
    },
    words: ["true", "false", "null"],
    token: "Platform.environment['MESIBO_APP_TOKEN']",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert,
    bits: |number, mask, places| bits(number, &format!("{mask:#x}"), ">>", places),
};

pub(super) fn text(text: &str) -> String {
    let known = |character| match character {
        '\'' => Some("\\'"),
        '$' => Some("\\$"),
        _ => backslashed(character),
    };
    format!("'{}'", escaped(text, known, |character| format!("\\u{{{:x}}}", u32::from(character))))
}

fn convert(expression: &str, kind: ParamKind) -> String {
    let string = format!("{}.toString()", atom(expression));
    let truth = format!("RegExp(r'^(1|true)$', caseSensitive: false).hasMatch({string}.trim())");
    match kind {
        ParamKind::Text => string,
        ParamKind::Integer if is_number_already(expression, &["int.parse("]) => expression.to_owned(),
        ParamKind::Integer => format!("int.parse({string}.trim())"),
        ParamKind::Boolean => truth,
        ParamKind::Bit => format!("{truth} ? 1 : 0"),
        ParamKind::List => format!(
            "{string}.split(',').map((item) => item.trim()).where((item) => item.isNotEmpty).join(',')"
        ),
    }
}
