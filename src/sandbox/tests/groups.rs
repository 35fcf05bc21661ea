//! groupadd, groupset, groupdel, groupeditmembers, groupgetmembers.

use std::time::Duration;

use serde_json::{Value, json};

use super::{APP, done, fault, group, refused, to_group, users};
use crate::sandbox::Sandbox;

fn members(sandbox: &Sandbox, gid: u64) -> Vec<Value> {
    let answer = done(sandbox, "groupgetmembers", json!({ "group": { "gid": gid } }));
    answer["members"].as_array().unwrap().clone()
}

#[test]
fn a_group_gets_a_number() {
    let sandbox = Sandbox::new();
    let answer = done(&sandbox, "groupadd", json!({ "group": { "name": "Team" } }));
    assert_eq!(answer["group"], json!({ "gid": 97001 }));
    let answer = done(&sandbox, "groupset", json!({ "group": { "gid": 97001, "flags": 0x81 } }));
    assert_eq!(answer["group"], json!({ "gid": 97001 }));
    let group = sandbox.state(APP)["groups"][0].clone();
    assert_eq!((&group["name"], &group["flags"]), (&json!("Team"), &json!(0x81)));
}

#[test]
fn the_expiry_of_a_group_counts_seconds() {
    let sandbox = Sandbox::new();
    done(&sandbox, "groupadd", json!({ "group": { "expiry": 60 } }));
    sandbox.advance(Duration::from_secs(50));
    assert!(members(&sandbox, 97001).is_empty());
    sandbox.advance(Duration::from_secs(10));
    let outcome = refused(&sandbox, "groupdel", json!({ "group": { "gid": 97001 } }));
    assert_eq!(outcome, fault("NOGROUP", "group.gid"));
    assert_eq!(sandbox.state(APP)["groups"], json!([]));
}

#[test]
fn activity_extends_a_group() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a"]);
    let group = json!({ "expiry": 60, "expiryext": 60, "members": { "m": "a" } });
    done(&sandbox, "groupadd", json!({ "group": group }));
    sandbox.advance(Duration::from_secs(50));
    done(&sandbox, "message", to_group("a", 97001, "hi"));
    sandbox.advance(Duration::from_secs(40));
    assert_eq!(members(&sandbox, 97001).len(), 1);
    sandbox.advance(Duration::from_secs(20));
    let outcome = refused(&sandbox, "message", to_group("a", 97001, "hi"));
    assert_eq!(outcome, fault("NOGROUP", "message.gid"));
}

#[test]
fn an_expiry_of_zero_is_the_default_year() {
    let sandbox = Sandbox::new();
    done(&sandbox, "groupadd", json!({ "group": { "expiry": 0 } }));
    let ends = sandbox.state(APP)["groups"][0]["expires"].as_u64();
    assert!(ends >= Some(31_536_000));
}

#[test]
fn editing_members_answers_without_a_group() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a");
    let edit = json!({ "gid": gid, "members": { "m": "b", "permissions": { "send": false } } });
    let answer = done(&sandbox, "groupeditmembers", json!({ "group": edit }));
    assert!(answer.get("group").is_none());
    let all = json!({ "send": true, "recv": true, "pub": true, "sub": true, "list": true });
    let rows = members(&sandbox, gid);
    assert_eq!(rows[0], json!({ "uid": 101, "address": "a", "permissions": all }));
    assert_eq!(rows[1]["permissions"]["send"], false);
    assert_eq!(rows[1]["permissions"]["recv"], true);
}

#[test]
fn members_are_removed_by_either_name_of_the_switch() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b", "c"]);
    let gid = group(&sandbox, 0, "a,b,c");
    for edit in [
        json!({ "gid": gid, "members": { "m": "a", "remove": true } }),
        json!({ "gid": gid, "members": { "m": "b", "remove": 1 } }),
        json!({ "gid": gid, "delete": 1, "members": { "m": "c" } }),
    ] {
        done(&sandbox, "groupeditmembers", json!({ "group": edit }));
    }
    assert!(members(&sandbox, gid).is_empty());
    let rights = json!({ "m": "a", "remove": true, "permissions": { "send": true } });
    let edit = json!({ "group": { "gid": gid, "members": rights } });
    let outcome = refused(&sandbox, "groupeditmembers", edit);
    assert_eq!(outcome, fault("BADPROPERTY", "group.members.permissions"));
}

#[test]
fn an_unknown_member_changes_nothing() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let gid = group(&sandbox, 0, "a");
    for list in ["b,nobody", "b, a"] {
        let edit = json!({ "group": { "gid": gid, "members": { "m": list } } });
        let outcome = refused(&sandbox, "groupeditmembers", edit);
        assert_eq!(outcome, fault("NOUSER", "group.members.m"));
    }
    let edit = json!({ "group": { "gid": gid, "members": { "m": "b,,a" } } });
    let outcome = refused(&sandbox, "groupeditmembers", edit);
    assert_eq!(outcome, fault("BADPROPERTY", "group.members.m"));
    assert_eq!(members(&sandbox, gid).len(), 1);
}

#[test]
fn at_most_twenty_members_are_shown() {
    let sandbox = Sandbox::new();
    let addresses: Vec<String> = (0..25).map(|number| format!("u{number}")).collect();
    for address in &addresses {
        users(&sandbox, &[address]);
    }
    let gid = group(&sandbox, 0, &addresses.join(","));
    let shown = |payload| {
        let answer = done(&sandbox, "groupgetmembers", payload);
        assert_eq!(answer["gid"], gid);
        assert_eq!(answer["count"], answer["members"].as_array().unwrap().len());
        answer["count"].as_u64().unwrap()
    };
    assert_eq!(shown(json!({ "group": { "gid": gid } })), 20);
    assert_eq!(shown(json!({ "count": 100_000, "group": { "gid": gid } })), 20);
    assert_eq!(shown(json!({ "count": 3, "group": { "gid": gid } })), 3);
    let inside = json!({ "group": { "gid": gid, "count": 3 } });
    let outcome = refused(&sandbox, "groupgetmembers", inside);
    assert_eq!(outcome, fault("BADPROPERTY", "group.count"));
}

#[test]
fn a_group_may_be_named_by_its_digits_as_text() {
    let sandbox = Sandbox::new();
    done(&sandbox, "groupadd", json!({ "group": { "name": "Room" } }));
    done(&sandbox, "groupset", json!({ "group": { "gid": "97001", "name": "Hall" } }));
    done(&sandbox, "groupdel", json!({ "group": { "gid": "97001" } }));
    let outcome = refused(&sandbox, "groupdel", json!({ "group": { "gid": "97001" } }));
    assert_eq!(outcome, fault("NOGROUP", "group.gid"));
}

#[test]
fn permissions_stand_in_for_the_selectors_of_the_flags() {
    let sandbox = Sandbox::new();
    let permissions = json!({ "send": 2, "recv": 2, "pub": 1, "sub": 2, "list": 2 });
    let group = json!({ "flags": 0x400c8, "permissions": permissions });
    done(&sandbox, "groupadd", json!({ "group": group }));
    assert_eq!(sandbox.state(APP)["groups"][0]["flags"], 0x621ea);
    let both = json!({ "group": { "flags": 0x22, "permissions": permissions } });
    let outcome = refused(&sandbox, "groupadd", both);
    assert_eq!(outcome, fault("BADPROPERTY", "group.flags"));
    let unknown = json!({ "group": { "permissions": { "recv": 4 } } });
    let outcome = refused(&sandbox, "groupadd", unknown);
    assert_eq!(outcome, fault("BADPROPERTY", "group.permissions.recv"));
}

#[test]
fn every_documented_member_of_a_group_is_known() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a"]);
    let group = json!({
        "name": "Room", "flags": 0, "expiry": 86_400, "expiryext": 0, "active": 1,
        "start": 0, "duration": 0, "call": { "anything": [1] },
        "profile": { "name": "Room", "image": "i", "status": "s", "info": "x", "other": "o" },
        "members": { "m": "a", "admin": { "owner": true, "remuser": false } },
    });
    done(&sandbox, "groupadd", json!({ "group": group }));
    let group = json!({ "gid": 97001, "active": false, "image": "i", "type": 5 });
    done(&sandbox, "groupset", json!({ "group": group }));
}
