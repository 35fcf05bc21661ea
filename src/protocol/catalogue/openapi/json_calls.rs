//! The calls of the JSON door: several rows of the table may send one operation, whose members are then all theirs.

use serde_json::{Value, json};

use super::super::example;
use super::calls::token;
use super::{about, one_of};
use crate::protocol::ops::{Destination, Need, Operation, Param, ParamKind, Part, Pointer, Table};
use crate::protocol::translate::value;

/// The schemas of all calls.
pub fn schemas(table: &Table) -> Vec<(String, Value)> {
    let names = sent(table);
    let choices: Vec<(Vec<String>, String)> =
        names.iter().map(|name| (vec![(*name).to_owned()], format!("{name}_json"))).collect();
    let mut all = vec![("json".to_owned(), one_of("A call as JSON.", &choices))];
    all.extend(names.iter().map(|name| (format!("{name}_json"), call(name, table))));
    all
}

/// The operations of the JSON API, each once.
pub fn sent(table: &Table) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for operation in table.operations() {
        if !names.contains(&operation.row.sends.as_str()) {
            names.push(&operation.row.sends);
        }
    }
    names
}

/// The rows that send an operation.
pub fn rows<'t>(name: &str, table: &'t Table) -> Vec<&'t Operation> {
    table.operations().iter().filter(|operation| operation.row.sends == name).collect()
}

fn call(name: &str, table: &Table) -> Value {
    let rows = rows(name, table);
    let mut schema = json!({
        "type": "object",
        "description": rows.iter().map(|operation| about(operation)).collect::<Vec<_>>().join("\n\n"),
        "properties": {
            "op": { "type": "string", "const": name },
            "token": token(),
        },
        "required": ["op", "token"],
    });
    for operation in &rows {
        for param in &operation.row.params {
            for (at, member) in members(param) {
                put(&mut schema, at.steps(), &member);
            }
        }
        for fixed in &operation.row.fixed {
            let value: Value = serde_json::from_str(&fixed.json).unwrap_or_default();
            let description = format!("{value} is what {} sends", operation.row.name);
            put(&mut schema, fixed.at.steps(), &json!({ "description": description, "examples": [value] }));
        }
    }
    demand(&mut schema, &rows);
    schema["properties"]["id"] = json!({ "type": "integer", "description": "the caller's own number, which comes back in the answer" });
    schema
}

/// The members that a parameter goes to.
fn members(param: &Param) -> Vec<(&Pointer, Value)> {
    match &param.target {
        Destination::Nowhere => Vec::new(),
        Destination::At(at) => vec![(at, member(param))],
        Destination::Split(parts) => parts.iter().map(|part| (&part.at, of_bits(part, param))).collect(),
    }
}

fn of_bits(part: &Part, param: &Param) -> Value {
    let description =
        format!("the bits {:#x} of the old `{}`, moved down by {}", part.mask, param.name, part.shift);
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn member(param: &Param) -> Value {
    let mut schema = match param.kind {
        ParamKind::Text | ParamKind::List => json!({ "type": "string" }),
        ParamKind::Integer => json!({ "type": "integer", "format": "int64" }),
        ParamKind::Boolean => json!({ "type": "boolean" }),
        ParamKind::Bit => json!({ "type": "integer", "enum": [0, 1] }),
    };
    match (param.kind, param.max) {
        (ParamKind::Integer, Some(max)) => schema["maximum"] = max.into(),
        (ParamKind::Text, Some(max)) => schema["maxLength"] = max.into(),
        _ => {}
    }
    schema["description"] = param.doc.clone().into();
    schema["examples"] = json!([typed(param)]);
    schema
}

/// The parameter's example with its JSON type.
fn typed(param: &Param) -> Value {
    let text = example::text(param);
    match param.kind {
        ParamKind::Text | ParamKind::List => text.into(),
        ParamKind::Integer => value::integer(text).into(),
        ParamKind::Boolean => (text == "1").into(),
        ParamKind::Bit => i64::from(text == "1").into(),
    }
}

/// Adds a member at a place below `schema`; the first that has the place keeps it.
fn put(schema: &mut Value, steps: &[String], member: &Value) {
    let Some((first, rest)) = steps.split_first() else { return };
    let below = &mut schema["properties"][first];
    if below.is_null() {
        *below = if rest.is_empty() { member.clone() } else { json!({ "type": "object" }) };
    }
    put(below, rest, member);
}

/// Marks what each call must have: what every row requires, and one member of each group.
fn demand(schema: &mut Value, rows: &[&Operation]) {
    let Some((first, others)) = rows.split_first() else { return };
    for param in &first.row.params {
        let Destination::At(at) = &param.target else { continue };
        let is_alike = |operation: &&Operation| {
            let mut params = operation.row.params.iter();
            params.any(|other| other.need == param.need && other.target.places() == [at])
        };
        if !others.iter().all(is_alike) {
            continue;
        }
        match &param.need {
            Need::Required => require(schema, at.steps()),
            Need::OneOf(_) => offer(schema, at.steps()),
            Need::Optional => {}
        }
    }
}

/// Requires the member at a place, and all that it stands in.
fn require(schema: &mut Value, steps: &[String]) {
    let Some((first, rest)) = steps.split_first() else { return };
    add(schema, "required", first.as_str().into());
    require(&mut schema["properties"][first], rest);
}

/// Offers the member at a place as one of those of which its object needs one.
fn offer(schema: &mut Value, steps: &[String]) {
    match steps {
        [] => {}
        [leaf] => add(schema, "anyOf", json!({ "required": [leaf] })),
        [first, rest @ ..] => {
            add(schema, "required", first.as_str().into());
            offer(&mut schema["properties"][first], rest);
        }
    }
}

/// Adds a value to a list of the schema, once.
fn add(schema: &mut Value, list: &str, value: Value) {
    if !schema[list].is_array() {
        schema[list] = json!([]);
    }
    if let Value::Array(values) = &mut schema[list]
        && !values.contains(&value)
    {
        values.push(value);
    }
}
