//! The operations table as an OpenAPI document, for explorers, code generators and fuzzers (`mesigate ops --openapi`,
//! `GET /openapi.json`, docs/openapi.json). Pure.
//!
//! OpenAPI has one operation for a path and a method, and a path has no query. Both doors have one path, and the member
//! `op` chooses. So each door is an operation whose input is `oneOf` the calls, told apart by `op`. On the old door that
//! input is one parameter, an object of style `form` that is exploded: by the specification, each of its members is a
//! pair of the query. The same calls are the form of a POST. So validators and fuzzers hold the parameters of one call
//! together, which a flat list of all operations' parameters could not say, and a reader finds a schema for each call.

mod answers;
mod calls;
mod failures;
mod json_calls;

use serde_json::{Map, Value, json};

use super::example;
use super::{effect, need, sentence};
use crate::protocol::ops::{Operation, Table};
use failures::Door;

/// The document. `paths` are those of the API, as the settings have them.
#[must_use]
pub fn openapi(table: &Table, paths: &[String]) -> String {
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "mesigate",
            "summary": "mesibo's backend API, by its old door and by its JSON door",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{
            "url": "{gateway}",
            "description": "where clients reach the gateway: listen.address of its settings",
            "variables": { "gateway": { "default": "http://127.0.0.1:8080", "description": "scheme, host and port" } },
        }],
        "tags": [
            { "name": "old door", "description": "Parameters in the query or a form, as programs have sent them since 2018." },
            { "name": "JSON door", "description": "mesibo's JSON API, passed on as it comes." },
        ],
        "paths": items(table, paths),
        "components": {
            "securitySchemes": { "token": { "type": "apiKey", "in": "query", "name": "token", "description": TOKEN } },
            "headers": failures::headers(),
            "responses": responses(table),
            "schemas": schemas(table),
        },
    });
    format!("{document:#}\n")
}

const ABOUT: &str = "\
Made from the table of operations; `mesigate ops --markdown` shows the same as a page. One path takes all calls, and \
`op` says which one is meant.

**The old door** takes `op`, `token` and the operation's parameters in the query, in a form, or in both. It answers with \
HTTP 200 always, failures included, unless `legacy.status` is `http`: then a failure has the status that its `code` \
names. Names of operations and parameters are compared without case; a parameter that no operation knows is dropped; an \
empty value is as good as none.

**The JSON door** takes the same calls as JSON. An operation that is not listed here is passed on as it is. A failure \
of upstream's comes as upstream sent it; for a refusal of the gateway's own, the status is chosen as on the old door.

`X-Mesigate-Outcome` says what certainly happened: `done` (upstream answered), `not-sent` or `unknown`.

Every path of `listen.paths` takes calls for both doors.";

const TOKEN: &str = "the app's token, or the key that the settings give to a client";

/// The paths of the old door and of the JSON door: those by which each is known best, if the settings have them.
fn places(paths: &[String]) -> (&str, &str) {
    let ending = |end: &str| paths.iter().find(|path| path.ends_with(end)).or_else(|| paths.first());
    (ending(".php").map_or("/api.php", String::as_str), ending("/").map_or("/backend/", String::as_str))
}

fn items(table: &Table, paths: &[String]) -> Value {
    let (old, json) = places(paths);
    let mut items = Map::new();
    if old == json {
        items.insert(
            old.to_owned(),
            json!({ "get": by_query(table), "post": both(by_form(table), by_json(table)) }),
        );
    } else {
        items.insert(old.to_owned(), json!({ "get": by_query(table), "post": by_form(table) }));
        items.insert(json.to_owned(), json!({ "post": by_json(table) }));
    }
    Value::Object(items)
}

/// One POST for both doors, where the settings have one path alone.
fn both(mut form: Value, mut json: Value) -> Value {
    let content = json["requestBody"]["content"]["application/json"].take();
    form["requestBody"]["content"]["application/json"] = content;
    form["responses"]["200"]["content"]["application/json"]["schema"] = json!({ "anyOf": [reference("schemas", Door::Old.answer()), reference("schemas", Door::Json.answer())] });
    form["tags"] = json!(["old door", "JSON door"]);
    form
}

fn by_query(table: &Table) -> Value {
    json!({
        "operationId": "callByQuery",
        "tags": ["old door"],
        "summary": "Call the old door by a query",
        "description": "The members of `call` are the pairs of the query, as in `?op=useradd&addr=ana`; the token is one of them.",
        "security": [{ "token": [] }],
        "parameters": [{
            "name": "call",
            "in": "query",
            "required": true,
            "description": "one call, its members as pairs of the query",
            "style": "form",
            "explode": true,
            "schema": reference("schemas", "query"),
            "examples": examples(table, |operation| example::pairs(operation, None)),
        }],
        "responses": failures::answers(Door::Old),
    })
}

fn by_form(table: &Table) -> Value {
    json!({
        "operationId": "callByForm",
        "tags": ["old door"],
        "summary": "Call the old door by a form",
        "requestBody": {
            "required": true,
            "content": { "application/x-www-form-urlencoded": {
                "schema": reference("schemas", "form"),
                "examples": examples(table, |operation| example::pairs(operation, Some("sandbox"))),
            } },
        },
        "responses": failures::answers(Door::Old),
    })
}

fn by_json(table: &Table) -> Value {
    json!({
        "operationId": "callByJson",
        "tags": ["JSON door"],
        "summary": "Call the JSON door",
        "requestBody": {
            "required": true,
            "content": { "application/json": {
                "schema": reference("schemas", "json"),
                "examples": examples(table, |operation| example::json(operation, table)),
            } },
        },
        "responses": failures::answers(Door::Json),
    })
}

/// An example for each operation of the table, under its name.
fn examples(table: &Table, value: impl Fn(&Operation) -> Value) -> Value {
    let example = |operation: &Operation| {
        let row = &operation.row;
        (row.name.clone(), json!({ "summary": row.summary, "value": value(operation) }))
    };
    Value::Object(table.operations().iter().map(example).collect())
}

fn responses(table: &Table) -> Value {
    let all = [Door::Old, Door::Json].into_iter().flat_map(|door| failures::responses(door, table));
    Value::Object(all.collect())
}

fn schemas(table: &Table) -> Value {
    let mut all = Map::new();
    all.extend(calls::schemas(table));
    all.extend(json_calls::schemas(table));
    all.extend(answers::schemas(table));
    all.extend(failures::schemas());
    Value::Object(all)
}

/// A reference to a component.
fn reference(of: &str, name: &str) -> Value {
    json!({ "$ref": place(of, name) })
}

fn place(of: &str, name: &str) -> String {
    format!("#/components/{of}/{name}")
}

/// One of several schemas, each with the names by which `op` chooses it.
fn one_of(description: &str, choices: &[(Vec<String>, String)]) -> Value {
    let mapping = choices.iter().flat_map(|(names, schema)| {
        names.iter().map(|name| (name.clone(), Value::from(place("schemas", schema))))
    });
    json!({
        "type": "object",
        "description": description,
        "oneOf": choices.iter().map(|(_, schema)| reference("schemas", schema)).collect::<Value>(),
        "discriminator": { "propertyName": "op", "mapping": mapping.collect::<Map<_, _>>() },
    })
}

/// What people need to know of an operation.
fn about(operation: &Operation) -> String {
    let row = &operation.row;
    format!("{}. {}", row.summary, sentence(&effect(row)))
}
