//! Who may send to a group, and who receives from it.

use serde_json::{Value, json};

use super::{APP, done, fault, group, refused, texts, to_group, token, users};
use crate::sandbox::Sandbox;

/// Gives members rights, for one message type or in general.
fn allow(sandbox: &Sandbox, gid: u64, kind: u64, members: &str, rights: &Value) {
    let members = json!({ "m": members, "permissions": rights });
    let edit = json!({ "gid": gid, "type": kind, "members": members });
    done(sandbox, "groupeditmembers", json!({ "group": edit }));
}

#[test]
fn flag_0_lets_members_send_and_nobody_else() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b", "stranger"]);
    let gid = group(&sandbox, 0, "a,b");
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(texts(&sandbox, "b"), ["hi"]);
    assert!(texts(&sandbox, "a").is_empty());
    let outcome = refused(&sandbox, "message", to_group("stranger", gid, "hi"));
    assert_eq!(outcome, fault("NOTALLOWED", "message.from"));
}

#[test]
fn a_member_added_with_cs_0_cannot_send() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a,b");
    allow(&sandbox, gid, 0, "b", &json!({ "send": false }));
    let outcome = refused(&sandbox, "message", to_group("b", gid, "hi"));
    assert_eq!(outcome, fault("NOTALLOWED", "message.from"));
}

#[test]
fn flag_1_lets_only_selected_members_send() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 1, "a,b");
    let outcome = refused(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(outcome, fault("NOTALLOWED", "message.from"));
    allow(&sandbox, gid, 0, "a", &json!({ "send": true }));
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(texts(&sandbox, "b"), ["hi"]);
}

#[test]
fn flag_2_lets_anyone_send() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "stranger"]);
    let gid = group(&sandbox, 2, "a");
    done(&sandbox, "message", to_group("stranger", gid, "hi"));
    assert_eq!(texts(&sandbox, "a"), ["hi"]);
}

#[test]
fn flag_0x10_delivers_only_to_selected_members() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b", "c"]);
    let gid = group(&sandbox, 0x10, "a,b,c");
    allow(&sandbox, gid, 0, "c", &json!({ "recv": true }));
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert!(texts(&sandbox, "b").is_empty());
    assert_eq!(texts(&sandbox, "c"), ["hi"]);
}

#[test]
fn a_member_added_with_cr_0_receives_nothing() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a");
    allow(&sandbox, gid, 0, "b", &json!({ "recv": false }));
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert!(texts(&sandbox, "b").is_empty());
}

#[test]
fn flag_0x20_delivers_to_one_member_after_the_other() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["customer", "a", "b"]);
    let gid = group(&sandbox, 0x22, "a,b");
    for text in ["1", "2", "3"] {
        done(&sandbox, "message", to_group("customer", gid, text));
    }
    assert_eq!(texts(&sandbox, "a"), ["1", "3"]);
    assert_eq!(texts(&sandbox, "b"), ["2"]);
}

#[test]
fn flag_0x40_delivers_only_to_who_is_logged_in() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "away"]);
    let here = token(&sandbox, "here");
    sandbox.login(&here, "com.example.app").unwrap();
    let gid = group(&sandbox, 0x40, "a,away,here");
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(texts(&sandbox, "here"), ["hi"]);
    assert!(texts(&sandbox, "away").is_empty());
}

#[test]
fn flag_0x80_gives_the_sender_a_copy() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0x80, "a,b");
    done(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(texts(&sandbox, "a"), ["hi"]);
    assert_eq!(texts(&sandbox, "b"), ["hi"]);
}

#[test]
fn rights_for_a_message_type_stand_in_for_the_general_ones() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a,b");
    allow(&sandbox, gid, 5, "b", &json!({ "send": false }));
    let typed = json!({ "message": { "from": "b", "gid": gid, "type": 5 } });
    let outcome = refused(&sandbox, "message", typed);
    assert_eq!(outcome, fault("NOTALLOWED", "message.from"));
    done(&sandbox, "message", to_group("b", gid, "hi"));
    let state = sandbox.state(APP);
    let rights = &state["groups"][0]["members"][1]["types"]["5"];
    assert_eq!(rights["send"], false);
}

#[test]
fn flags_for_a_message_type_leave_the_general_ones() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a,b");
    done(&sandbox, "groupset", json!({ "group": { "gid": gid, "type": 5, "flags": 1 } }));
    let typed = json!({ "message": { "from": "a", "gid": gid, "type": 5 } });
    let outcome = refused(&sandbox, "message", typed.clone());
    assert_eq!(outcome, fault("NOTALLOWED", "message.from"));
    done(&sandbox, "message", to_group("a", gid, "hi"));
    allow(&sandbox, gid, 5, "a", &json!({ "send": true }));
    done(&sandbox, "message", typed);
    assert_eq!(sandbox.state(APP)["groups"][0]["types"]["5"]["flags"], 1);
}

#[test]
fn a_member_may_leave_one_message_type_only() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a,b");
    allow(&sandbox, gid, 5, "b", &json!({ "recv": false }));
    let edit = json!({ "gid": gid, "type": 5, "members": { "m": "b", "remove": true } });
    done(&sandbox, "groupeditmembers", json!({ "group": edit }));
    let typed = json!({ "from": "a", "gid": gid, "type": 5, "message": "typed" });
    done(&sandbox, "message", json!({ "message": typed }));
    assert_eq!(texts(&sandbox, "b"), ["typed"]);
}

#[test]
fn nobody_sends_to_a_group_that_is_not_active() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a"]);
    let gid = group(&sandbox, 0, "a");
    done(&sandbox, "groupset", json!({ "group": { "gid": gid, "active": false } }));
    let outcome = refused(&sandbox, "message", to_group("a", gid, "hi"));
    assert_eq!(outcome, fault("NOTALLOWED", "message.gid"));
}
