//! Secrets in upstream's answers, and two apps beside each other.

use serde_json::json;

use super::Api;
use crate::support::client;

/// An app token that cannot be part of anything else.
const LEAKY: &str = "sandbox-0123456789";

#[tokio::test]
async fn the_secrets_in_upstreams_answers_reach_no_old_client() {
    let api = Api::open().await;
    // The sandbox adds these to every success.
    let secrets =
        [LEAKY, "sandbox-webhook-secret", "sandbox-push-key", "\"app\":", "\"account\":", "\"uts\":"];
    for (query, result) in [
        ("op=useradd&addr=alice&appid=a", true),
        ("op=userset&addr=alice&active=1", true),
        ("op=deltoken&addr=alice", true),
        ("op=groupadd&name=g&m=alice", true),
        // The sandbox numbers its groups from here.
        ("op=groupset&gid=97001&name=h", true),
        ("op=groupeditmembers&gid=97001&m=alice&cs=1", true),
        ("op=groupgetmembers&gid=97001", true),
        ("op=message&from=alice&gid=97001&msg=x", true),
        ("op=otp&addr=1800555", true),
        ("op=groupdel&gid=97001", true),
        ("op=userdel&addr=alice", true),
        ("op=userdel&addr=alice", false),
    ] {
        let answer = api.send(LEAKY, query).await;
        assert_eq!(answer.json()["result"], result, "{query}");
        let seen = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body));
        let leaked = secrets.iter().find(|secret| seen.contains(**secret));
        assert_eq!(leaked, None, "{query}");
    }
}

#[tokio::test]
async fn the_json_door_gets_upstreams_answer_as_it_is() {
    let api = Api::open().await;
    let json = json!({ "op": "useradd", "token": LEAKY, "user": { "address": "bob" } }).to_string();
    let request =
        format!("POST /backend/ HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    let answer = client::ask(api.gateway.address, request.as_bytes()).await.json();
    assert_eq!(answer["user"]["address"], "bob");
    assert_eq!(answer["app"]["token"], LEAKY);
    assert_eq!(answer["app"]["secret"], "sandbox-webhook-secret");
    assert_eq!(answer["app"]["fcm_key"], "sandbox-push-key");
}

#[tokio::test]
async fn two_apps_do_not_see_each_other() {
    let api = Api::open().await;
    let answer = api.send("sandbox-a", "op=useradd&addr=alice&appid=a").await.json();
    let uid = answer["user"]["uid"].to_string();
    let gid = api.send("sandbox-a", "op=groupadd&name=g&m=alice").await.json()["group"]["gid"].to_string();
    for (query, error) in [
        (format!("op=userdel&uid={uid}"), "NOUSER"),
        ("op=userset&addr=alice&active=0".to_owned(), "NOUSER"),
        (format!("op=groupgetmembers&gid={gid}"), "NOGROUP"),
        (format!("op=groupdel&gid={gid}"), "NOGROUP"),
    ] {
        assert_eq!(api.send("sandbox-b", &query).await.json()["error"], error, "{query}");
    }
    assert_eq!(api.sandbox.state("sandbox-b")["users"], json!([]));
    assert_eq!(api.sandbox.state("sandbox-a")["users"][0]["active"], true);
    assert_eq!(api.send("somebody-elses", "op=groupadd&name=g").await.json()["error"], "AUTHFAIL");
}
