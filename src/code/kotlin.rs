//! Kotlin.

use super::grammar::{Grammar, Layout};
use super::hidden::{escaped, utf16};
use super::java;

pub(super) const RETROFIT: &str = include_str!("programs/kotlin-retrofit.kt");

pub(super) static GRAMMAR: Grammar = Grammar {
    // With its types, which compilers would need long to infer of nested ones.
    object: Layout {
        empty: "mapOf<String, Any?>()",
        open: "mapOf<String, Any?>(",
        item: ["", " to ", ""],
        ..LIST
    },
    numbered: None,
    list: LIST,
    step: "    ",
    is_aligned: false,
    around: ["", ""],
    text,
    key: text,
    // The smallest number has no literal: Kotlin would negate one that is too large.
    integer: |number| {
        if number == i64::MIN { "Long.MIN_VALUE".to_owned() } else { format!("{number}L") }
    },
    number: |digits| format!("java.math.BigDecimal(\"{digits}\")"),
    words: ["true", "false", "null"],
    token: "System.getenv(\"MESIBO_APP_TOKEN\")",
    variable: str::to_owned,
    has_texts: false,
    written: str::to_owned,
    convert: java::convert_for_kotlin,
    // In parentheses, because `to` binds as `shr` does.
    bits: |number, mask, places| match places {
        0 => format!("({number} and {mask:#x}L)"),
        _ => format!("(({number} and {mask:#x}L) shr {places})"),
    },
};

// No comma after the last: Kotlin takes it only since 1.4.
const LIST: Layout = Layout {
    empty: "emptyList<Any?>()",
    open: "listOf(",
    item: ["", "", ""],
    between: ",",
    last: "",
    close: ")",
};

/// A text; a very long one is put together as the program runs.
pub(super) fn text(text: &str) -> String {
    match &java::chunks(text)[..] {
        [all] => literal(all),
        several => {
            let parts: Vec<String> = several.iter().map(|part| literal(part)).collect();
            format!("listOf({}).joinToString(\"\")", parts.join(", "))
        }
    }
}

fn literal(text: &str) -> String {
    let known = |character| if character == '$' { Some("\\$") } else { java::known(character) };
    format!("\"{}\"", escaped(text, known, utf16))
}

/// The parts of a URL that Retrofit takes apart: its base, which ends in `/`, and the path below.
pub(super) fn base_and_path(url: &str) -> (String, String) {
    let host = url.find("://").map_or(0, |at| at + 3);
    match url[host..].find('/').map(|at| host + at + 1) {
        None => (format!("{url}/"), "./".to_owned()),
        Some(end) if end == url.len() => (url.to_owned(), "./".to_owned()),
        Some(end) => (url[..end].to_owned(), url[end..].to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::base_and_path;

    #[test]
    fn a_url_is_taken_apart_behind_its_host() {
        for (url, base, path) in [
            ("https://api.mesibo.com/backend/", "https://api.mesibo.com/", "backend/"),
            ("http://[::1]:80/a/b", "http://[::1]:80/", "a/b"),
            ("http://h/", "http://h/", "./"),
            ("http://h", "http://h/", "./"),
        ] {
            assert_eq!(base_and_path(url), (base.to_owned(), path.to_owned()), "{url}");
        }
    }
}
