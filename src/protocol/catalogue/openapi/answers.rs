//! What comes back on success: on the old door the members of the table and no other, on the JSON door upstream's answer
//! as it is, of which the table knows some members.

use serde_json::{Value, json};

use super::calls::names;
use super::failures::Door;
use super::json_calls::{rows, sent};
use super::reference;
use crate::protocol::ops::{AnswerField, Operation, Shape, Table};

/// The schemas of all answers.
pub fn schemas(table: &Table) -> Vec<(String, Value)> {
    let old =
        table.operations().iter().map(|operation| (format!("{}_done", operation.row.name), done(operation)));
    let json = sent(table).into_iter().map(|name| (format!("{name}_json_done"), json_done(name, table)));
    let (old, json): (Vec<_>, Vec<_>) = (old.collect(), json.collect());
    let any = |door: Door, done: &[(String, Value)]| {
        let names = done.iter().map(|(name, _)| name.as_str()).chain([door.failure()]);
        let any: Value = names.map(|name| reference("schemas", name)).collect();
        (
            door.answer().to_owned(),
            json!({ "description": "a success of the operation, or a failure", "anyOf": any }),
        )
    };
    let tops = [any(Door::Old, &old), any(Door::Json, &json)];
    tops.into_iter().chain(old).chain(json).collect()
}

fn done(operation: &Operation) -> Value {
    let row = &operation.row;
    let mut schema = json!({
        "type": "object",
        "description": format!("{} succeeded", row.name),
        "properties": {
            "op": { "type": "string", "description": "as it was sent", "enum": names(row) },
            "result": { "type": "boolean", "const": true },
            "id": { "type": "integer", "description": "the caller's own number, if it sent one" },
        },
        "required": ["op", "result"],
        "additionalProperties": false,
    });
    for field in &row.answer {
        put(&mut schema, field.at.steps(), &shown(field));
    }
    schema
}

/// Adds a member of the old answer; what the table does not list never comes.
fn put(schema: &mut Value, steps: &[String], member: &Value) {
    let Some((first, rest)) = steps.split_first() else { return };
    if rest.is_empty() {
        schema["properties"][first] = member.clone();
        return;
    }
    if schema["properties"][first].is_null() {
        schema["properties"][first] =
            json!({ "type": "object", "properties": {}, "additionalProperties": false });
    }
    put(&mut schema["properties"][first], rest, member);
}

/// A member in the form in which an old client gets it.
fn shown(field: &AnswerField) -> Value {
    let mut schema = match &field.shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Integer => json!({ "type": "integer" }),
        Shape::Scalar => json!({ "type": ["string", "integer"] }),
        Shape::Digit => json!({ "type": "string", "enum": ["1", "0"] }),
        Shape::Rows(fields) => {
            let mut row = json!({ "type": "object", "properties": {}, "additionalProperties": false });
            for field in fields {
                put(&mut row, field.at.steps(), &shown(field));
            }
            return json!({ "type": "array", "items": row });
        }
    };
    if let Some(name) = &field.fill {
        schema["description"] = format!("if upstream leaves it out, `{name}` as it was sent").into();
    }
    schema
}

fn json_done(name: &str, table: &Table) -> Value {
    let mut schema = json!({
        "type": "object",
        "description": format!("upstream's answer to {name} as it is; it may have more members"),
        "properties": {
            "op": { "type": "string", "const": name },
            "result": { "type": "boolean", "const": true },
            "id": { "description": "the caller's own number, if it sent one" },
        },
        "required": ["result"],
    });
    for field in rows(name, table).into_iter().flat_map(|operation| &operation.row.answer) {
        know(&mut schema, field);
    }
    schema
}

/// Adds the members in which upstream has what the table's row takes.
fn know(schema: &mut Value, field: &AnswerField) {
    for from in &field.from {
        let mut at = &mut *schema;
        for (number, step) in from.steps().iter().enumerate() {
            if !at["properties"][step].is_object() {
                let is_last = number + 1 == from.steps().len();
                at["properties"][step] = if is_last { upstreams(field) } else { json!({ "type": "object" }) };
            }
            at = &mut at["properties"][step];
        }
    }
}

/// A member with each type that upstream is known to give it.
fn upstreams(field: &AnswerField) -> Value {
    match &field.shape {
        Shape::Text | Shape::Integer | Shape::Scalar => json!({ "type": ["string", "integer"] }),
        Shape::Digit => json!({ "type": ["boolean", "string", "integer"] }),
        Shape::Rows(fields) => {
            let mut row = json!({ "type": "object" });
            for field in fields {
                know(&mut row, field);
            }
            json!({ "type": "array", "items": row })
        }
    }
}
