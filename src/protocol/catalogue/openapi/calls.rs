//! The calls of the old door, as objects whose members are pairs of a query or a form.

use serde_json::{Map, Value, json};

use super::super::example;
use super::{TOKEN, about, need, one_of, reference};
use crate::protocol::ops::{Need, Operation, Param, ParamKind, Row, Scalar, Table};

/// The schemas of all calls: in a query, where the token is a security scheme, and in a form, where it is a member.
pub fn schemas(table: &Table) -> Vec<(String, Value)> {
    let mut all = vec![
        ("query".to_owned(), all_of_them(table, "query", "A call in a query; unknown members are dropped.")),
        ("form".to_owned(), all_of_them(table, "form", "A call in a form; unknown members are dropped.")),
        ("number".to_owned(), number()),
        ("yes_or_no".to_owned(), yes_or_no()),
    ];
    for operation in table.operations() {
        all.push((format!("{}_query", operation.row.name), call(operation, false)));
        all.push((format!("{}_form", operation.row.name), call(operation, true)));
    }
    all
}

fn all_of_them(table: &Table, carrier: &str, description: &str) -> Value {
    let choice = |operation: &Operation| (names(&operation.row), format!("{}_{carrier}", operation.row.name));
    one_of(description, &table.operations().iter().map(choice).collect::<Vec<_>>())
}

/// The member that says whose call it is, for forms and JSON.
pub fn token() -> Value {
    json!({
        "type": "string",
        "format": "password",
        "pattern": "^[!-~]+$",
        "description": TOKEN,
        "examples": ["sandbox"],
    })
}

/// All names of an operation.
pub fn names(row: &Row) -> Vec<String> {
    std::iter::once(&row.name).chain(&row.aliases).cloned().collect()
}

/// A whole number as text has it, within 64 bits.
fn number() -> Value {
    json!({
        "type": ["integer", "string"],
        "description": "a whole number within 64 bits, decimal or hex after 0x; empty, it is as good as none",
        "minimum": i64::MIN,
        "maximum": i64::MAX,
        "pattern": "^(-?[0-9]{1,18}|0[xX][0-9a-fA-F]{1,15})?$",
    })
}

/// The answer has to carry it as it was sent, so hex is refused.
fn id() -> Value {
    json!({
        "type": ["integer", "string"],
        "description": "the caller's own number, which comes back in the answer",
        "minimum": i64::MIN,
        "maximum": i64::MAX,
        "pattern": "^(-?[0-9]{1,18})?$",
        "examples": [7],
    })
}

fn yes_or_no() -> Value {
    json!({ "type": "string", "description": "1 and true are yes, 0 and false no; empty, it is as good as none", "enum": ["1", "0", "true", "false", ""] })
}

fn call(operation: &Operation, with_token: bool) -> Value {
    let row = &operation.row;
    let mut members = Map::new();
    let mut required = vec!["op"];
    members.insert("op".to_owned(), json!({ "type": "string", "enum": names(row) }));
    if with_token {
        required.push("token");
        members.insert("token".to_owned(), token());
    }
    members.extend(row.params.iter().map(|param| (param.name.clone(), member(param, row))));
    members.insert("id".to_owned(), id());
    required.extend(
        row.params.iter().filter(|param| param.need == Need::Required).map(|param| param.name.as_str()),
    );
    let mut schema = json!({
        "type": "object",
        "description": about(operation),
        "properties": members,
        "required": required,
    });
    let groups = one_of_each(row);
    match &groups[..] {
        [] => {}
        [group] => schema["anyOf"] = group.clone(),
        groups => schema["allOf"] = groups.iter().map(|group| json!({ "anyOf": group })).collect(),
    }
    schema
}

/// For each group of parameters of which one must be there, the choices.
fn one_of_each(row: &Row) -> Vec<Value> {
    let mut groups: Vec<(&String, Vec<Value>)> = Vec::new();
    for param in &row.params {
        let Need::OneOf(group) = &param.need else { continue };
        let mut filled = json!({});
        fill(&mut filled, param);
        let choice = json!({ "required": [param.name], "properties": { &param.name: filled } });
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, choices)) => choices.push(choice),
            None => groups.push((group, vec![choice])),
        }
    }
    groups.into_iter().map(|(_, choices)| choices.into()).collect()
}

fn member(param: &Param, row: &Row) -> Value {
    let mut schema = match param.kind {
        ParamKind::Text => text(param),
        ParamKind::List => json!({ "type": "string" }),
        // What cannot be read is dropped, so that any text will do.
        ParamKind::Integer if param.forgiving => json!({ "type": ["integer", "string"] }),
        ParamKind::Integer => reference("schemas", "number"),
        ParamKind::Boolean | ParamKind::Bit => reference("schemas", "yes_or_no"),
    };
    if param.need == Need::Required {
        fill(&mut schema, param);
    }
    if let (ParamKind::Integer, Some(max)) = (param.kind, param.max) {
        schema["maximum"] = max.into();
    }
    schema["examples"] = json!([example::value(param)]);
    described(&schema, description(param, row))
}

/// Has a value be one: nothing that is as good as none.
fn fill(schema: &mut Value, param: &Param) {
    let is_zero_none = param.absent_if == Some(Scalar::Integer(0));
    if is_zero_none {
        schema["not"] = json!({ "const": 0 });
    }
    schema["pattern"] = match param.kind {
        ParamKind::Text => r"\S",
        ParamKind::List => r"[^\s,]",
        ParamKind::Integer if is_zero_none => "[1-9a-fA-F]",
        ParamKind::Integer | ParamKind::Boolean | ParamKind::Bit => ".",
    }
    .into();
}

fn text(param: &Param) -> Value {
    match param.max {
        Some(max) => json!({ "type": "string", "maxLength": max }),
        None => json!({ "type": "string" }),
    }
}

/// All that the table says of a parameter and a schema cannot.
fn description(param: &Param, row: &Row) -> String {
    let need = match need(param, row) {
        known if known == "required" || known == "optional" => String::new(),
        other => format!("; {other}"),
    };
    let also = if param.aliases.is_empty() {
        String::new()
    } else {
        format!("; also called {}", param.aliases.join(", "))
    };
    let goes: Vec<String> = param.target.places().iter().map(|at| format!("`{}`", at.dotted())).collect();
    let goes = if goes.is_empty() { "dropped".to_owned() } else { format!("in JSON {}", goes.join(", ")) };
    format!("{}{need}{also}; {goes}", param.doc)
}

/// The schema with this description; also beside a reference, as 3.1 allows.
pub fn described(schema: &Value, description: String) -> Value {
    let mut schema = schema.clone();
    schema["description"] = description.into();
    schema
}
