//! Members that every operation has: op, token, id; types, unknown members.

use serde_json::json;

use super::{call, call_as, done, fault, raw, refused, users};
use crate::sandbox::Sandbox;

#[test]
fn a_failure_has_the_shape_and_order_of_the_one_that_was_pasted() {
    let answer = Sandbox::new().answer(br#"{"op":"useradd","token":"bad","id":7}"#);
    assert_eq!(
        String::from_utf8(answer).unwrap(),
        r#"{"error":"AUTHFAIL","code":401,"cause":"the app token is invalid or expired","properties":["token"],"op":"useradd","result":false,"id":7}"#
    );
}

#[test]
fn an_app_whose_token_leaked_is_disabled() {
    let sandbox = Sandbox::new();
    let answer = call_as(&sandbox, "sandbox-breached", "useradd", json!({}));
    assert_eq!(answer["error"], "TOKENBREACH");
    assert_eq!(answer["code"], 403);
}

#[test]
fn operations_that_json_does_not_have_are_unknown() {
    let sandbox = Sandbox::new();
    for op in ["deltoken", "usertoken", "usersget", "getmembers", "UserAdd"] {
        let outcome = refused(&sandbox, op, json!({ "user": { "uid": 1 } }));
        assert_eq!(outcome, fault("BADOP", "op"), "{op}");
    }
}

#[test]
fn an_unknown_member_is_refused_with_its_path_at_any_depth() {
    let sandbox = Sandbox::new();
    let unknown = |op, payload, path| {
        let outcome = refused(&sandbox, op, payload);
        assert_eq!(outcome, fault("BADPROPERTY", path));
    };
    let address = "a";
    unknown("useradd", json!({ "user": { "address": address, "addr": 1 } }), "user.addr");
    let token = json!({ "appid": "b", "apiId": "b" });
    unknown("useradd", json!({ "user": { "address": address, "token": token } }), "user.token.apiId");
    unknown("useradd", json!({ "user": { "address": address }, "sig": "none" }), "sig");
    unknown("useradd", json!({ "user": { "address": address }, "count": 1 }), "count");
    unknown("groupadd", json!({ "group": { "gid": 0 } }), "group.gid");
    unknown("groupadd", json!({ "group": { "type": 5 } }), "group.type");
    unknown("userset", json!({ "user": { "uid": 1, "name": "n" } }), "user.name");
    unknown("message", json!({ "message": { "from": "a", "to": "b", "msg": "m" } }), "message.msg");
    unknown("userdel", json!({ "group": {}, "user": { "uid": 1 } }), "group");
}

#[test]
fn every_value_has_its_json_type() {
    let sandbox = Sandbox::new();
    let wrong = |op, payload, path| {
        let outcome = refused(&sandbox, op, payload);
        assert_eq!(outcome, fault("BADPROPERTY", path));
    };
    let token = json!({ "appid": "b", "expiry": "60" });
    wrong("useradd", json!({ "user": { "address": "a", "token": token } }), "user.token.expiry");
    wrong("useradd", json!({ "user": { "address": 123 } }), "user.address");
    wrong("useradd", json!({ "user": { "address": "a", "active": 1 } }), "user.active");
    wrong("useradd", json!({ "user": { "address": "a", "groups": 1.0 } }), "user.groups");
    wrong("useradd", json!({ "user": { "address": "a", "name": null } }), "user.name");
    wrong("useradd", json!({ "user": [] }), "user");
    wrong("userset", json!({ "user": { "uid": "123" } }), "user.uid");
    wrong("groupdel", json!({ "group": { "gid": "12x" } }), "group.gid");
    wrong("groupdel", json!({ "group": { "gid": "" } }), "group.gid");
    wrong("groupadd", json!({ "group": { "flags": "0x81" } }), "group.flags");
    wrong("groupadd", json!({ "group": { "expiry": -1 } }), "group.expiry");
    let members = json!({ "m": ["a", "b"] });
    wrong("groupadd", json!({ "group": { "members": members } }), "group.members.m");
    let members = json!({ "m": "a", "permissions": { "send": 1 } });
    wrong("groupadd", json!({ "group": { "members": members } }), "group.members.permissions.send");
    let message = json!({ "from": "a", "to": "b", "forced": 1 });
    wrong("message", json!({ "message": message }), "message.forced");
    wrong("useradd", json!({ "id": "7", "user": { "address": "a" } }), "id");
}

#[test]
fn what_is_mandatory_is_missed_by_name() {
    let sandbox = Sandbox::new();
    let missing = |op, payload, path| {
        let outcome = refused(&sandbox, op, payload);
        assert_eq!(outcome, fault("MISSINGPROPERTY", path));
    };
    missing("useradd", json!({}), "user");
    missing("useradd", json!({ "user": {} }), "user.address");
    missing("useradd", json!({ "user": { "address": "a", "token": {} } }), "user.token.appid");
    missing("groupset", json!({ "group": { "flags": 0 } }), "group.gid");
    missing("groupeditmembers", json!({ "group": { "gid": 1 } }), "group.members");
    missing("message", json!({ "message": { "to": "a" } }), "message.from");
    missing("otp", json!({ "otp": {} }), "otp.address");
    assert_eq!(raw(&sandbox, b"{}")["properties"], json!(["op"]));
    assert_eq!(raw(&sandbox, br#"{"op":"useradd"}"#)["properties"], json!(["token"]));
    let (error, either) = refused(&sandbox, "userdel", json!({ "user": {} }));
    assert_eq!((error.as_str(), either.len()), ("MISSINGPROPERTY", 2));
}

#[test]
fn a_key_given_twice_is_refused() {
    let answer =
        raw(&Sandbox::new(), br#"{"op":"useradd","token":"sandbox","user":{"address":"a","address":"b"}}"#);
    assert_eq!(answer["error"], "BADPROPERTY");
    assert_eq!(answer["properties"], json!(["user.address"]));
}

#[test]
fn the_id_comes_back_as_it_was_sent() {
    let sandbox = Sandbox::new();
    for id in [json!(7), json!(-1), json!(u64::MAX)] {
        let payload = json!({ "id": id, "user": { "address": "a" } });
        assert_eq!(done(&sandbox, "useradd", payload)["id"], id);
        assert_eq!(call(&sandbox, "nosuchop", json!({ "id": id }))["id"], id);
    }
    assert!(call(&sandbox, "nosuchop", json!({})).get("id").is_none());
}

#[test]
fn a_success_carries_the_undocumented_members_of_the_wild() {
    let sandbox = Sandbox::new();
    let answer = done(&sandbox, "useradd", json!({ "user": { "address": "a" } }));
    assert_eq!(answer["app"]["token"], "sandbox");
    assert!(answer["app"]["secret"].is_string());
    assert!(answer["app"]["fcm_key"].is_string());
    assert!(answer["account"].is_object());
    assert!(answer["uts"].is_string());
    assert_eq!(answer["disabled"], 0);
}

#[test]
fn apps_know_nothing_of_each_other() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let other = json!({ "message": { "from": "a", "to": "b" } });
    let answer = call_as(&sandbox, "sandbox-two", "message", other);
    assert_eq!(answer["error"], "NOUSER");
    let uid = sandbox.state("sandbox")["users"][0]["uid"].clone();
    let answer = call_as(&sandbox, "sandbox-two", "userdel", json!({ "user": { "uid": uid } }));
    assert_eq!(answer["error"], "NOUSER");
    assert_eq!(sandbox.state("sandbox-two")["users"], json!([]));
}

#[test]
fn two_runs_of_the_same_requests_answer_the_same_bytes() {
    let body = br#"{"op":"useradd","token":"sandbox","user":{"address":"a","token":{"appid":"b"}}}"#;
    let (one, other) = (Sandbox::new(), Sandbox::new());
    assert_eq!(one.answer(body), other.answer(body));
    assert_ne!(one.answer(body), other.answer(b"{}"));
    assert_eq!(one.requests(), 2);
}
