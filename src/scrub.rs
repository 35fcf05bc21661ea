//! The last look at an answer for a caller with a key: the real token must not be in it.

use bytes::Bytes;
use memchr::memmem;
use secrecy::{ExposeSecret as _, SecretString};

/// What stands in the token's place.
const HIDDEN: &[u8] = b"***";

/// The answer without the token, as it is and as JSON writes it.
#[must_use]
pub fn scrub(body: Bytes, token: &SecretString) -> Bytes {
    let plain = token.expose_secret();
    let quoted = serde_json::Value::from(plain).to_string();
    let escaped = quoted.trim_matches('"');
    let body = without(body, plain.as_bytes());
    if escaped == plain { body } else { without(body, escaped.as_bytes()) }
}

fn without(body: Bytes, token: &[u8]) -> Bytes {
    if memmem::find(&body, token).is_none() {
        return body;
    }
    let mut clean = Vec::with_capacity(body.len());
    let mut rest = &body[..];
    while let Some(at) = memmem::find(rest, token) {
        clean.extend_from_slice(&rest[..at]);
        clean.extend_from_slice(HIDDEN);
        rest = &rest[at + token.len()..];
    }
    clean.extend_from_slice(rest);
    clean.into()
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
        assert_eq!(scrubbed(r#"{"a":"other"}"#, "real"), r#"{"a":"other"}"#);
    }
}
