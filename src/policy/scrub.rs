//! Checks each answer for a caller with a key: the app's real token must not be in it.
//!
//! The search compares each text of the JSON, names included, in its unescaped form. An answer that cannot be read is
//! not passed on.

use bytes::Bytes;
use memchr::memmem;
use secrecy::{ExposeSecret as _, SecretString};

use crate::protocol::reject::Reject;
use crate::protocol::translate::texts::{Piece, is_json, pieces};

/// Written in the token's place.
const HIDDEN: &str = "***";

/// The answer without the token, however the JSON writes it.
///
/// # Errors
/// BADANSWER for an answer that is not JSON, because the token could stand in it in any form.
pub fn scrub(body: Bytes, token: &SecretString) -> Result<Bytes, Reject> {
    let token = token.expose_secret();
    // Without a backslash no text is escaped. With one, the token may be spelt in many ways.
    if memchr::memchr(b'\\', &body).is_none() && memmem::find(&body, token.as_bytes()).is_none() {
        return Ok(body);
    }
    let text = str::from_utf8(&body).ok().filter(|text| is_json(text)).ok_or(UNREADABLE)?;
    Ok(without(text, token).map_or(body, Bytes::from))
}

const UNREADABLE: Reject =
    Reject::BadAnswer("upstream's answer cannot be read, so that the app's token could stand in it");

/// The text with the token hidden; `None` if the token is not in it.
fn without(text: &str, token: &str) -> Option<String> {
    let mut out = String::new();
    let mut upto = 0;
    for (at, piece) in pieces(text) {
        let hidden = match piece {
            Piece::Text(said) if said.contains(token) => {
                serde_json::Value::from(hide(&said, token)).to_string()
            }
            Piece::Number(said) if said.contains(token) => format!("\"{HIDDEN}\""),
            Piece::Text(_) | Piece::Number(_) => continue,
        };
        out.push_str(&text[upto..at.start]);
        out.push_str(&hidden);
        upto = at.end;
    }
    (upto > 0).then(|| out + &text[upto..])
}

/// A text with the token hidden, also if the replacement forms the token anew.
fn hide(said: &str, token: &str) -> String {
    let hidden = said.replace(token, HIDDEN);
    match hidden.contains(token) {
        false => hidden,
        true if HIDDEN.contains(token) => String::new(),
        true => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::scrub;

    fn scrubbed(body: &str, token: &str) -> Option<String> {
        let body = scrub(body.to_owned().into(), &token.into()).ok()?;
        Some(String::from_utf8(body.to_vec()).expect("text"))
    }

    #[test]
    fn the_token_is_hidden_wherever_it_stands() {
        for (body, token, hidden) in [
            (r#"{"app":{"token":"real"},"x":"realreal"}"#, "real", r#"{"app":{"token":"***"},"x":"******"}"#),
            (r#"{"a":"re\"al"}"#, "re\"al", r#"{"a":"***"}"#),
            (r#"{"a":[1.0,{"re\/al":"x re\u002fal"}]}"#, "re/al", r#"{"a":[1.0,{"***":"x ***"}]}"#),
            (r#"{"a":"b\/c"}"#, "re/al", r#"{"a":"b\/c"}"#),
            (r#"{"a":"other"}"#, "real", r#"{"a":"other"}"#),
            (r#"{"a":12345678,"b":-1.5}"#, "3456", r#"{"a":"***","b":-1.5}"#),
            (r#"{"a":"\u00e4\ud83d\ude00"}"#, "ä😀", r#"{"a":"***"}"#),
            (r#"{"a":"\u00E4x"}"#, "ä", r#"{"a":"***x"}"#),
            (r#"{"a":"aa***bb"}"#, "a***b", r#"{"a":"***"}"#),
            (r#"{"a":"x**y"}"#, "**", r#"{"a":""}"#),
        ] {
            assert_eq!(scrubbed(body, token).as_deref(), Some(hidden), "{body}");
        }
    }

    #[test]
    fn what_is_json_and_no_text_hides_nothing() {
        for (body, hidden) in [
            (r#"{"app":{"token":"re\/al"},"name":"\ud800"}"#, r#"{"app":{"token":"***"},"name":"\ud800"}"#),
            (r#"{"a":"re\/al","a":"y"}"#, r#"{"a":"***","a":"y"}"#),
            (r#"{"\udc00re\/al":1}"#, "{\"\u{fffd}***\":1}"),
        ] {
            assert_eq!(scrubbed(body, "re/al").as_deref(), Some(hidden), "{body}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_handed_out() {
        for body in
            [r#"{"a":"re\/al""#, r"re\/al", r#"{"a":"re\/al\x"}"#, "{\"a\":\"real\n\"}", r#"{} "real""#]
        {
            assert_eq!(scrubbed(body, "real").filter(|left| left.contains("re")), None, "{body}");
        }
        assert!(scrub(b"{\"a\":\"\xffreal\"}".as_slice().into(), &"real".into()).is_err());
    }

    /// Collects every text of a JSON value.
    fn texts(json: &serde_json::Value, out: &mut Vec<String>) {
        match json {
            serde_json::Value::String(text) => out.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
            serde_json::Value::Object(members) => members.iter().for_each(|(name, value)| {
                out.push(name.clone());
                texts(value, out);
            }),
            serde_json::Value::Number(number) => out.push(number.to_string()),
            serde_json::Value::Bool(_) | serde_json::Value::Null => {}
        }
    }

    proptest! {
        #[test]
        fn no_reader_finds_the_token_and_nothing_else_is_lost(pieces in prop::collection::vec(
            prop::sample::select(vec![
                r"\/", "/", "t", "k", r"\u0074", r"\u006B", r"\ud83d\ude00", "😀", r"\ud83d", "***", r"\\", r#"\""#,
                "*", "x", r"\u002F",
            ]), 0..12), token in "[tk/*😀]{1,4}")
        {
            let body = format!(r#"{{"a":"{0}","b":["{0}",{{"{0}":1}}],"c":true}}"#, pieces.concat());
            let left = scrubbed(&body, &token).expect("it is JSON");
            if let Ok(json) = serde_json::from_str::<serde_json::Value>(&left) {
                let mut found = Vec::new();
                texts(&json, &mut found);
                prop_assert!(found.iter().all(|text| !text.contains(&token)), "{left}");
                prop_assert_eq!(json["c"].clone(), serde_json::Value::from(true));
            }
            if let Ok(before) = serde_json::from_str::<serde_json::Value>(&body) {
                let mut found = Vec::new();
                texts(&before, &mut found);
                prop_assert_eq!(found.iter().any(|text| text.contains(&token)), left != body);
            }
        }
    }
}
