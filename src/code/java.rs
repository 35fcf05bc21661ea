//! Java, with org.json for JSON: Android has it, and its values are expressions.

use super::grammar::{Grammar, Layout, atom, bits, is_number_already};
use super::hidden::{backslashed, escaped, utf16};
use crate::protocol::ops::ParamKind;

pub(super) const OKHTTP: &str = include_str!("programs/java-okhttp.java");
pub(super) const HTTPCLIENT: &str = include_str!("programs/java-httpclient.java");

pub(super) static GRAMMAR: Grammar = Grammar {
    object: Layout {
        empty: "new JSONObject()",
        open: "new JSONObject()",
        item: [".put(", ", ", ")"],
        between: "",
        last: "",
        close: "",
    },
    numbered: None,
    list: Layout {
        empty: "new JSONArray()",
        open: "new JSONArray()",
        item: [".put(", "", ")"],
        between: "",
        last: "",
        close: "",
    },
    step: "    ",
    is_aligned: false,
    around: ["", ""],
    text,
    key: text,
    integer: |number| format!("{number}L"),
    number: |digits| format!("new java.math.BigDecimal(\"{digits}\")"),
    words: ["true", "false", "JSONObject.NULL"],
    token: "System.getenv(\"MESIBO_APP_TOKEN\")",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert,
    bits: |number, mask, places| bits(number, &format!("{mask:#x}L"), ">>", places),
};

/// The most characters of a literal: a class file holds constants of up to 65,535 bytes, three for a character.
const MOST: usize = 20_000;

/// A text; a very long one is put together as the program runs.
pub(super) fn text(text: &str) -> String {
    match &chunks(text)[..] {
        [all] => literal(all),
        several => {
            let parts: Vec<String> = several.iter().map(|part| literal(part)).collect();
            format!("String.join(\"\", {})", parts.join(", "))
        }
    }
}

/// The text in pieces that a class file can hold, at least one.
pub(super) fn chunks(text: &str) -> Vec<String> {
    let mut chunks = vec![String::new()];
    for (at, character) in text.chars().enumerate() {
        if at > 0 && at % MOST == 0 {
            chunks.push(String::new());
        }
        if let Some(last) = chunks.last_mut() {
            last.push(character);
        }
    }
    chunks
}

/// All beyond ASCII is escaped: before Java 18, compilers read sources in the machine's own encoding.
fn literal(text: &str) -> String {
    let ascii = escaped(text, known, utf16);
    let wide = |character: char| {
        if character.is_ascii() { character.to_string() } else { utf16(character) }
    };
    format!("\"{}\"", ascii.chars().map(wide).collect::<String>())
}

/// Characters with escapes of their own. Java reads `\u000a` as a line's end before it reads the text.
pub(super) fn known(character: char) -> Option<&'static str> {
    if character == '"' { Some("\\\"") } else { backslashed(character) }
}

fn convert(expression: &str, kind: ParamKind) -> String {
    let string = format!("String.valueOf({expression})");
    match kind {
        ParamKind::Text => string,
        ParamKind::Integer if is_number_already(expression, NUMBERS) => expression.to_owned(),
        // `decode` takes 0x for hex, as the old door does, but a leading 0 for octal, which the old door does not.
        ParamKind::Integer => {
            format!("Long.decode({string}.trim().replaceFirst(\"^(-?)0+(?=\\\\d)\", \"$1\"))")
        }
        ParamKind::Boolean => format!("{string}.trim().matches(\"(?i)1|true\")"),
        ParamKind::Bit => format!("{string}.trim().matches(\"(?i)1|true\") ? 1 : 0"),
        ParamKind::List => format!(
            "java.util.Arrays.stream({string}.split(\",\")).map(String::trim).filter(item -> !item.isEmpty())\
             .collect(java.util.stream.Collectors.joining(\",\"))"
        ),
    }
}

const NUMBERS: &[&str] = &["Long.parseLong(", "Integer.parseInt(", "(long)", "(int)"];

/// Kotlin's conversions are Java's in other words.
pub(super) fn convert_for_kotlin(expression: &str, kind: ParamKind) -> String {
    let string = format!("{}.toString()", atom(expression));
    match kind {
        ParamKind::Text => string,
        ParamKind::Integer => {
            format!(
                "java.lang.Long.decode({string}.trim().replaceFirst(Regex(\"^(-?)0+(?=\\\\d)\"), \"\\$1\"))"
            )
        }
        ParamKind::Boolean => format!("{string}.trim().matches(Regex(\"(?i)1|true\"))"),
        ParamKind::Bit => format!("(if ({string}.trim().matches(Regex(\"(?i)1|true\"))) 1 else 0)"),
        ParamKind::List => {
            format!(
                "{string}.split(\",\").map {{ it.trim() }}.filter {{ it.isNotEmpty() }}.joinToString(\",\")"
            )
        }
    }
}
