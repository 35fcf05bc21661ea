//! Go.

use super::call::Node;
use super::grammar::{Grammar, Layout};
use super::hidden::{backslashed, escaped, utf16};
use super::shell;
use crate::protocol::ops::ParamKind;

pub(super) const PROGRAM: &str = include_str!("programs/go.go");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout {
        empty: "map[string]any{}",
        open: "map[string]any{",
        item: ["", ": ", ""],
        between: ",",
        last: ",",
        close: "}",
    },
    numbered: None,
    list: Layout {
        empty: "[]any{}",
        open: "[]any{",
        item: ["", "", ""],
        between: ",",
        last: ",",
        close: "}",
    },
    step: "\t",
    is_aligned: true,
    around: ["", ""],
    text,
    key: text,
    // A literal is an `int`, which has 32 bits on some machines.
    integer: |number| {
        if i32::try_from(number).is_ok() { number.to_string() } else { format!("int64({number})") }
    },
    number: |digits| format!("json.Number(\"{digits}\")"),
    words: ["true", "false", "nil"],
    token: "os.Getenv(\"MESIBO_APP_TOKEN\")",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert,
    bits: |number, mask, shift| format!("someBits{{{number}, {mask:#x}, {shift}}}"),
};

pub(super) fn text(text: &str) -> String {
    let known = |character| match character {
        '"' => Some("\\\""),
        _ => backslashed(character),
    };
    let other = |character| match u32::from(character) {
        code @ ..=0xffff => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    };
    format!("\"{}\"", escaped(text, known, other))
}

/// JSON as a raw text of Go, in which a text or a number that an expression gives stands as it is.
pub(super) static RAW: Grammar = Grammar {
    around: ["`", "`"],
    text: raw,
    key: raw,
    token: "\"` + os.Getenv(\"MESIBO_APP_TOKEN\") + `\"",
    variable: |name| format!("` + {name} + `"),
    written: |text| format!("\"` + {text} + `\""),
    convert: |text, _| format!("` + {text} + `"),
    ..shell::COMPACT
};

fn raw(text: &str) -> String {
    let known = |character| match character {
        '"' => Some("\\\""),
        '`' => Some("\\u0060"),
        _ => backslashed(character),
    };
    format!("\"{}\"", escaped(text, known, utf16))
}

/// An expression of Go has one value: what can fail is a type whose JSON fails.
fn convert(expression: &str, kind: ParamKind) -> String {
    match kind {
        ParamKind::Text => expression.to_owned(),
        ParamKind::Integer => format!("wholeNumber({expression})"),
        ParamKind::Boolean => format!("isTrue({expression})"),
        ParamKind::Bit => format!("oneOrZero({expression})"),
        ParamKind::List => format!("trimmedList({expression})"),
    }
}

/// A declaration that values are written with, and the packages that it needs.
struct Helper {
    code: &'static str,
    packages: &'static [&'static str],
    is_needed: fn(&Node) -> bool,
}

fn is_of(node: &Node, kind: ParamKind) -> bool {
    matches!(node, Node::Variable(_, other) | Node::Expression(_, other) if *other == kind)
}

const HELPERS: [Helper; 5] = [
    Helper {
        code: include_str!("programs/go-whole-number.go"),
        packages: &["strconv", "strings"],
        is_needed: |node| is_of(node, ParamKind::Integer),
    },
    Helper {
        code: include_str!("programs/go-some-bits.go"),
        packages: &[],
        is_needed: |node| matches!(node, Node::Bits { .. }),
    },
    Helper {
        code: include_str!("programs/go-is-true.go"),
        packages: &["strings"],
        is_needed: |node| is_of(node, ParamKind::Boolean) || is_of(node, ParamKind::Bit),
    },
    Helper {
        code: include_str!("programs/go-one-or-zero.go"),
        packages: &[],
        is_needed: |node| is_of(node, ParamKind::Bit),
    },
    Helper {
        code: include_str!("programs/go-trimmed-list.go"),
        packages: &["strings"],
        is_needed: |node| is_of(node, ParamKind::List),
    },
];

fn needed(payload: &Node) -> impl Iterator<Item = &'static Helper> {
    HELPERS.iter().filter(|helper| payload.any(&|node| (helper.is_needed)(node)))
}

/// The declarations that a payload is written with.
pub(super) fn helpers(payload: &Node) -> String {
    let code: Vec<&str> = needed(payload).map(|helper| helper.code).collect();
    if code.is_empty() { String::new() } else { format!("\n{}", code.join("\n").trim_end()) }
}

/// The packages that they need, in order.
pub(super) fn packages(payload: &Node) -> Vec<&'static str> {
    let mut packages: Vec<&str> = needed(payload).flat_map(|helper| helper.packages).copied().collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}
