//! message: addresses, schedule, expiry.

use std::time::Duration;

use serde_json::{Value, json};

use super::{APP, done, fault, group, refused, texts, users};
use crate::sandbox::Sandbox;

fn message(fields: impl Into<Value>) -> Value {
    let fields: Value = fields.into();
    json!({ "message": fields })
}

fn with_users() -> Sandbox {
    let sandbox = Sandbox::new();
    users(&sandbox, &["me", "you", "she", "he"]);
    sandbox
}

#[test]
fn a_message_reaches_everybody_in_the_list_untouched() {
    let sandbox = with_users();
    let text = "Hello & 100% + more\r\nsecond line \u{1f600}";
    let fields = json!({
        "from": "me", "to": "you,she,he", "type": 3, "flags": null, "forced": true,
        "message": text, "title": "t", "url": "https://example.com/",
    });
    let answer = done(&sandbox, "message", message(fields));
    assert_eq!(answer["mid"], 1_000_001);
    for address in ["you", "she", "he"] {
        let inbox = sandbox.inbox(APP, address);
        assert_eq!(inbox[0].message, text);
        assert_eq!((inbox[0].mid, inbox[0].kind), (1_000_001, 3));
        assert_eq!((inbox[0].from.as_str(), inbox[0].gid), ("me", None));
    }
    assert!(texts(&sandbox, "me").is_empty());
}

#[test]
fn sender_and_receivers_must_be_users() {
    let sandbox = with_users();
    let send = |fields| refused(&sandbox, "message", message(fields));
    let outcome = send(json!({ "from": "nobody", "to": "you" }));
    assert_eq!(outcome, fault("NOUSER", "message.from"));
    let outcome = send(json!({ "from": "me", "to": "you,nobody" }));
    assert_eq!(outcome, fault("NOUSER", "message.to"));
    let outcome = send(json!({ "from": "me", "gid": 5 }));
    assert_eq!(outcome, fault("NOGROUP", "message.gid"));
    assert!(texts(&sandbox, "you").is_empty());
}

#[test]
fn a_message_is_for_users_or_for_a_group() {
    let sandbox = with_users();
    let gid = group(&sandbox, 0, "me,you");
    let both = message(json!({ "from": "me", "to": "you", "gid": gid }));
    assert_eq!(refused(&sandbox, "message", both), fault("BADPROPERTY", "message.gid"));
    let neither = message(json!({ "from": "me", "gid": 0 }));
    let (error, either) = refused(&sandbox, "message", neither);
    assert_eq!(error, "MISSINGPROPERTY");
    assert_eq!(either, ["message.to", "message.gid"]);
    done(&sandbox, "message", message(json!({ "from": "me", "to": "you", "gid": 0 })));
}

#[test]
fn a_scheduled_message_waits_for_its_time() {
    let sandbox = with_users();
    let later = json!({ "from": "me", "to": "you", "when": 60, "message": "later" });
    done(&sandbox, "message", message(later));
    done(&sandbox, "message", message(json!({ "from": "me", "to": "you", "message": "now" })));
    sandbox.advance(Duration::from_secs(50));
    assert_eq!(texts(&sandbox, "you"), ["now"]);
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(texts(&sandbox, "you"), ["now", "later"]);
}

#[test]
fn a_scheduled_message_goes_to_who_is_a_member_by_then() {
    let sandbox = with_users();
    let gid = group(&sandbox, 0, "me,you");
    let later = json!({ "from": "me", "gid": gid, "when": 60, "message": "later" });
    done(&sandbox, "message", message(later));
    let edit = json!({ "gid": gid, "members": { "m": "you", "remove": true } });
    done(&sandbox, "groupeditmembers", json!({ "group": edit }));
    let edit = json!({ "gid": gid, "members": { "m": "she" } });
    done(&sandbox, "groupeditmembers", json!({ "group": edit }));
    sandbox.advance(Duration::from_mins(1));
    assert!(texts(&sandbox, "you").is_empty());
    assert_eq!(texts(&sandbox, "she"), ["later"]);
}

#[test]
fn a_message_vanishes_when_its_seconds_are_over() {
    let sandbox = with_users();
    let short = json!({ "from": "me", "to": "you", "expiry": 30, "when": 10, "message": "short" });
    done(&sandbox, "message", message(short));
    sandbox.advance(Duration::from_secs(30));
    assert_eq!(texts(&sandbox, "you"), ["short"]);
    sandbox.advance(Duration::from_secs(10));
    assert!(texts(&sandbox, "you").is_empty());
}

#[test]
fn the_state_shows_what_was_accepted() {
    let sandbox = with_users();
    done(&sandbox, "message", message(json!({ "from": "me", "to": "you", "when": 5 })));
    let shown = sandbox.state(APP)["messages"][0].clone();
    assert_eq!(shown["from"], "me");
    assert_eq!(shown["to"], json!([102]));
    assert!(shown["due"].as_u64() >= Some(5));
}
