//! Keys that replace real tokens; no client ever sees the real token.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{DONE, Secrets, is_refused, post, sent};
use crate::support::client::{Answer, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn each_key_becomes_its_own_apps_real_token() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    for (key, real) in [("shop-key", "shop-real"), ("clinic-key", "clinic-real"), ("Shop-Key", "Shop-Key")] {
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op=userdel&token={key}&uid=5")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"userdel","token":"{key}","user":{{"uid":5}}}}"#);
        post(gateway.address, "/backend", &body).await;
        let expected = format!(r#"{{"op":"userdel","token":"{real}","user":{{"uid":5}}}}"#);
        assert_eq!(sent(&stub), [expected.clone(), expected]);
    }
}

#[tokio::test]
async fn a_json_request_stays_as_it_is_but_for_the_token() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    let (key, real) = (r#""shop-key""#, r#""shop-real""#);
    for body in [
        r#"{"token":"shop-key","op":"userdel","user":{"uid":5}}"#,
        r#"{"op":"userdel","user":{"uid":5},"token":"shop-key"}"#,
        "{ \"id\" : 1.50 ,\n\t\"op\":\r\n\"userdel\" ,\"token\" :\t\"shop-key\"  , \"user\":{ \"uid\":5e0, \"é\":\"\\u00e9\\/\" } }",
        r#"{"op":"message","token":"shop-key","message":{"a":1,"a":2,"big":123456789012345678901234567890}}"#,
    ] {
        stub.will_say(DONE);
        post(gateway.address, "/backend", body).await;
        assert_eq!(sent(&stub), [body.replace(key, real)]);
    }
    for (target, body, expected) in [
        // Only the member at the top is the token, however its text is escaped.
        (
            "/backend",
            r#"{"user":{"token":"shop-key"},"x":"shop-key","token":"shop\u002dkey","op":"userdel"}"#,
            r#"{"user":{"token":"shop-key"},"x":"shop-key","token":"shop-real","op":"userdel"}"#,
        ),
        // The gateway puts a token of the query into the JSON.
        (
            "/backend?token=shop-key",
            r#"{"op":"userdel", "user":{"uid":5}}"#,
            r#"{"token":"shop-real","op":"userdel", "user":{"uid":5}}"#,
        ),
        (
            "/backend?op=userdel&token=shop-key",
            r#"{"user":{"uid":5} }"#,
            r#"{"op":"userdel","token":"shop-real","user":{"uid":5} }"#,
        ),
        (
            "/backend?op=userdel",
            r#"{"user":{"uid":5}, "token" : "shop-key"}"#,
            r#"{"op":"userdel","user":{"uid":5}, "token" : "shop-real"}"#,
        ),
    ] {
        stub.will_say(DONE);
        post(gateway.address, target, body).await;
        assert_eq!(sent(&stub), [expected]);
    }
}

#[tokio::test]
async fn a_token_that_needs_escapes_is_written_as_json_and_hidden_in_every_spelling() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("shop-token", r#"re"al\é"#);
    let gateway = Gateway::with(stub.address, &secrets.shop(""));
    for door in ["legacy", "json"] {
        stub.will_say(r#"{"op":"useradd","result":false,"error":"X","cause":"re\"al\\é is bad"}"#);
        let answer = useradd(gateway.address, door).await;
        assert_eq!(answer.json()["cause"], "*** is bad");
        let sent: Value = serde_json::from_str(&sent(&stub)[0]).expect("JSON");
        assert_eq!(sent["token"], r#"re"al\é"#);
    }
}

#[tokio::test]
async fn a_token_that_php_writes_with_escapes_is_hidden() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("shop-token", "re/al");
    let gateway = Gateway::with(stub.address, &secrets.shop(""));
    for door in ["legacy", "json"] {
        for spelling in [r"re\/al", r"re\u002fal"] {
            stub.will_say(&format!(r#"{{"result":false,"error":"X","cause":"{spelling}"}}"#));
            let answer = useradd(gateway.address, door).await;
            assert_eq!(answer.json()["cause"], "***", "{spelling} on the {door} door");
            stub.take_calls();
        }
    }
}

async fn useradd(address: SocketAddr, door: &str) -> Answer {
    if door == "legacy" {
        return get(address, "/api.php?op=useradd&token=shop-key&addr=ann&appid=a").await;
    }
    let body = r#"{"op":"useradd","token":"shop-key","user":{"address":"ann"}}"#;
    post(address, "/backend", body).await
}

#[tokio::test]
async fn the_real_token_never_comes_back() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    for door in ["legacy", "json"] {
        for echo in [
            // The token in members that the table shows, in other members, in keys, and inside text.
            r#"{"result":true,"user":{"uid":5,"address":"shop-real","token":"shop-real"},"app":{"token":"shop-real"}}"#,
            r#"{"result":true,"user":{"uid":5,"token":"<shop-realshop-real>"},"shop-real":1}"#,
            r#"{"result":false,"error":"shop-real","code":400,"cause":"no app has shop-real","properties":["shop-real"]}"#,
            r#"{"result":false,"error":"AUTHFAIL","code":401,"cause":"shop-real"}"#,
        ] {
            stub.will_say(echo);
            let answer = useradd(gateway.address, door).await;
            let text = String::from_utf8(answer.body.clone()).expect("text");
            assert!(!text.contains("shop-real") && text.contains("***"), "{door}: {text}");
            assert!(answer.json().is_object());
        }
    }
    assert_eq!(stub.take_calls().len(), 8);
}

#[tokio::test]
async fn the_real_token_does_not_come_back_out_of_the_cache_either() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &format!("cache.fresh = '1h'\n{}", secrets.two_apps()));
    stub.will_say(r#"{"result":true,"members":[{"uid":1,"address":"shop-real"}],"app":"shop-real"}"#);
    for _ in 0..2 {
        let legacy = get(gateway.address, "/api.php?op=groupgetmembers&token=shop-key&gid=7").await;
        let body = r#"{"op":"groupgetmembers","token":"shop-key","group":{"gid":7}}"#;
        let json = post(gateway.address, "/backend", body).await;
        for answer in [legacy, json] {
            assert_eq!(answer.json()["members"][0]["address"], "***");
            assert!(!String::from_utf8_lossy(&answer.body).contains("shop-real"));
        }
    }
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_nobodys_key_passes_or_is_refused_as_the_settings_say() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let ways = ["/api.php?op=userdel&token=T&uid=5&id=3", ""];
    let body = r#"{"op":"userdel","token":"T","user":{"uid":5},"id":3}"#;
    let passing = Gateway::with(stub.address, &secrets.two_apps());
    let refusing = Gateway::with(stub.address, &format!("unknown_tokens = 'refuse'\n{}", secrets.two_apps()));
    for way in ways {
        let ask = |address| async move {
            if way.is_empty() { post(address, "/backend", body).await } else { get(address, way).await }
        };
        stub.will_say(r#"{"op":"userdel","result":true,"cause":"T"}"#);
        assert_eq!(ask(passing.address).await.json()["result"], true);
        let sent: Value = serde_json::from_str(&sent(&stub)[0]).expect("JSON");
        assert_eq!(sent["token"], "T");
        let answer = ask(refusing.address).await;
        is_refused(&answer, "AUTHFAIL");
        let json = answer.json();
        assert_eq!((&json["id"], &json["op"], &json["code"]), (&json!(3), &json!("userdel"), &json!(401)));
        assert_eq!(
            json["cause"],
            "`token` is none that this gateway knows: use a key that its owner has given out"
        );
    }
    // A request without a token has no known one.
    is_refused(&post(refusing.address, "/backend", r#"{"op":"userdel","user":{}}"#).await, "AUTHFAIL");
    // Refusing works without apps too: then no client comes in.
    let closed = Gateway::with(stub.address, "unknown_tokens = 'refuse'");
    is_refused(&get(closed.address, ways[0]).await, "AUTHFAIL");
}
