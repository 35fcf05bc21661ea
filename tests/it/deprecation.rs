//! What old clients are told of the old door's end: Deprecation, Sunset and Link.

mod reach; // rules that no call can reach

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mesigate::snapshot::reload::ReloadOutcome;
use tokio::net::TcpStream;

use crate::apps::{Secrets, post};
use crate::support::client::{Answer, ask};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;

const RULE: &str = "since = 2026-01-01\nsunset = '2027-03-01T08:00:00Z'\n\
                    link = 'https://example.com/old'\nsuccessor = 'https://example.com/new'\n";
const LINK: &str = "<https://example.com/old>; rel=\"deprecation\"; type=\"text/html\", <https://example.com/new>; rel=\"successor-version\"";
const WHOLE: [Option<&str>; 3] = [Some("@1767225600"), Some("Mon, 01 Mar 2027 08:00:00 GMT"), Some(LINK)];
const NONE: [Option<&str>; 3] = [None; 3];

fn said(answer: &Answer) -> [Option<&str>; 3] {
    ["deprecation", "sunset", "link"].map(|name| answer.header(name))
}

/// Asks by the old door, as a program.
async fn old(gateway: &Gateway, query: &str, program: &str) -> Answer {
    let head = format!("GET /api.php?{query} HTTP/1.1\r\nHost: g\r\nUser-Agent: {program}\r\n\r\n");
    ask(gateway.address, head.as_bytes()).await
}

#[tokio::test]
async fn answers_and_refusals_of_the_old_door_tell_its_end_and_json_does_not() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, &format!("[[deprecation]]\n{RULE}"));
    for (query, result) in [
        ("op=userdel&token=T&uid=5", true),
        ("op=userdel&token=T", false),
        ("op=userdel&uid=5", false),
        ("op=nonsense&token=T", false),
    ] {
        let answer = old(&gateway, query, "okhttp/4.9").await;
        assert_eq!((answer.json()["result"].as_bool(), said(&answer)), (Some(result), WHOLE), "{query}");
    }
    let json = post(gateway.address, "/api.php", r#"{"op":"userdel","token":"T","user":{"uid":5}}"#).await;
    assert_eq!((json.json()["result"].as_bool(), said(&json)), (Some(true), NONE));
    let outside = old(&gateway, "", "okhttp/4.9").await;
    assert_eq!(outside.header("sunset").is_some(), outside.json()["error"] == "NOOP");
    let options = ask(gateway.address, b"OPTIONS /api.php HTTP/1.1\r\nHost: g\r\n\r\n").await;
    assert_eq!(said(&options), NONE);
}

#[tokio::test]
async fn the_first_rule_for_app_operation_and_program_counts() {
    let (echo, secrets) = (Echo::start(Duration::ZERO).await, Secrets::new());
    let rules = "[[deprecation]]\nprograms = ['okhttp']\noperations = ['userdel']\nsince = 1970-01-01T00:00:01Z\n\
                 [[deprecation]]\napps = ['shop']\nsince = 1970-01-01T00:00:02Z\n\
                 [[deprecation]]\noperations = ['userset']\nsince = 1970-01-01T00:00:03Z\n\
                 [[deprecation]]\nprograms = ['none']\nsince = 1970-01-01T00:00:04Z\n";
    let gateway = Gateway::with(echo.address, &(secrets.two_apps() + rules));
    for (query, program, since) in [
        ("op=userdel&token=shop-key&uid=5", "OkHttp/4.9", Some("@1")),
        ("op=userdel&token=T&uid=5", "okhttp", Some("@1")),
        ("op=deluser&token=shop-key&uid=5", "curl/8", Some("@2")),
        ("op=userset&token=shop-key&uid=5", "okhttp", Some("@2")),
        ("op=userset&token=clinic-key&uid=5", "okhttp", Some("@3")),
        ("op=userset&token=T&uid=5", "curl/8", Some("@3")),
        ("op=userdel&token=T&uid=5", "", Some("@4")),
        ("op=userdel&token=clinic-key&uid=5", "curl/8", None),
        ("op=nonsense&token=T", "okhttp", None),
    ] {
        let answer = old(&gateway, query, program).await;
        assert_eq!(said(&answer), [since, None, None], "{query} {program}");
    }
}

#[tokio::test]
async fn a_reload_changes_what_is_told_and_without_a_rule_nothing_is() {
    let echo = Echo::start(Duration::ZERO).await;
    let to = |more: &str| format!("upstream.url = 'http://{}/backend/'\n{more}", echo.address);
    let gateway = Gateway::start(&to(""));
    let now = async || old(&gateway, "op=userdel&token=T&uid=5", "okhttp").await;
    assert_eq!(said(&now().await), NONE);
    assert_eq!(gateway.reload(&to(&format!("[[deprecation]]\n{RULE}"))), ReloadOutcome::Applied);
    assert_eq!(said(&now().await), WHOLE);
    assert_eq!(gateway.reload(&to("[[deprecation]]\nsince = '2026-01-01'")), ReloadOutcome::Applied);
    assert_eq!(said(&now().await), [WHOLE[0], None, None]);
    assert_eq!(gateway.reload(&to("")), ReloadOutcome::Applied);
    assert_eq!(said(&now().await), NONE);
}

#[tokio::test]
async fn http_2_has_the_same_headers_and_pages_may_read_them() {
    let echo = Echo::start(Duration::ZERO).await;
    let settings =
        format!("listen.http2 = true\ncors.origins = ['https://console.example']\n[[deprecation]]\n{RULE}");
    let gateway = Gateway::with(echo.address, &settings);
    let stream = TcpStream::connect(gateway.address).await.expect("a connection");
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(async move { drop(connection.await) });
    let request = hyper::Request::get("http://g/api.php?op=userdel&token=T&uid=5")
        .header("origin", "https://console.example")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
    assert_eq!(["deprecation", "sunset", "link"].map(header), WHOLE);
    let exposed = header("access-control-expose-headers").expect("names");
    for name in ["Deprecation", "Sunset", "Link", "X-Mesigate-Would-Brownout"] {
        assert!(exposed.split(", ").any(|known| known == name), "{name}: {exposed}");
    }
}
