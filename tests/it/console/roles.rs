//! Who may do what.

use serde_json::json;

use super::{Console, OPERATE, VIEW, is_refused};
use crate::support::client::get;

#[tokio::test]
async fn who_may_look_changes_nothing() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    for (path, body) in [
        ("/console/api/switch", json!({ "upstream": true })),
        ("/console/api/decide", json!({ "client": "a/none", "what": "done", "reason": "" })),
        ("/console/api/brownouts", json!({ "pause": true })),
        ("/console/api/breaches/clear", json!({ "app": null })),
        (
            "/console/api/send",
            json!({ "text": "op=userdel&token=sandbox&uid=5", "to": "upstream", "sure": true }),
        ),
    ] {
        let answer = person.post(path, &body).await;
        is_refused(&answer, 403, "role");
        assert!(answer.json()["what"].as_str().expect("text").contains("console.operate"), "{path}");
    }
    assert_eq!(person.get("/console/api/brownouts").await.json()["paused"], false);
    let tried = json!({ "text": "op=userdel&token=sandbox&uid=5", "to": "sandbox" });
    let tried = person.post("/console/api/send", &tried);
    assert_eq!(tried.await.status, 200, "the sandbox is for everybody");
}

#[tokio::test]
async fn an_operator_changes_something_and_leaves_a_line() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    assert_eq!(person.post("/console/api/brownouts", &json!({ "pause": true })).await.status, 204);
    assert_eq!(person.get("/console/api/brownouts").await.json()["paused"], true);
    for (client, status) in [("sandbox/none", 404), ("no slash", 400)] {
        let body = json!({ "client": client, "what": "done", "reason": "moved" });
        assert_eq!(person.post("/console/api/decide", &body).await.status, status, "{client}");
    }
    get(console.program.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=a").await;
    let name = loop {
        let clients = person.get("/console/api/clients").await.json();
        if let Some(name) = clients["clients"][0]["client"].as_str() {
            break name.to_owned();
        }
        tokio::task::yield_now().await;
    };
    let one =
        person.get(&format!("/console/api/client?name={}&as=go", name.replace('/', "%2F"))).await.json();
    let shape = &one["clients"][0]["shapes"][0];
    assert!(shape["code"].as_str().is_some_and(|code| code.contains("package main")), "{one}");
    assert_eq!(shape["fields"][0]["name"], "addr");
    let early =
        person.post("/console/api/decide", &json!({ "client": name, "what": "retired", "reason": "" })).await;
    is_refused(&early, 409, "sure");
    let done = person
        .post("/console/api/decide", &json!({ "client": name, "what": "done", "reason": "moved" }))
        .await;
    assert_eq!(done.status, 204);
    let state = person.get("/console/api/clients").await.json()["clients"][0]["state"].clone();
    assert_eq!(state, "done");
    let log = console.log_with(&format!("\"about\":\"{name} is done\"")).await;
    let lines: Vec<&str> = log.lines().filter(|line| line.contains("console: an action")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.contains("\"role\":\"operate\"")) && lines[0].contains("paused"),
        "{lines:?}"
    );
}
