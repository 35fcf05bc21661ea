//! Requests that are too big, and far too many at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{ONE_AT_A_TIME, post, serving};
use crate::support::client::{Answer, Client};
use crate::support::echo::Echo;

fn get_with(query: &str, headers: &str) -> Vec<u8> {
    format!("GET /backend?op=message&token=T&from=a&to=b&msg=x{query} HTTP/1.1\r\nHost: g\r\n{headers}\r\n")
        .into_bytes()
}

/// Requests that are too big in some way, with the status and `error` of their refusal; no error where it is not too
/// big.
fn oversized() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let form =
        |value: usize| format!("op=message&token=T&from=a&to=b&msg={}", "m".repeat(value)).into_bytes();
    let over = form(1024 * 1024);
    let chunked = [
        b"POST /backend HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(),
        format!("{:x}\r\n", over.len()).as_bytes(),
        &over,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let many: String = (0..100).map(|number| format!("X-{number}: 1\r\n")).collect();
    vec![
        ("a header of 20 KB", get_with("", &format!("X-A: {}\r\n", "a".repeat(20_000))), 200, ""),
        ("a header of 40 KB", get_with("", &format!("X-A: {}\r\n", "a".repeat(40_000))), 431, ""),
        ("a target of 70 KB", get_with(&"y".repeat(70_000), ""), 200, ""),
        ("a target of 300 KB", get_with(&"y".repeat(300_000), ""), 414, ""),
        ("101 headers", get_with("", &many), 431, ""),
        ("a body over its cap", post("", &over), 200, "TOOLARGE"),
        ("a chunked body over its cap", chunked, 200, "TOOLARGE"),
        ("a million pairs", post("", &b"a&".repeat(1_000_000)), 200, "TOOLARGE"),
        ("half a million pairs", post("", &b"a&".repeat(500_000)), 200, "TOOLARGE"),
        ("a value of 1 MB", post("", &form(1_000_000)), 200, ""),
        ("a compressed body", post("Content-Encoding: gzip\r\n", b"\x1f\x8b\x08"), 200, "BADREQUEST"),
    ]
}

/// Sends as much of the request as the gateway takes, and reads the answer.
async fn answer_to(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut client = Client::connect(address).await;
    client.try_send(request).await;
    client.answer().await
}

fn is_as_documented(answer: &Answer, status: u16, error: &str) -> bool {
    let said = if answer.status == 200 { answer.json()["error"].as_str().map(str::to_owned) } else { None };
    answer.status == status && said.unwrap_or_default() == error
}

#[tokio::test]
async fn whatever_is_too_big_is_told_so_however_many_come_at_once() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, "", None);
    for round in 0..2 {
        for (what, request, status, error) in oversized() {
            let before = serving.memory("VmRSS");
            let request: Arc<[u8]> = request.into();
            let at_once: JoinSet<_> = (0..20)
                .map(|_| {
                    let (request, address) = (request.clone(), serving.address);
                    async move { answer_to(address, &request).await }
                })
                .collect();
            for answer in at_once.join_all().await {
                let answer = answer.unwrap_or_else(|| panic!("{what}: no answer"));
                let body = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
                assert!(is_as_documented(&answer, status, error), "{what}: {} {body}", answer.status);
            }
            println!("{what}, 20 at once, round {round}: {before} to {} KiB", serving.memory("VmRSS"));
        }
    }
    let most = serving.memory("VmHWM");
    println!("the most that it ever took: {most} KiB");
    assert!(most < 160 * 1024, "twenty bodies of 1 MB at once take {most} KiB");
}
