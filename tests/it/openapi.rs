//! The OpenAPI document: it has all of the table, its references lead somewhere, and its examples can be sent. What a
//! validator and a fuzzer say of it is `tests/run openapi`.

use std::collections::BTreeSet;

use mesigate::protocol::catalogue;
use mesigate::protocol::ops::Table;
use mesigate::sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::client::{self, Answer, get};
use crate::support::gateway::Gateway;
use crate::support::program::{Serving, run};

const PATHS: [&str; 4] = ["/backend", "/backend/", "/api.php", "/api/api.php"];

fn document(table: &Table, paths: &[&str]) -> Value {
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    serde_json::from_str(&catalogue::openapi(table, &paths)).expect("JSON")
}

fn shipped() -> (Table, Value) {
    let table = Table::shipped().expect("a sound table");
    let document = document(&table, &PATHS);
    (table, document)
}

/// The schema of a member at these steps.
fn member<'d>(document: &'d Value, schema: &str, steps: &[String]) -> &'d Value {
    let top = &document["components"]["schemas"][schema];
    steps.iter().fold(top, |schema, step| &schema["properties"][step])
}

#[tokio::test]
async fn the_command_the_second_listener_and_the_committed_file_have_the_same_bytes() {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let serving = Serving::start(&[], log.path());
    let served = get(serving.admin, "/openapi.json").await;
    assert_eq!((served.status, served.header("content-type")), (200, Some("application/json")));
    let printed = run(&["ops", "--openapi"]).stdout;
    assert!(served.body == printed, "what is served is not what is printed");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");
    let kept = std::fs::read(path).unwrap_or_default();
    assert!(kept == printed, "make it anew: cargo run -- ops --openapi > docs/openapi.json");
}

#[test]
fn every_operation_and_parameter_of_the_table_is_in_it_with_its_words() {
    let (table, document) = shipped();
    for operation in table.operations() {
        let row = &operation.row;
        for carrier in ["query", "form"] {
            let schema = format!("{}_{carrier}", row.name);
            let names: Vec<&String> = std::iter::once(&row.name).chain(&row.aliases).collect();
            assert_eq!(member(&document, &schema, &["op".to_owned()])["enum"], json!(names), "{schema}");
            for name in names {
                let chosen = &document["components"]["schemas"][carrier]["discriminator"]["mapping"][name];
                assert_eq!(*chosen, format!("#/components/schemas/{schema}"), "{name}");
            }
            for param in &row.params {
                let shown = member(&document, &schema, std::slice::from_ref(&param.name));
                let description = shown["description"].as_str().unwrap_or_default();
                assert!(description.starts_with(&param.doc), "{schema}, {}: {shown}", param.name);
                assert!(param.aliases.iter().all(|alias| description.contains(alias)), "{description}");
            }
        }
        for at in row.params.iter().flat_map(|param| param.target.places()) {
            let shown = member(&document, &format!("{}_json", row.sends), at.steps());
            assert!(shown["type"].is_string(), "{} has no {at}", row.sends);
        }
    }
}

/// Calls `each` with every reference of the document.
fn references(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("$ref", Value::String(place)) => each(place),
                    ("mapping", Value::Object(places)) => {
                        places.values().filter_map(Value::as_str).for_each(&mut *each);
                    }
                    _ => references(value, each),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, each)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_a_component_and_every_component_is_referred_to() {
    let (_, document) = shipped();
    let mut named = BTreeSet::new();
    references(&document, &mut |place| {
        let pointer = place.strip_prefix('#').expect("a place in the document");
        assert!(document.pointer(pointer).is_some(), "{place} leads nowhere");
        named.insert(pointer.to_owned());
    });
    for kind in ["schemas", "responses", "headers"] {
        let components = document["components"][kind].as_object().expect("components");
        assert!(!components.is_empty());
        for name in components.keys() {
            assert!(named.contains(&format!("/components/{kind}/{name}")), "nothing refers to {kind}/{name}");
        }
    }
}

/// A gateway in front of a sandbox in which `ana` and `ben` are users and there is one group.
async fn gateway() -> Gateway {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gateway = Gateway::with(listener.local_addr().expect("an address"), "");
    let sandbox = Sandbox::new();
    for call in [
        json!({ "op": "useradd", "user": { "address": "ana", "token": { "appid": "com.example.app" } } }),
        json!({ "op": "useradd", "user": { "address": "ben", "token": { "appid": "com.example.app" } } }),
        json!({ "op": "groupadd", "group": { "name": "Team", "members": { "m": "ana,ben" } } }),
    ] {
        let mut call = call;
        call["token"] = "sandbox".into();
        let answer: Value =
            serde_json::from_slice(&sandbox.answer(call.to_string().as_bytes())).expect("JSON");
        assert_eq!(answer["result"], true, "{answer}");
    }
    tokio::spawn(sandbox.serve(listener, std::future::pending()));
    gateway
}

/// An object's members as the pairs of a query or a form.
fn pairs(call: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let members = call.as_object().expect("an object").iter();
    let pairs: Vec<(&String, String)> = members.map(|(name, value)| (name, text(value))).collect();
    serde_urlencoded::to_string(pairs).expect("pairs")
}

async fn post(gateway: &Gateway, path: &str, content_type: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: g\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n"
    );
    client::ask(gateway.address, format!("{head}{body}").as_bytes()).await
}

#[tokio::test]
async fn every_example_of_a_call_does_what_it_says() {
    let (table, document) = shipped();
    let (old, form) = ("/api.php", "application/x-www-form-urlencoded");
    let queries = &document["paths"][old]["get"]["parameters"][0]["examples"];
    let content = |path: &str, media: &str| {
        document["paths"][path]["post"]["requestBody"]["content"][media]["examples"].clone()
    };
    let (forms, calls) = (content(old, form), content("/backend/", "application/json"));
    for operation in table.operations() {
        let name = &operation.row.name;
        let query = pairs(&queries[name]["value"]);
        let by_query = get(gateway().await.address, &format!("{old}?{query}&token=sandbox")).await;
        let by_form = post(&gateway().await, old, form, &pairs(&forms[name]["value"])).await;
        let json = calls[name]["value"].to_string();
        let by_json = post(&gateway().await, "/backend/", "application/json", &json).await;
        for answer in [by_query, by_form, by_json] {
            assert_eq!(answer.json()["result"], true, "{name}: {query}, {json}: {}", answer.json());
        }
    }
}

#[test]
fn an_owners_table_and_paths_are_in_it_too() {
    let own = "[[operation]]\nname = 'ping'\nsummary = 'Say hello'\neffect = 'read'\nparams = [\
               { name = 'volume', to = '/ping/volume', type = 'integer', need = 'required', max = 9, doc = 'how loud' }]\n\
               answer = [{ at = '/echo', type = 'text' }]\n";
    let table = Table::load(Some(("own.toml", own)), &[]).expect("a sound table");
    let document = document(&table, &["/only"]);
    let volume = ["volume".to_owned()];
    assert_eq!(member(&document, "ping_query", &volume)["maximum"], 9);
    assert_eq!(document["components"]["schemas"]["ping_json"]["required"], json!(["op", "token", "ping"]));
    assert_eq!(document["components"]["schemas"]["ping_done"]["properties"]["echo"]["type"], "string");
    let paths: Vec<&String> = document["paths"].as_object().expect("paths").keys().collect();
    assert_eq!(paths, ["/only"]);
    let content = document["paths"]["/only"]["post"]["requestBody"]["content"].as_object().expect("contents");
    let media: Vec<&String> = content.keys().collect();
    assert_eq!(media, ["application/x-www-form-urlencoded", "application/json"]);
}
