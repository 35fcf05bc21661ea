//! Compares a JSON request with the table: warns of members that no old parameter becomes, and of members with another
//! type.

use serde_json::Value;

use crate::protocol::ops::{Destination, Operation, ParamKind, Table};

/// Members of the envelope, at the top of every request.
const ENVELOPE: [&str; 3] = ["op", "token", "id"];

/// Members that contradict the table, each with dots, and the contradiction.
#[must_use]
pub fn warnings(table: &Table, op: &str, payload: &[u8]) -> Vec<(String, String)> {
    let mut warnings = Vec::new();
    let senders: Vec<&Operation> =
        table.operations().iter().filter(|operation| operation.row.sends == op).collect();
    if senders.is_empty() {
        if let Some(operation) = table.find(op) {
            let what = format!("is the old door's name: the JSON API has `{}`", operation.row.sends);
            warnings.push(("op".to_owned(), what));
        }
        return warnings;
    }
    if let Ok(Value::Object(members)) = serde_json::from_slice(payload) {
        for (name, value) in members.iter().filter(|(name, _)| !ENVELOPE.contains(&name.as_str())) {
            compare(&senders, &format!("/{name}"), value, &mut warnings);
        }
    }
    warnings
}

fn compare(senders: &[&Operation], at: &str, value: &Value, warnings: &mut Vec<(String, String)>) {
    let inside = format!("{at}/");
    let mut is_above = false;
    let mut known = None;
    for (place, kind) in senders.iter().flat_map(|operation| places(operation)) {
        is_above |= place.starts_with(&inside);
        if place == at {
            known = Some(kind);
        }
    }
    let what = match (value, known) {
        (Value::Object(members), _) if is_above => {
            for (name, value) in members {
                compare(senders, &format!("{inside}{name}"), value, warnings);
            }
            return;
        }
        (value, None) if is_above => format!("{}, where an object belongs", found(value)),
        (_, None) => "no parameter of the old door becomes it; upstream may know it all the same".to_owned(),
        (value, Some(kind)) => match mistyped(value, kind) {
            Some(right) => format!("{}, where {right} belongs", found(value)),
            None => return,
        },
    };
    warnings.push((at.trim_start_matches('/').replace('/', "."), what));
}

/// Every place that an operation writes to, and the parameter's kind; `None` for a constant.
fn places(operation: &Operation) -> impl Iterator<Item = (String, Option<ParamKind>)> {
    let params = operation.row.params.iter().flat_map(|param| {
        let kind =
            if matches!(param.target, Destination::Split(_)) { ParamKind::Integer } else { param.kind };
        param.target.places().into_iter().map(move |at| (at.to_string(), Some(kind)))
    });
    params.chain(operation.row.fixed.iter().map(|fixed| (fixed.at.to_string(), None)))
}

/// The type that is expected, if the value has another.
fn mistyped(value: &Value, kind: Option<ParamKind>) -> Option<&'static str> {
    let (fits, right) = match kind? {
        ParamKind::Text => (value.is_string(), "a text"),
        ParamKind::List => (value.is_string(), "one text with commas"),
        ParamKind::Integer => (value.is_i64() || value.is_u64(), "a whole number"),
        ParamKind::Boolean => (value.is_boolean(), "true or false"),
        ParamKind::Bit => (matches!(value.as_u64(), Some(0 | 1)), "0 or 1"),
    };
    (!fits).then_some(right)
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::warnings;
    use crate::protocol::ops::Table;

    #[test]
    fn what_the_table_does_not_know_or_has_as_another_type_is_told() {
        let table = Table::shipped().expect("a sound table");
        let told = |op: &str, json: &str| {
            let lines = warnings(&table, op, json.as_bytes()).into_iter();
            lines.map(|(member, what)| format!("{member}: {what}")).collect::<Vec<_>>()
        };
        let unknown = "no parameter of the old door becomes it; upstream may know it all the same";
        for (op, json, expected) in [
            ("groupdel", r#"{"op":"groupdel","token":"T","id":1,"group":{"gid":7}}"#, vec![]),
            (
                "groupdel",
                r#"{"group":{"gid":"7"}}"#,
                vec!["group.gid: a text, where a whole number belongs".to_owned()],
            ),
            ("groupdel", r#"{"group":7}"#, vec!["group: a number, where an object belongs".to_owned()]),
            (
                "groupdel",
                r#"{"group":{"gid":7,"id":7},"apiId":1}"#,
                vec![format!("group.id: {unknown}"), format!("apiId: {unknown}")],
            ),
            ("userset", r#"{"user":{"uid":5,"token":{"remove":true}}}"#, vec![]),
            (
                "groupeditmembers",
                r#"{"group":{"gid":7,"members":[{"m":"a"}]}}"#,
                vec!["group.members: a list, where an object belongs".to_owned()],
            ),
            (
                "message",
                r#"{"message":{"from":"a","to":["b"],"expiry":1.5}}"#,
                vec![
                    "message.expiry: a number, where a whole number belongs".to_owned(),
                    "message.to: a list, where a text belongs".to_owned(),
                ],
            ),
            (
                "deltoken",
                r#"{"user":{"uid":5}}"#,
                vec!["op: is the old door's name: the JSON API has `userset`".to_owned()],
            ),
            ("uacset", r#"{"uac":{}}"#, vec![]),
        ] {
            let (mut told, mut expected) = (told(op, json), expected);
            told.sort();
            expected.sort();
            assert_eq!(told, expected, "{json}");
        }
    }
}
