//! `mesigate check --show`: the settings in force, and where each was written.

use crate::protocol::document::{Node, TomlValue};

/// A line for each value. Files and variables with secrets are named, not read; the digest of a secret is not shown.
#[must_use]
pub fn settings(document: &Node) -> String {
    let mut all = String::new();
    lines("", document, &mut all);
    all
}

fn lines(key: &str, node: &Node, all: &mut String) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match &node.value {
        TomlValue::Table(entries) => entries.iter().for_each(|(name, node)| lines(&below(name), node, all)),
        TomlValue::List(items) if items.iter().any(|item| matches!(item.value, TomlValue::Table(_))) => {
            items.iter().enumerate().for_each(|(at, item)| lines(&format!("{key}[{}]", at + 1), item, all));
        }
        _ => all.extend([key, " = ", &shown(key, &node.value), "  # ", &node.place.to_string(), "\n"]),
    }
}

fn shown(key: &str, value: &TomlValue) -> String {
    match value {
        TomlValue::Text(_) if is_hidden(key) => "(not shown)".to_owned(),
        TomlValue::Text(text) => format!("{text:?}"),
        TomlValue::Integer(number) => number.to_string(),
        TomlValue::Boolean(truth) => truth.to_string(),
        TomlValue::Date(date) => date.clone(),
        TomlValue::List(items) => {
            format!("[{}]", items.iter().map(|item| shown(key, &item.value)).collect::<Vec<_>>().join(", "))
        }
        TomlValue::Table(_) | TomlValue::Other(_) => "(not shown)".to_owned(),
    }
}

/// Whether the value of a key may stand for a secret, or hold one by mistake.
fn is_hidden(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or_default();
    matches!(last, "sha256" | "token" | "password" | "keys")
}
