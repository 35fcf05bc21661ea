//! Calls that are explained and sent.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Console, OPERATE, VIEW, is_refused};
use crate::support::echo::Echo;
use crate::support::program::{mesigate, out};
use crate::support::stub::Stub;

#[tokio::test]
async fn a_call_is_explained_in_whatever_form_it_comes() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    for text in [
        "op=groupadd&token=a-secret-token&name=Team&flag=0x20&sig=none",
        "https://api.mesibo.com/api.php?op=groupadd&token=a-secret-token&name=Team&flag=0x20&sig=none",
        "curl -d op=groupadd -d token=a-secret-token -d name=Team --data flag=0x20 -d sig=none https://api.mesibo.com/backend/",
        "GET /api.php?op=groupadd&token=a-secret-token&name=Team&flag=0x20&sig=none HTTP/1.1\nHost: api.mesibo.com\n\n",
        "POST /api.php HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nop=groupadd&token=a-secret-token&name=Team&flag=0x20&sig=none",
    ] {
        let answer =
            person.post("/console/api/explain", &json!({ "text": text, "as": "python-requests" })).await;
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret-token"), "{text}");
        let told = answer.json();
        assert_eq!((&told["operation"], &told["door"]), (&"groupadd".into(), &"old".into()), "{told}");
        let payload: Value = serde_json::from_str(told["json"].as_str().expect("text")).expect("JSON");
        let expected =
            json!({ "op": "groupadd", "token": "TOKEN", "group": { "name": "Team", "flags": 32 } });
        assert_eq!(payload, expected);
        assert_eq!(told["query"], "op=groupadd&token=TOKEN&name=Team&flag=0x20");
        assert_eq!(told["dropped"][0]["name"], "sig");
        let from: Vec<&Value> =
            told["members"].as_array().expect("a list").iter().map(|member| &member["at"]).collect();
        assert_eq!(from, ["op", "token", "group.name", "group.flags"]);
        assert!(told["members"].as_array().expect("a list").iter().all(|member| member["why"] != ""));
        assert_eq!(
            told["fields"][1],
            json!({ "name": "flag", "sent": "0x20", "to": ["group.flags"], "as": "a number", "why": told["fields"][1]["why"] })
        );
        assert!(told["code"].as_str().expect("text").contains("import requests"));
    }
}

#[tokio::test]
async fn a_line_of_a_program_is_explained_too() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let text = "$r = file_get_contents(\"https://api.mesibo.com/api.php?op=userdel&token=$token&uid=5\");";
    let told = person.post("/console/api/explain", &json!({ "text": text })).await.json();
    assert_eq!((&told["operation"], &told["fields"][0]["to"]), (&"userdel".into(), &json!(["user.uid"])));
    assert_eq!((&told["query"], &told["examples"]), (&"op=userdel&token=TOKEN&uid=5".into(), &json!([])));
    assert!(told["code"].as_str().expect("text").contains("'user' => ['uid' => 5]"), "{told}");
}

#[tokio::test]
async fn what_a_program_knows_only_when_it_runs_is_an_example_and_goes_to_the_sandbox_alone() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    for text in [
        "file_get_contents('https://api.mesibo.com/api.php?op=useradd&token=a-secret-token&appid=com.x&sig=' . $s . '&addr=' . urlencode($who));",
        "$p = ['op' => 'useradd', 'token' => 'a-secret-token', 'appid' => 'com.x', 'sig' => $s, 'addr' => $who]; mesibo($p);",
        "requests.get('https://api.mesibo.com/api.php', params={'op': 'useradd', 'token': 'a-secret-token', 'appid': 'com.x', 'sig': s, 'addr': who})",
        "fetch(`https://api.mesibo.com/api.php?op=useradd&token=a-secret-token&appid=com.x&sig=${s}&addr=${encodeURIComponent(who)}`)",
    ] {
        let told = person.post("/console/api/explain", &json!({ "text": text })).await.json();
        let payload: Value = serde_json::from_str(told["json"].as_str().expect("text")).expect("JSON");
        assert_eq!(
            (&payload["user"]["address"], &payload["user"]["token"]["appid"]),
            (&"ana".into(), &"com.x".into()),
            "{text}: {told}"
        );
        assert_eq!(told["examples"], json!(["addr"]), "{text}");
        assert!(!told.to_string().contains("a-secret-token"), "{told}");
        assert_eq!(sent_by(&person, text).await["old"]["status"], 200, "{text}");
        person.post("/console/api/switch", &json!({ "upstream": true })).await;
        let body = json!({ "text": text, "to": "upstream", "sure": true });
        let refused = person.post("/console/api/send", &body).await;
        is_refused(&refused, 422, "bad");
        assert!(refused.json()["what"].as_str().expect("text").contains("addr"));
    }
}

#[tokio::test]
async fn a_program_whose_parameters_lack_shows_where_those_go_that_are_there() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let text = "mesibo(array_merge($more, ['op' => 'useradd', 'token' => $token, 'addr' => $who]));";
    let told = person.post("/console/api/explain", &json!({ "text": text })).await.json();
    assert_eq!((&told["json"], &told["query"]), (&"".into(), &Value::Null), "{told}");
    assert_eq!(told["fields"][0]["to"], json!(["user.address"]));
    assert!(told["doubts"].to_string().contains("appid"), "{told}");
}

#[tokio::test]
async fn the_code_is_that_of_the_command() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let query = "op=useradd&token=T&addr=ana&appid=com.example.app";
    let url = person.get("/console/api/state").await.json()["upstreams"][0]["url"]
        .as_str()
        .expect("text")
        .to_owned();
    for language in person.get("/console/api/languages").await.json().as_array().expect("a list") {
        let word = language["name"].as_str().expect("a word");
        let told = person.post("/console/api/explain", &json!({ "text": query, "as": word })).await.json();
        let mut command = mesigate(&["explain", "--as", word, query]);
        let printed = command.env("MESIGATE__UPSTREAM__URL", &url).output().expect("the program runs");
        assert_eq!(told["code"].as_str(), Some(&*out(&printed)), "{word}");
    }
}

#[tokio::test]
async fn what_holds_no_call_says_what_would() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    for text in ["", "hello", "$x = 5;", "curl", "wget https://api.mesibo.com/"] {
        is_refused(&person.post("/console/api/explain", &json!({ "text": text })).await, 422, "bad");
    }
    let told =
        person.post("/console/api/explain", &json!({ "text": "op=useradd&token=T&addr=ana" })).await.json();
    assert_eq!((&told["operation"], &told["refused"]["error"]), (&"useradd".into(), &"MISSINGPARAM".into()));
    assert_eq!(told["refused"]["properties"], json!(["appid"]));
}

#[tokio::test]
async fn the_sandbox_answers_in_both_dialects_and_shows_what_has_changed() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let told = sent_by(&person, "op=useradd&token=a-real-token&addr=ana&appid=com.example.app&id=7").await;
    let old: Value = serde_json::from_str(told["old"]["body"].as_str().expect("text")).expect("JSON");
    assert_eq!((&old["result"], &old["id"], &old["user"]["uid"]), (&true.into(), &7.into(), &101.into()));
    let new: Value = serde_json::from_str(told["json"]["body"].as_str().expect("text")).expect("JSON");
    assert_eq!((&new["result"], &new["user"]["address"]), (&true.into(), &"ana".into()));
    assert!(!told["json"]["asked"].as_str().expect("text").contains("a-real-token"));
    assert_eq!(told["changed"], json!(["user ana (uid 101) was added"]));
    let told = sent_by(&person, "op=userdel&token=T&addr=nobody").await;
    assert_eq!(told["changed"], json!([]));
    let told = sent_by(&person, "op=userdel&token=T").await;
    assert_eq!((&told["json"], &told["changed"]), (&Value::Null, &json!([])), "nothing is sent");
    assert!(told["old"]["body"].as_str().expect("text").contains("MISSINGPARAM"));
    let told = sent_by(&person, r#"{"op":"userdel","token":"T","user":{"uid":101}}"#).await;
    assert_eq!((&told["old"], &told["changed"]), (&Value::Null, &json!(["user ana (uid 101) is gone"])));
    for operation in person.get("/console/api/operations").await.json().as_array().expect("a list") {
        let told = sent_by(&person, operation["example"].as_str().expect("text")).await;
        assert_ne!(told["json"], Value::Null, "{}: {told}", operation["name"]);
    }
}

async fn sent_by(person: &super::Person<'_>, text: &str) -> Value {
    person.post("/console/api/send", &json!({ "text": text, "to": "sandbox" })).await.json()
}

#[tokio::test]
async fn upstream_is_asked_behind_a_switch_and_for_a_write_a_second_word() {
    let echo = Echo::start(Duration::ZERO).await;
    let upstream = format!("http://{}/backend/", echo.address);
    let console = Console::with("", &["--upstream", &upstream]);
    let person = console.log_in(OPERATE).await;
    let send = |sure: bool| {
        let text = "op=userdel&token=a-real-token&uid=5";
        let body = json!({ "text": text, "to": "upstream", "sure": sure });
        let person = &person;
        async move { person.post("/console/api/send", &body).await }
    };
    is_refused(&send(true).await, 403, "off");
    assert_eq!(person.post("/console/api/switch", &json!({ "upstream": true })).await.status, 204);
    is_refused(&send(false).await, 409, "sure");
    let answer = send(true).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json());
    assert!(!String::from_utf8_lossy(&answer.body).contains("a-real-token"));
    let told = answer.json();
    assert_eq!((&told["json"]["status"], &told["changed"]), (&200.into(), &json!([])));
    let no_token = json!({ "text": "op=userdel&token=TOKEN&uid=5", "to": "upstream", "sure": true });
    is_refused(&person.post("/console/api/send", &no_token).await, 400, "bad");
    // The sandbox is there also for a gateway with another upstream.
    assert_eq!(
        sent_by(&person, "op=useradd&token=T&addr=ana&appid=a").await["changed"],
        json!(["user ana (uid 101) was added"])
    );
    assert_eq!(person.post("/console/api/switch", &json!({ "upstream": false })).await.status, 204);
    is_refused(&send(true).await, 403, "off");
    let log = console.log_with("sending to upstream is off").await;
    assert!(log.contains("userdel to upstream") && !log.contains("a-real-token"));
}

#[tokio::test]
async fn what_upstream_tells_of_the_app_is_not_shown() {
    let stub = Stub::start().await;
    let console = Console::with("", &["--upstream", &format!("http://{}/backend/", stub.address)]);
    let person = console.log_in(OPERATE).await;
    person.post("/console/api/switch", &json!({ "upstream": true })).await;
    stub.will_say(
        r#"{"op":"userdel","result":true,"app":{"name":"shop","secret":"a-webhook-secret","fcm_key":"a-push-key","token":"a-real-token"}}"#,
    );
    let body = json!({ "text": "op=userdel&token=TOKEN&uid=5", "to": "upstream", "token": "a-real-token", "sure": true });
    let told = person.post("/console/api/send", &body).await.json();
    let calls = stub.take_calls();
    assert!(String::from_utf8_lossy(&calls[0].body).contains("\"token\":\"a-real-token\""), "it is sent");
    let shown = told["json"]["body"].as_str().expect("text");
    assert!(shown.contains("\"name\": \"shop\"") && !told.to_string().contains("a-"), "{told}");
}
