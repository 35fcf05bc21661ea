//! Refusals reach their client whatever it was still sending, and carry `op` and `id` as far as the query tells them,
//! so that the client can match them with its request.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::{Client, ask};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const CAP: usize = 1024 * 1024;
const TARGET: &str = "/api.php?op=message&id=7&token=T";

/// Writes the whole request before it reads, as PHP, Java's `HttpURLConnection` and Python's `http.client` do.
async fn heard(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request).await.expect("all of it is taken");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer, and an end that is none of an accident");
    String::from_utf8(answer).expect("text")
}

fn sized(version: &str, length: usize) -> Vec<u8> {
    let head = format!("POST {TARGET} {version}\r\nHost: g\r\nContent-Length: {length}\r\n\r\n");
    let mut request = head.into_bytes();
    request.resize(request.len() + length, b'a');
    request
}

fn chunked(length: usize) -> Vec<u8> {
    let head =
        format!("POST {TARGET} HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n");
    let mut request = head.into_bytes();
    request.resize(request.len() + length, b'a');
    request.extend_from_slice(b"\r\n0\r\n\r\n");
    request
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_by_an_answer_that_its_client_hears() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for over in [1, 300 * 1024, 7 * CAP] {
        let length = CAP + over;
        for request in [sized("HTTP/1.1", length), sized("HTTP/1.0", length), chunked(length)] {
            let answer = heard(gateway.address, &request).await;
            assert!(answer.contains(r#""error":"TOOLARGE""#), "{over}: {answer}");
        }
    }
}

#[tokio::test]
async fn a_body_that_nobody_wants_does_not_take_the_refusal_away() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let body = "a".repeat(CAP);
    for (line, headers, status) in [
        ("POST /nowhere", "", "404"),
        ("PURGE /api.php", "", "405"),
        ("POST /api.php", "Content-Encoding: gzip\r\n", "200"),
        ("POST /api.php", "Expect: the-moon\r\n", "417"),
        ("POST /api.php", "Host: other\r\n", "400"),
    ] {
        let length = body.len();
        let request =
            format!("{line} HTTP/1.1\r\nHost: g\r\n{headers}Content-Length: {length}\r\n\r\n{body}");
        let answer = heard(gateway.address, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
    }
}

#[tokio::test]
async fn a_refusal_before_the_body_is_known_repeats_what_the_query_says() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cap.body = 50\ndeadline.body = '50ms'");
    let long = format!("Content-Length: 51\r\n\r\n{}", "a".repeat(51));
    for (what, rest, error) in [
        ("too long", long.as_str(), "TOOLARGE"),
        ("slow", "Content-Length: 9\r\n\r\nop=", "BADREQUEST"),
        ("no chunk", "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "BADREQUEST"),
        ("compressed", "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "BADREQUEST"),
    ] {
        let request = format!("POST {TARGET} HTTP/1.1\r\nHost: g\r\n{rest}");
        let answer = ask(gateway.address, request.as_bytes()).await.json();
        assert_eq!(
            (&answer["op"], &answer["id"], &answer["error"]),
            (&"message".into(), &7.into(), &error.into()),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_is_not_waited_for() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let mut client = Client::connect(gateway.address).await;
    client.send(b"POST /api.php HTTP/1.1\r\nHost: g\r\nContent-Length: 2000000\r\n\r\nop=").await;
    assert_eq!(client.answer().await.expect("an answer").json()["error"], "TOOLARGE");
    let ended = tokio::time::timeout(Duration::from_secs(15), client.is_ended()).await;
    assert_eq!(ended, Ok(true), "long before deadline.body");
}
