//! The cache: which answers to reads are cached, for which callers, and what ends them.

mod doors; // one entry for both doors
mod names; // one entry for both doors
mod sharing; // for whom an answer is kept, and which are
mod stale; // for which callers an answer is cached, and which answers are
mod writes; // which requests end an entry

use serde_json::{Value, json};

use crate::apps::post;
use crate::support::client::{Answer, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;
use Door::{Json, Legacy};

const KEEP: &str = "cache.fresh = '1h'\n";
const ANN: &str = r#"{"op":"groupgetmembers","result":true,"count":1,"members":[{"uid":1,"address":"ann"}]}"#;
const BOB: &str = r#"{"op":"groupgetmembers","result":true,"count":1,"members":[{"uid":2,"address":"bob"}]}"#;
const DONE: &str = r#"{"op":"x","result":true}"#;
const REFUSED: &str = r#"{"op":"x","result":false,"error":"DENIED","code":403}"#;
const AUTHFAIL: &str = r#"{"op":"x","result":false,"error":"AUTHFAIL","code":401}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Legacy,
    Json,
}

/// Reads a group's members; `more` holds further parameters such as `count=5&id=3`, all of them numbers.
async fn read_as(gateway: &Gateway, door: Door, token: &str, gid: u32, more: &str) -> Answer {
    if door == Legacy {
        let target = format!("/api.php?op=groupgetmembers&token={token}&gid={gid}&{more}");
        return get(gateway.address, &target).await;
    }
    let members = more.split('&').filter_map(|pair| pair.split_once('='));
    let members: String = members.map(|(name, value)| format!(",\"{name}\":{value}")).collect();
    let body = format!(r#"{{"op":"groupgetmembers","token":"{token}"{members},"group":{{"gid":{gid}}}}}"#);
    post(gateway.address, "/backend", &body).await
}

async fn read(gateway: &Gateway, door: Door) -> Answer {
    read_as(gateway, door, "T", 7, "").await
}

/// Sends a request that is not a read.
async fn write(gateway: &Gateway, door: Door, op: &str) -> Answer {
    if door == Legacy {
        let target = format!("/api.php?op={op}&token=T&gid=7&m=ann&uid=5&from=a&to=b&msg=x");
        return get(gateway.address, &target).await;
    }
    let payload = r#""group":{"gid":7,"members":{"m":"ann"}},"user":{"uid":5},"message":{}"#;
    post(gateway.address, "/backend", &format!(r#"{{"op":"{op}","token":"T",{payload}}}"#)).await
}

#[track_caller]
fn is(answer: &Answer, state: &str) {
    assert_eq!(answer.header("x-cache"), Some(state), "{}", answer.json());
    let age = answer.header("age").map(|age| age.parse::<u64>().expect("seconds"));
    assert_eq!(age.is_some(), state != "bypass");
}

/// The next read asks upstream again, and the one after it gets the cached answer.
async fn is_asked_again(stub: &Stub, gateway: &Gateway, door: Door) {
    stub.will_say(ANN);
    is(&read(gateway, door).await, "miss");
    is(&read(gateway, door).await, "hit");
    assert_eq!(stub.take_calls().len(), 1);
}

/// The addresses of the members in an answer.
fn members(answer: &Answer) -> Vec<Value> {
    let rows = answer.json()["members"].as_array().cloned().expect("a list");
    rows.into_iter().map(|row| row["address"].clone()).collect()
}

/// Upstream's answer with this many members.
fn page(count: usize) -> String {
    let rows: Vec<Value> = (0..count).map(|uid| json!({"uid": uid, "address": format!("u{uid}")})).collect();
    json!({"op": "groupgetmembers", "result": true, "count": count, "members": rows}).to_string()
}
