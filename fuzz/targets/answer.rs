//! Upstream's answer, which is never trusted: what an old client gets of it, and what the cache does with it.
#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use mesigate::protocol::ops::{AnswerField, AnswerPlan, Operation, Shape};
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::reply_context::ReplyContext;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{kept, response};
use serde_json::Value;
use serde_json::value::RawValue;
use support::requests;

static REQUESTS: LazyLock<Vec<(&'static Operation, Understood<'static>)>> = LazyLock::new(requests);
static ENVELOPE: LazyLock<AnswerPlan> = LazyLock::new(AnswerPlan::envelope);

fuzz_target!(|answer: &[u8]| {
    // Tried as an answer to every operation. The input does not choose one, so that a table in another order needs no
    // new corpus.
    for (operation, understood) in REQUESTS.iter() {
        legacy(operation, understood, answer);
        passed(operation, answer);
    }
});

/// The old door: what the table documents, and nothing else.
fn legacy(operation: &Operation, understood: &Understood<'_>, answer: &[u8]) {
    let told = match response::legacy(operation, &ReplyContext::of(operation, understood), answer) {
        Ok(told) => told,
        // The refusal's sentence is the gateway's own, without any text of the answer.
        Err(reject) => return assert!(matches!(reject, Reject::BadAnswer(_))),
    };
    let verdict = response::verdict(answer, &ENVELOPE).expect("an answer for one door is one for both");
    assert_eq!(told.result, verdict.result);
    let shown = support::json(&told.body);
    assert_eq!(shown["op"], understood.op);
    assert_eq!(shown["result"], told.result);
    assert_eq!(shown.get("id").and_then(Value::as_i64), understood.id);
    for (name, value) in shown.as_object().expect("an object") {
        let is_due = match &**name {
            "op" | "result" | "id" => true,
            _ if told.result => is_documented(&operation.row.answer, &format!("/{name}"), value),
            "error" | "cause" => value.is_string(),
            "code" => value.is_number(),
            "properties" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
            _ => false,
        };
        assert!(is_due, "{name} in {shown}");
    }
}

/// Whether everything at and below `path` is in the table.
fn is_documented(fields: &[AnswerField], path: &str, shown: &Value) -> bool {
    match (fields.iter().find(|field| field.at.to_string() == path), shown) {
        (Some(AnswerField { shape: Shape::Rows(each), .. }), Value::Array(rows)) => {
            let is_row = |row: &Value| row.is_object() && are_documented(each, "", row);
            rows.iter().all(is_row)
        }
        (Some(AnswerField { shape: Shape::Integer, .. }), shown) => shown.is_number(),
        (Some(AnswerField { shape: Shape::Text, .. }), shown) => shown.is_string(),
        (Some(AnswerField { shape: Shape::Scalar, .. }), shown) => shown.is_string() || shown.is_number(),
        (Some(AnswerField { shape: Shape::Digit, .. }), shown) => shown == "1" || shown == "0",
        (Some(_), _) => false,
        (None, shown) => are_documented(fields, path, shown),
    }
}

fn are_documented(fields: &[AnswerField], path: &str, shown: &Value) -> bool {
    let is_documented =
        |(name, value): (&String, &Value)| is_documented(fields, &format!("{path}/{name}"), value);
    shown.as_object().is_some_and(|members| members.iter().all(is_documented))
}

/// The JSON door: an answer that may be shared is made one caller's own.
fn passed(operation: &Operation, answer: &[u8]) {
    let is_keepable = kept::is_keepable(operation, answer);
    let answer = Bytes::copy_from_slice(answer);
    let own = kept::personal(operation, &answer, Some("7"), Some(1));
    let Ok(verdict) = response::verdict(&answer, &ENVELOPE) else {
        assert!(!is_keepable);
        return;
    };
    assert!(verdict.result || !is_keepable);
    assert_eq!(kept::personal(operation, &answer, None, None), answer);
    let Some(own) = value(&own) else {
        return;
    };
    assert_eq!(own["id"], 7);
    assert_eq!(own["result"], verdict.result);
    for field in operation.row.answer.iter().filter(|field| matches!(field.shape, Shape::Rows(_))) {
        let rows = own.pointer(&field.at.to_string()).and_then(Value::as_array);
        assert!(rows.is_none_or(|rows| rows.len() <= 1), "{own}");
    }
}

/// The value of JSON; `None` where it has none, because it escapes half of a surrogate pair or a number is too large:
/// this door passes such text on as upstream wrote it (RFC 8259, section 8.2).
fn value(text: &[u8]) -> Option<Value> {
    let value = serde_json::from_slice(text).ok();
    let is_json = value.is_some() || serde_json::from_slice::<&RawValue>(text).is_ok();
    assert!(is_json, "{}", String::from_utf8_lossy(text));
    value
}
