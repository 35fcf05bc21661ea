//! useradd, userset, userdel, otp.

use std::time::Duration;

use serde_json::json;

use super::{APP, done, fault, group, refused, texts, token, users};
use crate::sandbox::{LoginRefused, Sandbox};

const APPID: &str = "com.example.app";

#[test]
fn a_user_gets_a_number_and_keeps_it() {
    let sandbox = Sandbox::new();
    let first = done(&sandbox, "useradd", json!({ "user": { "address": "a" } }));
    assert_eq!(first["user"], json!({ "uid": 101, "address": "a" }));
    let again = done(&sandbox, "useradd", json!({ "user": { "address": "a", "name": "Ana" } }));
    assert_eq!(again["user"]["uid"], 101);
    assert_eq!(sandbox.state(APP)["users"][0]["name"], "Ana");
}

#[test]
fn a_new_token_replaces_the_one_of_the_same_app() {
    let sandbox = Sandbox::new();
    let (first, second) = (token(&sandbox, "a"), token(&sandbox, "a"));
    assert_ne!(first, second);
    assert_eq!(sandbox.login(&first, APPID), Err(LoginRefused::UnknownToken));
    assert_eq!(sandbox.login(&second, APPID), Ok(101));
    assert_eq!(sandbox.login(&second, "other"), Err(LoginRefused::OtherApp));
}

#[test]
fn the_expiry_of_a_token_counts_minutes() {
    let sandbox = Sandbox::new();
    let user = json!({ "address": "a", "token": { "appid": APPID, "expiry": 2 } });
    let answer = done(&sandbox, "useradd", json!({ "user": user }));
    let token = answer["user"]["token"].as_str().unwrap();
    sandbox.advance(Duration::from_secs(110));
    assert_eq!(sandbox.login(token, APPID), Ok(101));
    sandbox.advance(Duration::from_secs(10));
    assert_eq!(sandbox.login(token, APPID), Err(LoginRefused::Expired));
    assert_eq!(sandbox.state(APP)["users"][0]["online"], false);
}

#[test]
fn a_token_lives_a_year_unless_told_otherwise() {
    let sandbox = Sandbox::new();
    token(&sandbox, "a");
    let ends = sandbox.state(APP)["users"][0]["tokens"][0]["expires"].as_u64();
    assert!(ends >= Some(525_600 * 60));
}

#[test]
fn removing_the_token_logs_out_and_keeps_the_user_and_what_comes() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["b"]);
    let token = token(&sandbox, "a");
    sandbox.login(&token, APPID).unwrap();
    let user = json!({ "uid": 102, "token": { "remove": true } });
    let answer = done(&sandbox, "userset", json!({ "user": user }));
    assert_eq!(answer["user"], json!({ "uid": 102, "address": "a" }));
    assert_eq!(sandbox.login(&token, APPID), Err(LoginRefused::UnknownToken));
    done(&sandbox, "message", json!({ "message": { "from": "b", "to": "a", "message": "later" } }));
    assert_eq!(texts(&sandbox, "a"), ["later"]);
}

#[test]
fn a_user_who_is_not_active_neither_logs_in_nor_sends() {
    let sandbox = Sandbox::new();
    let token = token(&sandbox, "a");
    done(&sandbox, "userset", json!({ "user": { "address": "a", "active": false } }));
    assert_eq!(sandbox.login(&token, APPID), Err(LoginRefused::Inactive));
    let message = json!({ "message": { "from": "a", "to": "a" } });
    assert_eq!(refused(&sandbox, "message", message), fault("NOTALLOWED", "message.from"));
}

#[test]
fn deleting_a_user_ends_every_membership() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    group(&sandbox, 0, "a,b");
    let answer = done(&sandbox, "userdel", json!({ "user": { "uid": 101 } }));
    assert_eq!(answer["user"], json!({ "uid": 101 }));
    let members = sandbox.state(APP)["groups"][0]["members"].clone();
    assert_eq!(members.as_array().unwrap().len(), 1);
    let again = refused(&sandbox, "userdel", json!({ "user": { "uid": 101 } }));
    assert_eq!(again, fault("NOUSER", "user.uid"));
}

#[test]
fn uid_and_address_must_name_the_same_user() {
    let sandbox = Sandbox::new();
    users(&sandbox, &["a", "b"]);
    let other = json!({ "user": { "uid": 101, "address": "b" } });
    assert_eq!(refused(&sandbox, "userset", other), fault("NOUSER", "user.uid"));
    done(&sandbox, "userset", json!({ "user": { "uid": 101, "address": "a" } }));
}

#[test]
fn a_token_of_the_second_version_needs_no_appid() {
    let sandbox = Sandbox::new();
    let block = json!({ "v2": true, "package": "com.example.droid", "android": true });
    let user = json!({ "user": { "address": "a", "token": block } });
    let answer = done(&sandbox, "useradd", user);
    let token = answer["user"]["token"].as_str().unwrap();
    assert_eq!(sandbox.login(token, "com.example.droid"), Ok(101));
}

#[test]
fn every_documented_member_of_a_user_is_known() {
    let user = json!({
        "address": "a", "name": "Ana", "active": true, "flags": 0, "otp": "123456",
        "groups": 10, "restrictions": 0,
        "permissions": { "retention": true, "peers": 5, "groupCreate": false },
        "profile": { "name": "Ana", "image": "i", "info": "x", "status": "s", "update": true },
        "token": { "appid": APPID, "session": 0, "expiry": 525_600, "autorefresh": 0 },
    });
    done(&Sandbox::new(), "useradd", json!({ "user": user }));
}

#[test]
fn an_otp_is_six_digits_and_is_given_again_only_when_asked() {
    let sandbox = Sandbox::new();
    let ask = |reuse: bool| {
        let otp = json!({ "address": "919876500000", "tries": 5, "expiry": 300, "reuse": reuse });
        let answer = done(&sandbox, "otp", json!({ "otp": otp }));
        answer["otp"].as_str().unwrap().to_owned()
    };
    let first = ask(true);
    assert_eq!(first.len(), 6);
    assert_eq!(ask(true), first);
    let second = ask(false);
    assert_ne!(second, first);
    sandbox.advance(Duration::from_mins(5));
    assert_ne!(ask(true), second);
}
