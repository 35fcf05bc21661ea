//! Whole answers of HTTP/1, byte for byte, their date aside: old clients look for `Content-Length: ` as the web servers
//! of their time wrote it, and not as a standard would let them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::{Client, ask, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const DONE: &str = r#"{"result":true,"user":{"uid":5}}"#;
const TARGET: &str = "/api.php?op=userdel&token=T&uid=5";
/// Stands for any date.
const DATE: &str = "Thu, 01 Jan 1970 00:00:00 GMT";

/// Stands for the number of any request.
const NUMBER: &str = "X-Request-Id: 0123456789abcdef";

/// The first answer's text, with [`DATE`] for its date.
async fn said(address: SocketAddr, request: &str, length: usize) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("the bytes are sent");
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.expect("an answer as long as it should be");
    let text = String::from_utf8(bytes).expect("text");
    let (before, rest) = text.split_once("\r\nDate: ").unwrap_or_else(|| panic!("it has no date: {text}"));
    let (date, after) = rest.split_once("\r\n").expect("the date ends");
    assert!(date.len() == DATE.len() && httpdate::parse_http_date(date).is_ok(), "{date}");
    numbered(&format!("{before}\r\nDate: {DATE}\r\n{after}"))
}

/// A text with [`NUMBER`] for the request's number.
fn numbered(text: &str) -> String {
    let Some((before, rest)) = text.split_once("\r\nX-Request-Id: ") else { return text.to_owned() };
    let (number, after) = rest.split_once("\r\n").expect("the number ends");
    assert!(number.len() == 16 && number.bytes().all(|digit| digit.is_ascii_hexdigit()), "{number}");
    format!("{before}\r\n{NUMBER}\r\n{after}")
}

/// Sends a request and compares the whole answer: lines that end in CR LF, an empty one, the body.
async fn says(gateway: &Gateway, request: String, head: &[&str], body: &str) {
    let expected = format!("{}\r\nDate: {DATE}\r\n\r\n{body}", head.join("\r\n"));
    assert_eq!(said(gateway.address, &request, expected.len()).await, expected, "{request}");
}

const BODY: &str = r#"{"user":{"uid":5},"op":"userdel","result":true}"#;

#[tokio::test]
async fn an_answer_is_spelt_as_old_web_servers_spelt_theirs() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    stub.will_say(DONE);
    let head = &[
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "X-Mesigate-Outcome: done",
        NUMBER,
        "Connection: keep-alive",
        "Keep-Alive: timeout=74",
        "Content-Length: 47",
    ];
    says(&gateway, format!("GET {TARGET} HTTP/1.1\r\nHost: g\r\n\r\n"), head, BODY).await;
    stub.will_say(DONE);
    let head = &[
        "HTTP/1.0 200 OK",
        "Content-Type: application/json; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "X-Mesigate-Outcome: done",
        NUMBER,
        "Connection: close",
        "Content-Length: 47",
    ];
    says(&gateway, format!("GET {TARGET} HTTP/1.0\r\n\r\n"), head, BODY).await;
    stub.will_say(DONE);
    let head = &[
        "HTTP/1.0 200 OK",
        "Content-Type: application/json; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "X-Mesigate-Outcome: done",
        NUMBER,
        "Connection: keep-alive",
        "Keep-Alive: timeout=74",
        "Content-Length: 47",
    ];
    says(&gateway, format!("GET {TARGET} HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), head, BODY).await;
    stub.take_calls();
}

#[tokio::test]
async fn a_refusal_is_spelt_as_an_answer_is() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let head = &[
        "HTTP/1.1 200 OK",
        "Content-Type: application/json; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "X-Mesigate-Outcome: not-sent",
        NUMBER,
        "Connection: keep-alive",
        "Keep-Alive: timeout=74",
        "Content-Length: 165",
    ];
    let body = r#"{"op":"userdel","result":false,"error":"AUTHFAIL","code":401,"cause":"`token` is missing: give the application token from the mesibo console","properties":["token"]}"#;
    says(&gateway, "GET /api.php?op=userdel&uid=5 HTTP/1.1\r\nHost: g\r\n\r\n".to_owned(), head, body).await;
    let head = &[
        "HTTP/1.1 400 Bad Request",
        "Content-Type: text/plain; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        "Content-Length: 27",
    ];
    let body = "the Host header is missing\n";
    says(&gateway, format!("GET {TARGET} HTTP/1.1\r\n\r\n"), head, body).await;
    let head = &[
        "HTTP/1.1 405 Method Not Allowed",
        "Content-Type: text/plain; charset=utf-8",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        NUMBER,
        "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        "Connection: keep-alive",
        "Keep-Alive: timeout=74",
        "Content-Length: 87",
    ];
    let body = "this method does nothing here: use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\n";
    says(&gateway, "PURGE /api.php HTTP/1.1\r\nHost: g\r\n\r\n".to_owned(), head, body).await;
}

#[tokio::test]
async fn what_limits_the_cache_and_browsers_are_told_is_spelt_so_too() {
    let stub = Stub::start().await;
    let settings = "cors.origins = ['*']\nlimit = [{ name = 'a', per = 'all', rate = '1/day' }]";
    let gateway = Gateway::with(stub.address, settings);
    stub.will_say(DONE);
    let request = format!("GET {TARGET} HTTP/1.1\r\nHost: g\r\nOrigin: https://a.example\r\n\r\n");
    let mut both = String::new();
    for _ in 0..2 {
        let mut client = Client::connect(gateway.address).await;
        client.send(request.as_bytes()).await;
        both += &client.head().await;
    }
    for name in [
        "RateLimit-Policy",
        "RateLimit",
        "Vary",
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Retry-After",
    ] {
        assert!(both.contains(&format!("\r\n{name}: ")), "{name} is not in\n{both}");
    }
    stub.take_calls();
}

#[tokio::test]
async fn each_door_has_a_type_of_its_own() {
    let stub = Stub::start().await;
    let json = r#"{"op":"userdel","token":"T","user":{"uid":5}}"#;
    let post = format!("POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    for (settings, legacy) in [
        ("", "application/json; charset=utf-8"),
        ("legacy.content_type = 'application/json'", "application/json"),
        ("legacy.content_type = 'text/plain; charset=utf-8'", "text/plain; charset=utf-8"),
    ] {
        let gateway = Gateway::with(stub.address, settings);
        stub.will_say(DONE);
        assert_eq!(get(gateway.address, TARGET).await.header("content-type"), Some(legacy));
        stub.will_say(DONE);
        let answer = ask(gateway.address, post.as_bytes()).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
    }
    stub.take_calls();
}
