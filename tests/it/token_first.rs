//! The token comes first: the answer to a request with wrong parameters depends on what upstream says of its token.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::apps::Secrets;
use crate::support::client::{Answer, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const ON: &str = "legacy.token_first = true\n";
const DEAD: &str = r#"{"error":"AUTHFAIL","code":401,"cause":"Invalid or expired app token","properties":["token"],"op":"useradd","result":false}"#;
const ALIVE: &str = r#"{"error":"MISSING","code":400,"cause":"user is missing","properties":["user"],"op":"useradd","result":false}"#;
const DONE: &str = r#"{"op":"x","result":true}"#;

async fn scan(gateway: SocketAddr, token: &str) -> Answer {
    get(gateway, &format!("/api.php?op=useradd&token={token}&id=3")).await
}

fn missing() -> Value {
    json!({
        "op": "useradd", "result": false, "error": "MISSINGPARAM", "code": 400, "id": 3,
        "cause": "`addr` is missing or empty: it is required; `appid` is missing or empty: it is required",
        "properties": ["addr", "appid"],
    })
}

/// What upstream was asked since the last look.
fn asked(stub: &Stub) -> Vec<Value> {
    let calls = stub.take_calls().into_iter();
    calls.map(|call| serde_json::from_slice(&call.body).expect("JSON")).collect()
}

#[tokio::test]
async fn a_token_that_upstream_refuses_is_told_so_in_its_words_whatever_is_missing() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, ON);
    stub.will_say(DEAD);
    let answer = scan(gateway.address, "OLD").await;
    let mut expected = json!({
        "error": "AUTHFAIL", "code": 401, "cause": "Invalid or expired app token", "properties": ["token"],
        "op": "useradd", "result": false, "id": 3,
    });
    assert_eq!((answer.status, answer.json()), (200, expected.clone()));
    assert_eq!(answer.header("x-mesigate-outcome"), Some("not-sent"));
    assert_eq!(asked(&stub), [json!({ "op": "useradd", "token": "OLD" })], "a call that makes nothing");
    // Upstream's word on the token is remembered, for every operation.
    let answer = get(gateway.address, "/api.php?op=groupdel&token=OLD&gid=x").await.json();
    expected["op"] = json!("groupdel");
    expected.as_object_mut().expect("an object").remove("id");
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_token_that_upstream_takes_is_told_what_is_wrong_with_its_parameters() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, ON);
    stub.will_say(ALIVE);
    for _ in 0..2 {
        assert_eq!(scan(gateway.address, "GOOD").await.json(), missing());
    }
    assert_eq!(asked(&stub).len(), 1, "it is remembered");
    // Until upstream says otherwise.
    stub.will_say(DEAD);
    get(gateway.address, "/api.php?op=userdel&token=GOOD&uid=5").await;
    stub.will_say(DEAD);
    assert_eq!(scan(gateway.address, "GOOD").await.json()["error"], "AUTHFAIL");
    stub.take_calls();
}

#[tokio::test]
async fn nobody_is_asked_about_a_token_that_upstream_has_taken() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, ON);
    stub.will_say(DONE);
    get(gateway.address, "/api.php?op=userdel&token=GOOD&uid=5").await;
    stub.take_calls();
    assert_eq!(scan(gateway.address, "GOOD").await.json(), missing());
}

#[tokio::test]
async fn nobody_is_asked_about_a_key_or_where_the_settings_or_the_table_say_no() {
    let secrets = Secrets::new();
    secrets.write("none.toml", "probe = ''\n");
    let app = format!("{ON}{}", secrets.shop(""));
    let none = format!("{ON}operations = '{}'\n", secrets.path("none.toml"));
    for (settings, token) in [(&*app, "shop-key"), ("legacy.token_first = false\n", "T"), (&none, "T")] {
        let stub = Stub::start().await;
        let gateway = Gateway::with(stub.address, settings);
        assert_eq!(scan(gateway.address, token).await.json(), missing(), "{settings}");
        assert_eq!(stub.call_count(), 0);
    }
}

#[tokio::test]
async fn where_upstream_does_not_say_the_parameters_are_refused_and_the_next_one_asks_again() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, ON);
    for says in ["HTTP/1.1 502 Bad Gateway\nContent-Type: text/html\nContent-Length: 4\n\n<h1>", ALIVE] {
        stub.will_say(says);
        assert_eq!(scan(gateway.address, "T").await.json(), missing());
        assert_eq!(asked(&stub).len(), 1, "once, and not again for the same request");
    }
}

#[tokio::test]
async fn what_is_asked_counts_against_the_limits() {
    let stub = Stub::start().await;
    let limit = "[[limit]]\nname = 'all'\nper = 'client-address'\nrate = '1/hour'\n";
    let gateway = Gateway::with(stub.address, &format!("{ON}{limit}"));
    stub.will_say(DEAD);
    assert_eq!(scan(gateway.address, "ONE").await.json()["error"], "AUTHFAIL");
    assert_eq!(scan(gateway.address, "TWO").await.json()["error"], "RATELIMIT");
    assert_eq!(asked(&stub).len(), 1);
}

#[tokio::test]
async fn all_who_try_one_token_at_once_wait_for_one_answer() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, ON);
    let answer = stub.will_wait(DEAD);
    let go_on = async {
        while stub.call_count() == 0 {
            tokio::task::yield_now().await;
        }
        answer.send(()).expect("it waits");
    };
    let (one, other, ()) = tokio::join!(scan(gateway.address, "OLD"), scan(gateway.address, "OLD"), go_on);
    assert_eq!((one.json()["error"].clone(), other.json()), (json!("AUTHFAIL"), one.json()));
    assert_eq!(asked(&stub).len(), 1);
}
