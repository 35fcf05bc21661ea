//! The last look at an answer for a caller with a key: the real token must not be in it.

use bytes::Bytes;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

/// What stands in the token's place.
const HIDDEN: &str = "***";

/// The answer without the token, however JSON writes it.
#[must_use]
pub fn scrub(body: Bytes, token: &SecretString) -> Bytes {
    let token = token.expose_secret();
    let body = without(body, token);
    // Without a backslash a string is what it says. With one, the token may be spelt in many ways.
    if memchr::memchr(b'\\', &body).is_none() {
        return body;
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(&body) else {
        return body;
    };
    if hide(&mut json, token) { json.to_string().into() } else { body }
}

fn without(body: Bytes, token: &str) -> Bytes {
    match str::from_utf8(&body) {
        Ok(text) if text.contains(token) => text.replace(token, HIDDEN).into(),
        _ => body,
    }
}

/// Hides the token in every text and name; tells whether it was in any.
fn hide(json: &mut Value, token: &str) -> bool {
    match json {
        Value::String(text) => {
            let is_in = text.contains(token);
            if is_in {
                *text = text.replace(token, HIDDEN);
            }
            is_in
        }
        Value::Array(items) => {
            items.iter_mut().map(|item| hide(item, token)).fold(false, |found, is_in| found | is_in)
        }
        Value::Object(members) => {
            let mut found = members.keys().any(|name| name.contains(token));
            if found {
                let renamed = std::mem::take(members).into_iter();
                *members = renamed.map(|(name, value)| (name.replace(token, HIDDEN), value)).collect();
            }
            for value in members.values_mut() {
                found |= hide(value, token);
            }
            found
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::scrub;

    fn scrubbed(body: &str, token: &str) -> String {
        String::from_utf8(scrub(body.to_owned().into(), &token.into()).to_vec()).expect("text")
    }

    #[test]
    fn the_token_is_hidden_wherever_it_stands() {
        assert_eq!(
            scrubbed(r#"{"app":{"token":"real"},"x":"realreal"}"#, "real"),
            r#"{"app":{"token":"***"},"x":"******"}"#
        );
        assert_eq!(scrubbed(r#"{"a":"re\"al"}"#, "re\"al"), r#"{"a":"***"}"#);
        assert_eq!(
            scrubbed(r#"{"a":[1.0,{"re\/al":"x re\u002fal"}]}"#, "re/al"),
            r#"{"a":[1.0,{"***":"x ***"}]}"#
        );
        assert_eq!(scrubbed(r#"{"a":"b\/c"}"#, "re/al"), r#"{"a":"b\/c"}"#);
        assert_eq!(scrubbed(r#"{"a":"other"}"#, "real"), r#"{"a":"other"}"#);
    }
}
