//! The settings in force as people read them: each value, where it was written, and what it does.

use std::collections::BTreeMap;

use super::layers::{PREFIX, SHIPPED};
use crate::protocol::document::{Node, Place, TomlValue};

/// One value of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownSetting {
    /// The dotted key; items of lists of tables have their number, from 1.
    pub key: String,
    /// The value as TOML; what is or may be a secret is not shown.
    pub value: String,
    /// Where it was written.
    pub place: Place,
}

/// Every value of a document. Files and variables with secrets are named, not read; the digest of a secret is not shown.
#[must_use]
pub fn settings(document: &Node) -> Vec<ShownSetting> {
    let mut all = Vec::new();
    walk("", document, &mut all);
    all
}

fn walk(key: &str, node: &Node, all: &mut Vec<ShownSetting>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match &node.value {
        TomlValue::Table(entries) => entries.iter().for_each(|(name, node)| walk(&below(name), node, all)),
        TomlValue::List(items) if items.iter().any(|item| matches!(item.value, TomlValue::Table(_))) => {
            items.iter().enumerate().for_each(|(at, item)| walk(&format!("{key}[{}]", at + 1), item, all));
        }
        value => all.push(ShownSetting {
            key: key.to_owned(),
            value: shown(key, value),
            place: node.place.clone(),
        }),
    }
}

fn shown(key: &str, value: &TomlValue) -> String {
    match value {
        TomlValue::Text(_) if is_hidden(key) => "(not shown)".to_owned(),
        TomlValue::Text(text) => format!("{text:?}"),
        TomlValue::Integer(number) => number.to_string(),
        TomlValue::Fraction(number) => format!("{number:?}"),
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
    matches!(last, "sha256" | "token" | "password" | "keys" | "view" | "operate")
}

impl ShownSetting {
    /// The layer that it comes from, in a word.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        let place = self.place.to_string();
        if place.contains("(shipped)") {
            "default"
        } else if place.starts_with(PREFIX) || place.starts_with("OTEL_") {
            "environment"
        } else if place.starts_with("--") {
            "flag"
        } else {
            "file"
        }
    }
}

/// What the comments of the shipped file say of each key; keys that stand together share what is above them.
#[must_use]
pub fn comments() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let (mut section, mut comment, mut is_open) = (String::new(), String::new(), false);
    for line in SHIPPED.lines() {
        if let Some(text) = line.strip_prefix('#') {
            if !is_open {
                comment.clear();
            }
            is_open = true;
            let separator = if comment.is_empty() { "" } else { " " };
            comment.extend([separator, text.trim()]);
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            (section, comment, is_open) = (format!("{name}."), String::new(), false);
        } else if let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.starts_with(' ')) {
            is_open = false;
            all.insert(format!("{section}{}", key.trim()), comment.clone());
        } else if line.is_empty() {
            (comment, is_open) = (String::new(), false);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{comments, settings};
    use crate::config::Layers;

    #[test]
    fn each_value_has_its_layer_and_no_secret() {
        let text =
            "listen.workers = 3\n[[app]]\nname = 'a'\nkeys = [{ sha256 = 'abcd' }]\ntoken = 'in-the-clear'";
        let layers = Layers::shipped().and_then(|layers| layers.text("own.toml", text)).expect("sound TOML");
        let variable = ("MESIGATE__LOG__LEVEL".to_owned(), "warn".to_owned());
        let layers = layers.environment([variable].into_iter());
        let document =
            layers.flag("--admin", &["admin", "address"], Some("127.0.0.1:1".to_owned())).into_document();
        let all = settings(&document);
        let told = |key: &str| {
            let found = all.iter().find(|setting| setting.key == key).expect("a setting");
            (found.value.clone(), found.layer())
        };
        assert_eq!(told("listen.workers"), ("3".to_owned(), "file"));
        assert_eq!(told("log.level"), ("\"warn\"".to_owned(), "environment"));
        assert_eq!(told("admin.address"), ("\"127.0.0.1:1\"".to_owned(), "flag"));
        assert_eq!(told("cache.bytes").1, "default");
        assert_eq!(told("app[1].token").0, "(not shown)");
        assert_eq!(told("app[1].keys[1].sha256").0, "(not shown)");
    }

    #[test]
    fn each_shipped_key_has_a_comment() {
        let comments = comments();
        let document = Layers::shipped().expect("a sound file").into_document();
        for setting in settings(&document) {
            let mut known = setting.key.as_str();
            while !comments.contains_key(known) {
                known = known.rsplit_once(['.', '[']).unwrap_or_else(|| panic!("{}", setting.key)).0;
            }
            assert!(comments[known].len() > 8, "{}: {:?}", setting.key, comments[known]);
        }
    }
}
