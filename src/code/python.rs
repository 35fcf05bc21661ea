//! Python.

use super::grammar::{Grammar, Layout, bits, is_number_already};
use super::hidden::{backslashed, escaped};
use crate::protocol::ops::ParamKind;

pub(super) const REQUESTS: &str = include_str!("programs/python-requests.py");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout::BRACES,
    numbered: None,
    list: Layout::BRACKETS,
    step: "    ",
    is_aligned: false,
    around: ["", ""],
    text,
    key: text,
    integer: |number| number.to_string(),
    number: str::to_owned,
    words: ["True", "False", "None"],
    token: "os.environ[\"MESIBO_APP_TOKEN\"]",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert,
    bits: |number, mask, places| bits(number, &format!("{mask:#x}"), ">>", places),
};

pub(super) fn text(text: &str) -> String {
    let known = |character| match character {
        '"' => Some("\\\""),
        _ => backslashed(character),
    };
    let other = |character| match u32::from(character) {
        code @ ..=0xff => format!("\\x{code:02x}"),
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    };
    format!("\"{}\"", escaped(text, known, other))
}

fn convert(expression: &str, kind: ParamKind) -> String {
    let truth = format!("str({expression}).strip().lower() in (\"1\", \"true\")");
    match kind {
        ParamKind::Text => format!("str({expression})"),
        ParamKind::Integer if is_number_already(expression, &["int(", "len("]) => expression.to_owned(),
        ParamKind::Integer => {
            format!("int(text := str({expression}).strip().lower(), 16 if text.startswith(\"0x\") else 10)")
        }
        ParamKind::Boolean => truth,
        ParamKind::Bit => format!("int({truth})"),
        ParamKind::List => {
            format!("\",\".join(filter(None, map(str.strip, str({expression}).split(\",\"))))")
        }
    }
}
