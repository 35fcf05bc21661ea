//! `tests/vectors/wire.jsonl`: requests of real and documented clients, with the JSON that each must
//! become, or the reason for which it must be refused.

use bytes::Bytes;
use mesigate::protocol::ops::Table;
use mesigate::protocol::reject::Reject;
use mesigate::protocol::translate::request::Understood;
use mesigate::protocol::translate::{self, Incoming, Parsed};
use serde_json::Value;

/// The `error` and the properties with which each refused line is refused.
const REFUSALS: [(&str, &str, &[&str]); 10] = [
    ("php-deluser-lost-addr", "MISSINGPARAM", &["uid", "addr"]),
    ("php-deltoken-no-uid", "MISSINGPARAM", &["uid", "addr"]),
    ("play-usersget", "BADOP", &["op"]),
    ("play-appstats", "BADOP", &["op"]),
    ("edge-missing-op", "NOOP", &["op"]),
    ("edge-missing-token", "AUTHFAIL", &["token"]),
    ("edge-bad-op", "BADOP", &["op"]),
    ("edge-message-no-target", "MISSINGPARAM", &["to", "gid"]),
    ("edge-bad-gid", "BADPARAM", &["gid"]),
    ("edge-id-text", "BADPARAM", &["id"]),
];

fn lines() -> Vec<Value> {
    let text = include_str!("../vectors/wire.jsonl");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn translate(line: &Value) -> Result<Value, Reject> {
    let table = Table::shipped().expect("the shipped table is sound");
    let target = line["path_and_query"].as_str().expect("a target");
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let body = Bytes::from(line["body"].as_str().expect("a body").to_owned());
    let content_type = line["headers"]["Content-Type"].as_str();
    let incoming = Incoming { query: query.as_bytes(), content_type, body: &body, most_pairs: 64 };
    let Parsed::Legacy(form) = translate::read(&incoming)? else {
        panic!("no line is a JSON request");
    };
    let op = form.single("op")?.ok_or(Reject::NoOp)?;
    let operation = table.find(op).ok_or_else(|| table.bad_op(op))?;
    let meant = Understood::understand(operation, &table, &form)?;
    Ok(serde_json::from_slice(&meant.write(operation, meant.token)).expect("we write JSON"))
}

#[test]
fn every_line_becomes_its_json_or_is_refused_by_name() {
    assert_eq!(lines().len(), 46);
    for line in lines() {
        let name = line["id"].as_str().expect("a name");
        let refusal = REFUSALS.iter().find(|(id, ..)| *id == name);
        match (translate(&line), refusal) {
            (Ok(json), None) => assert_eq!(json, line["expect_json"], "{name}"),
            (Err(reject), Some((_, code, properties))) => {
                assert_eq!(line["expect_json"], Value::Null, "{name}");
                assert_eq!((reject.code(), &reject.properties()[..]), (*code, *properties), "{name}");
            }
            (Ok(json), Some(_)) => panic!("{name} is to be refused, and became {json}"),
            (Err(reject), None) => panic!("{name} was refused: {reject:?}"),
        }
    }
}
