//! A shell with curl: a payload is one word, JSON in single quotes with what the shell puts in between.

use super::call::{Call, Node};
use super::grammar::{Grammar, Layout};
use super::hidden::{backslashed, escaped, utf16};
use crate::protocol::ops::ParamKind;

pub(super) const PROGRAM: &str = include_str!("programs/curl.sh");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout { empty: "{}", open: "{", item: ["", ": ", ""], between: ",", last: "", close: "}" },
    numbered: None,
    list: Layout { empty: "[]", open: "[", item: ["", "", ""], between: ",", last: "", close: "]" },
    step: "  ",
    ..COMPACT
};

pub(super) const COMPACT: Grammar = Grammar {
    object: Layout { empty: "{}", open: "{", item: ["", ":", ""], between: ",", last: "", close: "}" },
    numbered: None,
    list: Layout { empty: "[]", open: "[", item: ["", "", ""], between: ",", last: "", close: "]" },
    step: "",
    is_aligned: false,
    around: ["'", "'"],
    text: json,
    key: json,
    integer: |number| number.to_string(),
    number: str::to_owned,
    words: ["true", "false", "null"],
    token: "\"'\"$MESIBO_APP_TOKEN\"'\"",
    variable: |name| format!("${name}"),
    has_texts: false,
    written: |text| format!("\"'\"{text}\"'\""),
    convert,
    bits,
};

/// A word that is this text.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text as JSON, within single quotes.
fn json(text: &str) -> String {
    let known = |character| match character {
        '"' => Some("\\\""),
        '\'' => Some("'\\''"),
        _ => backslashed(character),
    };
    format!("\"{}\"", escaped(text, known, utf16))
}

/// What prints JSON of a text, between quotes of the shell. Nothing is printed for what is no number, so that the
/// request is no JSON and the API refuses it; text never reaches the shell's own arithmetic, which could run it.
fn convert(expression: &str, kind: ParamKind) -> String {
    const NUMBER: &str = "sed -nE 's/^ +| +$//g; s/^(-?)0*([0-9]+)$/\\1\\2/p; s/^0[xX][0-9a-fA-F]+$/&/p' | \
                          while read -r n; do echo $((n)); done";
    const LIST: &str =
        "jq -Rs 'split(\",\") | map(gsub(\"^\\\\s+|\\\\s+$\"; \"\") | select(. != \"\")) | join(\",\")'";
    let value = format!("\"{}\"", expression.trim_matches('"'));
    let truth = |yes, no| {
        format!(
            "case $(printf %s {value} | tr -d ' ') in (1|[Tt][Rr][Uu][Ee]) echo {yes};; (*) echo {no};; esac"
        )
    };
    let printing = match kind {
        ParamKind::Text => format!("printf %s {value} | jq -Rs ."),
        ParamKind::Integer => format!("printf '%s\\n' {value} | {NUMBER}"),
        ParamKind::Boolean => truth("true", "false"),
        ParamKind::Bit => truth("1", "0"),
        ParamKind::List => format!("printf %s {value} | {LIST}"),
    };
    format!("'\"$({printing})\"'")
}

fn bits(number: &str, mask: u32, shift: u32) -> String {
    let number = number.trim_start_matches("'\"").trim_end_matches("\"'");
    format!("'\"$(( ({number} & {mask}) >> {shift} ))\"'")
}

/// What a program needs besides: jq, where texts are JSON only when it runs.
pub(super) fn needs(payload: &Node) -> &'static str {
    let is_quoted = |node: &Node| {
        matches!(
            node,
            Node::Variable(_, ParamKind::Text | ParamKind::List)
                | Node::Expression(_, ParamKind::Text | ParamKind::List)
        )
    };
    if payload.any(&is_quoted) { "# It also needs jq, which makes JSON of texts." } else { "" }
}

/// A call as one command to try it with, in two lines.
#[must_use]
pub fn command(call: &Call) -> String {
    // Every line's end is the layout's: those of texts are escaped.
    let payload = COMPACT.write(&call.payload(), "").replace('\n', "");
    format!("curl {} -H 'Content-Type: application/json' \\\n  -d {payload}", text(&call.url))
}
