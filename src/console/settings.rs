//! The settings in force, as the page shows them.

use serde_json::{Value, json};

use super::Call;
use crate::config::shown::{self, ShownSetting};

pub fn settings(call: &Call<'_>) -> Value {
    let snapshot = call.console.current();
    let comments = shown::comments();
    let line = |setting: ShownSetting| {
        json!({
            "section": setting.key.split(['.', '[']).next(),
            "key": setting.key,
            "value": value(&setting),
            "from": setting.layer(),
            "place": setting.place.to_string(),
            "doc": above(&setting.key, |key| comments.get(key)),
        })
    };
    shown::settings(&snapshot.written).into_iter().map(line).collect()
}

/// The value; where a secret is, only that there is one.
fn value(setting: &ShownSetting) -> String {
    let is_set = setting.value != "\"\"";
    let (above, last) = setting.key.rsplit_once('.').unwrap_or_default();
    let name = above.rsplit('.').next().unwrap_or_default();
    let is_secret =
        matches!(name, "token" | "key" | "view" | "operate" | "proxy_password") || name.starts_with("keys[");
    match last {
        "file" if is_secret && is_set => "set from file".to_owned(),
        "env" if is_secret && is_set => "set from the environment".to_owned(),
        _ => setting.value.trim_matches('"').to_owned(),
    }
}

/// What is known of a key, or of the nearest above it.
fn above<'k>(mut key: &str, known: impl Fn(&str) -> Option<&'k String>) -> Option<&'k String> {
    loop {
        if let Some(found) = known(key) {
            return Some(found);
        }
        key = key.rsplit_once(['.', '['])?.0;
    }
}
