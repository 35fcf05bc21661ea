//! The JSON door: a query on the first line, and a payload that passes as it is.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use mesigate::protocol::ops::Operation;
use mesigate::protocol::translate::envelope::{self, Envelope, Json};
use mesigate::protocol::translate::facts::{self, Facts};
use mesigate::protocol::translate::form::Form;
use mesigate::protocol::translate::request::Understood;
use serde_json::value::RawValue;
use support::{MARK, MOST_PAIRS, TABLE, assert_decent, first_line, has_mark, json};

/// An app's own token, as it stands in JSON.
const REAL: &str = "\"Rk8vQ2mZx7Ld\"";

fuzz_target!(|input: &[u8]| {
    let (query, body) = first_line(input);
    if has_mark(query) || input.windows(REAL.len()).any(|window| window == REAL.as_bytes()) {
        return;
    }
    // The token may stand in the query alone.
    let lent = if query.starts_with(b"&") { format!("token={MARK}") } else { String::new() };
    let Ok(query) = Form::read(&[lent.as_bytes(), query].concat(), b"", MOST_PAIRS) else {
        return;
    };
    match envelope::read(body, &query) {
        Ok(Json::Envelope(envelope)) => {
            assert_passed(body, &envelope);
            assert_only_the_token_differs(&envelope);
            TABLE.operations().iter().for_each(|operation| assert_same_for_both_doors(operation, &envelope));
        }
        Ok(Json::Silent | Json::Other) => {}
        Err(reject) => assert_decent(&reject),
    }
});

/// The payload is the body; only members that stood in the query alone are put in front.
fn assert_passed(body: &[u8], envelope: &Envelope<'_>) {
    let payload = &envelope.payload[..];
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    assert!(payload == body || payload.len() > body.len() && payload.ends_with(&body[1..]));
    assert_eq!(text(payload, "op").as_deref(), Some(&*envelope.op));
    assert_eq!(
        text(payload, "token").filter(|token| !token.is_empty()).as_deref(),
        envelope.token.as_deref()
    );
}

/// With another token the payload differs in the token and in no other byte.
fn assert_only_the_token_differs(envelope: &Envelope<'_>) {
    let (before, mut after) = (&envelope.payload[..], Vec::new());
    envelope.write_with_token(REAL.trim_matches('"'), &mut after);
    let Some(at) = after.windows(REAL.len()).position(|window| window == REAL.as_bytes()) else {
        assert_eq!(after, before);
        assert!(!members(before).contains_key("token"));
        return;
    };
    let (head, tail) = (&after[..at], &after[at + REAL.len()..]);
    assert!(before.starts_with(head) && before.ends_with(tail));
    let token: Option<String> =
        serde_json::from_slice(&before[at..before.len() - tail.len()]).expect("a text, or null");
    assert_eq!(token.filter(|token| !token.is_empty()).as_deref(), envelope.token.as_deref());
    assert_eq!(members(&after)["token"].get(), REAL);
}

/// A cacheable read means the same as a form as it does as JSON.
fn assert_same_for_both_doors(operation: &Operation, envelope: &Envelope<'_>) {
    let facts = Facts::of_json(operation, envelope);
    let Some(form) = facts::form_of_json(operation, envelope) else {
        return;
    };
    let Ok(understood) = Understood::understand(operation, &TABLE, &form) else {
        return;
    };
    let without_id = |text: &[u8]| {
        let mut value = json(text);
        value.as_object_mut().expect("an object").remove("id");
        value
    };
    // The form trims its own token; this door sends the token as it came.
    let token = envelope.token.as_deref().unwrap_or_default();
    assert_eq!(without_id(&understood.write(operation, token)), without_id(&envelope.payload));
    // Where the group cannot be told, as with a member that appears twice, the facts name none: then the whole app
    // counts as changed.
    let Ok(facts) = facts else {
        return;
    };
    assert!(facts.group.is_none() || facts.group == Facts::of_form(operation, &understood).group);
}

/// Members as JSON text, because they may be nested deeper than a value can be.
fn members(object: &[u8]) -> BTreeMap<String, &RawValue> {
    serde_json::from_slice(object).expect("an object")
}

fn text(object: &[u8], name: &str) -> Option<String> {
    serde_json::from_str(members(object).get(name)?.get()).expect("a text, or null")
}
