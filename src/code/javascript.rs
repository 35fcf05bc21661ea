//! JavaScript.

use super::call::Node;
use super::grammar::{Grammar, Layout, is_number_already};
use super::hidden::{backslashed, escaped};
use crate::protocol::ops::ParamKind;

pub(super) const FETCH: &str = include_str!("programs/js-fetch.mjs");
pub(super) const AXIOS: &str = include_str!("programs/node-axios.mjs");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout::BRACES,
    numbered: None,
    list: Layout::BRACKETS,
    step: "  ",
    is_aligned: false,
    around: ["", ""],
    text,
    key,
    integer: |number| if is_exact(number) { number.to_string() } else { format!("{number}n") },
    number: |digits| if is_large_integer(digits) { format!("{digits}n") } else { digits.to_owned() },
    words: ["true", "false", "null"],
    token: "process.env.MESIBO_APP_TOKEN",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert,
    // With `>>>` because a number whose highest bit of 32 is set is negative to `&`.
    bits: |number, mask, places| format!("({number} & {mask:#x}) >>> {places}"),
};

/// Writes whole numbers of more bits than a number of JavaScript has, which `JSON.stringify` refuses.
pub(super) const TO_JSON: &str = "\
// JSON.stringify has no way to write a number beyond 2^53 exactly: such a one is a BigInt here.
function toJson(value) {
  if (typeof value === 'bigint') {
    return String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.map(toJson).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${toJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
";

/// Whether a payload has numbers that `JSON.stringify` cannot write.
pub(super) fn needs_to_json(payload: &Node) -> bool {
    payload.any(&|node| match node {
        Node::Integer(number) => !is_exact(*number),
        Node::Number(digits) => is_large_integer(digits),
        _ => false,
    })
}

/// What writes a payload as JSON.
pub(super) fn stringify(payload: &Node) -> &'static str {
    if needs_to_json(payload) { "toJson" } else { "JSON.stringify" }
}

/// What axios is given to send.
pub(super) fn body(payload: &Node) -> &'static str {
    match (needs_to_json(payload), is_cut_by_axios(payload)) {
        (true, _) => "toJson(payload)",
        (false, true) => "JSON.stringify(payload)",
        (false, false) => "payload",
    }
}

/// Whether a payload has members that axios leaves out of an object that it is given, so that it must be given text.
fn is_cut_by_axios(payload: &Node) -> bool {
    const CUT: [&str; 3] = ["__proto__", "constructor", "prototype"];
    payload.any(&|node| node.names().any(|name| CUT.contains(&name)))
}

fn is_exact(number: i64) -> bool {
    number.unsigned_abs() < 1 << 53
}

fn is_large_integer(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// A text that may stand within a script of a page: `</script>` and `<!--` would end it or change how it is read.
pub(super) fn text(text: &str) -> String {
    let known = |character| match character {
        '\'' => Some("\\'"),
        _ => backslashed(character),
    };
    let text = escaped(text, known, |character| format!("\\u{{{:x}}}", u32::from(character)));
    format!("'{}'", text.replace("</", "<\\/").replace("<!--", "<\\!--"))
}

fn key(name: &str) -> String {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let begins_well = name.starts_with(|first: char| !first.is_ascii_digit());
    if name == "__proto__" {
        // Without brackets it would be the object's prototype.
        format!("[{}]", text(name))
    } else if begins_well && name.chars().all(is_word) {
        name.to_owned()
    } else {
        text(name)
    }
}

fn convert(expression: &str, kind: ParamKind) -> String {
    let truth = format!("/^\\s*(1|true)\\s*$/i.test({expression})");
    match kind {
        ParamKind::Text => format!("String({expression})"),
        ParamKind::Integer if is_number_already(expression, &["Number(", "parseInt("]) => {
            expression.to_owned()
        }
        ParamKind::Integer => format!("Number({expression})"),
        ParamKind::Boolean => truth,
        ParamKind::Bit => format!("{truth} ? 1 : 0"),
        ParamKind::List => {
            format!("String({expression}).split(',').map((item) => item.trim()).filter(Boolean).join(',')")
        }
    }
}
