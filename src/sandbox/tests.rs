//! The sandbox's behaviour as a specification, one request after the other against the whole API.

mod doors;
mod envelope;
mod groups;
mod messages;
mod permissions;
mod users;

use serde_json::{Value, json};

use super::Sandbox;

/// The app of all tests that need only one.
const APP: &str = "sandbox";

/// One request of [`APP`]: `payload` holds every member beside op and token.
fn call(sandbox: &Sandbox, op: &str, payload: Value) -> Value {
    call_as(sandbox, APP, op, payload)
}

fn call_as(sandbox: &Sandbox, app: &str, op: &str, mut payload: Value) -> Value {
    payload["op"] = op.into();
    payload["token"] = app.into();
    raw(sandbox, payload.to_string().as_bytes())
}

fn raw(sandbox: &Sandbox, body: &[u8]) -> Value {
    serde_json::from_slice(&sandbox.answer(body)).unwrap()
}

/// A request that must succeed.
fn done(sandbox: &Sandbox, op: &str, payload: Value) -> Value {
    let answer = call(sandbox, op, payload);
    assert_eq!(answer["result"], true, "{answer}");
    assert!(answer.get("error").is_none(), "{answer}");
    answer
}

/// The error code and the properties at fault of a request that must fail.
fn refused(sandbox: &Sandbox, op: &str, payload: Value) -> (String, Vec<String>) {
    let answer = call(sandbox, op, payload);
    assert_eq!(answer["result"], false, "{answer}");
    let error = answer["error"].as_str().unwrap().to_owned();
    let properties = answer["properties"].clone();
    (error, serde_json::from_value(properties).unwrap())
}

/// The result of [`refused`] for one property.
fn fault(error: &str, property: &str) -> (String, Vec<String>) {
    (error.to_owned(), vec![property.to_owned()])
}

fn users(sandbox: &Sandbox, addresses: &[&str]) {
    for address in addresses {
        done(sandbox, "useradd", json!({ "user": { "address": address } }));
    }
}

/// Adds a user with an access token for `com.example.app`, and returns the token.
fn token(sandbox: &Sandbox, address: &str) -> String {
    let user = json!({ "address": address, "token": { "appid": "com.example.app" } });
    let answer = done(sandbox, "useradd", json!({ "user": user }));
    answer["user"]["token"].as_str().unwrap().to_owned()
}

/// Makes a group with flags and plain members.
fn group(sandbox: &Sandbox, flags: u64, members: &str) -> u64 {
    let group = json!({ "flags": flags, "members": { "m": members } });
    let answer = done(sandbox, "groupadd", json!({ "group": group }));
    answer["group"]["gid"].as_u64().unwrap()
}

fn to_group(from: &str, gid: u64, text: &str) -> Value {
    json!({ "message": { "from": from, "gid": gid, "message": text } })
}

fn texts(sandbox: &Sandbox, address: &str) -> Vec<String> {
    let inbox = sandbox.inbox(APP, address).into_iter();
    inbox.map(|delivery| delivery.message).collect()
}
