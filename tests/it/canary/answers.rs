//! The real token in upstream's answers.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::finder::Finder;
use super::requests::every_byte;
use super::requests::{KEY, REAL};
use super::settings;
use crate::support::client::ask;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

/// A gateway in front of the stub, with an app whose secrets are in `folder`.
fn with_app(stub: &Stub, folder: &Path) -> Gateway {
    settings(folder, "");
    let app = "[[app]]\nname = 'main'\nkeys = [{ file = 'FOLDER/key' }]\ntoken = { file = 'FOLDER/real' }";
    let app = app.replace("FOLDER", &folder.display().to_string());
    Gateway::with(stub.address, &format!("cache.fresh = '1h'\nkeys.interval = '10ms'\n{app}"))
}

/// Asks with the key, as a form or as JSON, while upstream answers `answer`; returns the call's body and the client's
/// answer.
async fn asked(stub: &Stub, gateway: &Gateway, body: &str, answer: &str) -> (String, Vec<u8>) {
    stub.will_say(answer);
    let (body, head) = (body.replace("KEY", KEY), "POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length:");
    let told = ask(gateway.address, format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    stub.forget_answers();
    let calls = stub.take_calls();
    (calls.first().map_or_else(String::new, |call| String::from_utf8_lossy(&call.body).into()), told.body)
}

#[tokio::test]
async fn the_real_token_is_hidden_however_upstream_writes_it_in_json() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let gateway = with_app(&stub, folder.path());
    let mut leaks = Vec::new();
    for written in [REAL.replace('/', "\\/"), every_byte(REAL, |byte| format!("\\u{byte:04X}"))] {
        for body in ["op=userdel&uid=5&token=KEY", r#"{"op":"userdel","user":{"uid":5},"token":"KEY"}"#] {
            let answer = format!(r#"{{"result":false,"error":"NO","cause":"{written}"}}"#);
            let (_, told) = asked(&stub, &gateway, body, &answer).await;
            leaks.extend(Finder::of(&[REAL]).find(&told).map(|leak| format!("{body}: {leak}")));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[tokio::test]
async fn an_answer_that_was_kept_hides_the_real_token_of_its_time() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let gateway = with_app(&stub, folder.path());
    let members = r#"{"op":"groupgetmembers","token":"KEY","group":{"gid":5}}"#;
    let answer = format!(r#"{{"result":true,"members":[],"app":{{"token":"{REAL}"}}}}"#);
    let (sent, told) = asked(&stub, &gateway, members, &answer).await;
    assert!(sent.contains(REAL));
    Finder::of(&[REAL]).none_in("the fresh answer", &told);
    fs::write(folder.path().join("real"), "another").expect("a file");
    let until = Instant::now() + Duration::from_secs(10);
    while !asked(&stub, &gateway, r#"{"op":"otp","token":"KEY"}"#, r#"{"result":true}"#)
        .await
        .0
        .contains("another")
    {
        assert!(Instant::now() < until, "the new token does not come into use");
    }
    let (_, told) = asked(&stub, &gateway, members, r#"{"result":true,"members":[]}"#).await;
    Finder::of(&[REAL]).none_in("the answer that was kept", &told);
}
