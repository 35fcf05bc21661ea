//! The way back, from upstream's answer to what an old client sees.

use mesigate::protocol::ops::{AnswerField, Shape};
use mesigate::protocol::translate::reply_context::ReplyContext;
use mesigate::protocol::translate::response;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use super::inputs::sound;
use super::{at, cases, form, parsed, understood};

/// Members as they stand in `user`, `group` and beside them, and some that no client may see.
const FITTING: [&str; 17] = [
    r#""uid":7"#,
    r#""uid":"97001""#,
    r#""address":"a\"b""#,
    r#""address":1800555"#,
    r#""token":"t0""#,
    r#""gid":97001"#,
    r#""gid":"""#,
    r#""error":"AUTHFAIL""#,
    r#""code":401"#,
    r#""code":"400""#,
    r#""cause":"why""#,
    r#""properties":["token","user.address"]"#,
    r#""otp":"123456""#,
    r#""otp":9007199254740993"#,
    r#""secret":"s""#,
    r#""mid":1"#,
    r#""uts":"1""#,
];
const NAMES: [&str; 16] = [
    "uid",
    "address",
    "token",
    "gid",
    "otp",
    "members",
    "cansend",
    "send",
    "error",
    "code",
    "cause",
    "properties",
    "op",
    "id",
    "app",
    "user",
];
const LEAVES: [&str; 15] = [
    "null",
    "true",
    "false",
    "0",
    "-7",
    "97001",
    "1.5",
    "\"\"",
    "\"1\"",
    "\"97001\"",
    "\"}\\\\\"",
    "[]",
    "{}",
    "[1]",
    "[\"token\"]",
];

/// A member of any name and type, whatever the table expects; an object may hold a name twice.
fn wild() -> impl Strategy<Value = String> {
    let value =
        select(&LEAVES[..]).prop_map_into().prop_recursive(3, 12, 4, |inner: BoxedStrategy<String>| {
            prop_oneof![
                3 => vec(named(inner.clone()), 0..4).prop_map(object),
                1 => vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(","))),
            ]
        });
    named(value)
}

fn named(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (select(&NAMES[..]), value).prop_map(|(name, value)| member(name, &value))
}

fn member(name: &str, value: &str) -> String {
    format!("\"{name}\":{value}")
}

fn object(members: Vec<String>) -> String {
    format!("{{{}}}", members.join(","))
}

/// A row of groupgetmembers, in today's form or the old one.
fn row() -> impl Strategy<Value = String> {
    let right = || select(vec!["true", "false", "0", "\"1\"", "\"0\"", "null"]);
    (option::of(wild()), right(), right(), any::<bool>()).prop_map(|(wild, send, recv, is_old)| {
        let rights = if is_old {
            format!(r#""address":"a","cansend":{send},"canrecv":{recv},"flag":"1""#)
        } else {
            format!(r#""uid":7,"permissions":{{"send":{send},"recv":{recv},"pub":true}}"#)
        };
        object([Some(rights), wild].into_iter().flatten().collect())
    })
}

/// An answer of upstream's: mostly of the right form, never to be trusted.
fn answer() -> impl Strategy<Value = String> {
    let fitting = || select(&FITTING[..]).prop_map_into();
    let inner = vec(prop_oneof![15 => fitting(), 1 => wild()], 0..6).prop_map(object);
    let one = prop_oneof![
        4 => (select(vec!["user", "group", "app"]), inner).prop_map(|(name, inner)| member(name, &inner)),
        2 => vec(row(), 0..3).prop_map(|rows| member("members", &format!("[{}]", rows.join(",")))),
        4 => fitting(),
        1 => wild(),
    ];
    let result = prop_oneof![6 => Just("true"), 3 => Just("false"), 1 => select(vec!["\"false\"", "null"])];
    (vec(one, 0..6), result, any::<bool>()).prop_map(|(mut members, result, first)| {
        members.insert(if first { 0 } else { members.len() }, member("result", result));
        object(members)
    })
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn an_old_client_gets_what_the_table_lists_and_nothing_else(pairs in sound(), answer in answer()) {
        let form = form(&pairs);
        let (operation, meant) = understood(&form).expect("a sound request");
        let sent = parsed(&meant.write(operation, meant.token));
        match response::legacy(operation, &ReplyContext::of(operation, &meant), answer.as_bytes()) {
            Err(reject) => prop_assert_eq!(reject.code(), "BADANSWER"),
            Ok(told) => {
                let (shown, upstream) = (parsed(&told.body), parsed(answer.as_bytes()));
                prop_assert_eq!(&shown["op"], meant.op);
                prop_assert_eq!(&shown["result"], &upstream["result"]);
                prop_assert_eq!(shown.get("id").and_then(Value::as_i64), meant.id);
                let listed = Listed { row: &operation.row, sent: &sent };
                let is_due = |name: &str, value: &Value| match name {
                    "op" | "result" | "id" => true,
                    _ if told.result => {
                        listed.has(&operation.row.answer, &format!("/{name}"), value, &upstream)
                    }
                    _ => is_of_a_failure(name, value),
                };
                for (name, value) in shown.as_object().expect("an object") {
                    prop_assert!(is_due(name, value), "{} in {}", name, shown);
                }
            }
        }
    }
}

/// The members that an answer of a failure may have besides.
fn is_of_a_failure(name: &str, value: &Value) -> bool {
    match name {
        "error" | "cause" => value.is_string(),
        "code" => value.is_i64(),
        "properties" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        _ => false,
    }
}

/// What the table lets an old client see, read without the compiled plan.
struct Listed<'a> {
    row: &'a mesigate::protocol::ops::Row,
    sent: &'a Value,
}

impl Listed<'_> {
    /// Whether everything at and below `path` is listed, has its documented type, and comes from its documented place
    /// in upstream's answer or from the request.
    fn has(&self, fields: &[AnswerField], path: &str, shown: &Value, upstream: &Value) -> bool {
        if let Some(field) = fields.iter().find(|field| field.at.to_string() == path) {
            return self.is_due(field, shown, upstream);
        }
        let members = shown.as_object().filter(|members| !members.is_empty());
        let has =
            |(name, value): (&String, &Value)| self.has(fields, &format!("{path}/{name}"), value, upstream);
        members.is_some_and(|members| members.iter().all(has))
    }

    fn is_due(&self, field: &AnswerField, shown: &Value, upstream: &Value) -> bool {
        let places = field.from.iter().filter_map(|from| upstream.pointer(&from.to_string()));
        // An empty text in a number's place counts as absent.
        let is_there =
            |value: &&Value| !(value.is_null() || matches!(field.shape, Shape::Integer) && *value == "");
        let Some(said) = places.into_iter().find(is_there) else {
            return field.fill.as_ref().and_then(|name| self.request(name)) == Some(shown);
        };
        match &field.shape {
            Shape::Rows(each) => self.are_rows(each, shown, said),
            Shape::Text => shown.as_str() == Some(&bare(said)),
            Shape::Integer => shown.is_i64() && bare(shown) == bare(said),
            Shape::Scalar => shown == said && (shown.is_string() || shown.is_i64()),
            Shape::Digit => (shown == "1" || shown == "0") && bare(shown) == bare(said),
        }
    }

    fn are_rows(&self, each: &[AnswerField], shown: &Value, said: &Value) -> bool {
        let (Some(shown), Some(said)) = (shown.as_array(), said.as_array()) else { return false };
        let row = |(shown, said): (&Value, &Value)| {
            let members = shown.as_object();
            let has = |(name, value): (&String, &Value)| self.has(each, &format!("/{name}"), value, said);
            members.is_some_and(|members| members.iter().all(has))
        };
        let asked = self.sent["count"].as_u64().and_then(|count| usize::try_from(count).ok());
        shown.len() == said.len().min(asked.unwrap_or(usize::MAX)) && shown.iter().zip(said).all(row)
    }

    /// What the request said under a legacy name.
    fn request(&self, name: &str) -> Option<&Value> {
        let param = self.row.params.iter().find(|param| param.name == name)?;
        at(&param.target).first().and_then(|at| self.sent.pointer(at))
    }
}

/// A plain value's text, whatever its type: 1, "1" and true are equal.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        _ => value.to_string(),
    }
}
