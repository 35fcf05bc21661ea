//! What of a client's head and fields reaches upstream: nothing but the JSON.

use std::collections::HashMap;
use std::path::Path;

use mesigate::protocol::ops::{Param, Table};

use super::upstream::Upstream;
use crate::support::client::{Client, ask};
use crate::support::gateway::Gateway;
use crate::support::stub::{Call, unsigned};
use crate::support::vector;

/// A call's head lines, sorted, without its Content-Length, which must be right.
fn head(call: &Call) -> Vec<String> {
    let length = format!("content-length: {}", call.body.len());
    let (lengths, mut lines): (Vec<String>, Vec<String>) =
        unsigned(&call.head).lines().map(str::to_owned).partition(|line| line.to_ascii_lowercase() == length);
    assert_eq!(lengths.len(), 1, "{}", call.head);
    lines.sort();
    lines
}

/// The only head that upstream ever gets.
fn only_head(upstream: &Upstream) -> Vec<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut lines = vec![
        "POST /backend/ HTTP/1.1".to_owned(),
        "accept: application/json".to_owned(),
        "accept-encoding: identity".to_owned(),
        "content-type: application/json".to_owned(),
        format!("host: {}", upstream.address),
        format!("user-agent: mesigate/{version}"),
    ];
    lines.sort();
    lines
}

/// Headers that a proxy might pass on, obey or be misled by.
const KNOWN: &[&str] = &[
    "Accept: text/html",
    "Accept-Encoding: gzip, br",
    "Authorization: Basic dXNlcjpwYXNzd29yZA==",
    "Cache-Control: no-cache",
    "Connection: close, X-Hop, Host, Content-Length",
    "Connection: keep-alive, Upgrade, HTTP2-Settings",
    "Content-Encoding: identity",
    "Content-Language: de",
    "Content-Location: /elsewhere",
    "Content-Type: text/plain; charset=utf-16",
    "Cookie: session=secret",
    "Date: Tue, 15 Nov 1994 08:12:31 GMT",
    "Expect: 100-continue",
    "Forwarded: for=203.0.113.7;host=evil.example;proto=https",
    "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
    "If-None-Match: \"a\"",
    "Keep-Alive: timeout=5, max=100",
    "Max-Forwards: 0",
    "Origin: https://evil.example",
    "Pragma: no-cache",
    "Proxy-Authenticate: Basic",
    "Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==",
    "Proxy-Connection: keep-alive",
    "Range: bytes=0-0",
    "Referer: https://evil.example/?token=T",
    "TE: trailers, chunked",
    "Trailer: X-Sum",
    "Upgrade: websocket",
    "User-Agent: caf\u{e9}/1.0",
    "Via: 1.1 evil.example",
    "X-Forwarded-For: 203.0.113.7",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 444",
    "X-Forwarded-Prefix: /elsewhere",
    "X-Forwarded-Proto: https",
    "X-HTTP-Method-Override: PUT",
    "X-Hop: 1",
    "X-Original-URL: /elsewhere",
    "X-Real-IP: 203.0.113.7",
    "X-Request-Id: 4711",
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
];

/// Thirty invented header names, the same in every run.
fn unheard() -> Vec<String> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("a small number")
    };
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    let mut word = |least: usize, most: usize| -> String {
        let length = least + random(most - least);
        (0..length).map(|_| char::from(letters[random(letters.len())])).collect()
    };
    (0..30).map(|_| format!("Q{}: {}", word(1, 30), word(0, 60))).collect()
}

#[tokio::test]
async fn no_header_of_a_client_reaches_upstream_or_changes_what_does() {
    let upstream = Upstream::start().await;
    let gateway = Gateway::to(upstream.address);
    let known = KNOWN.iter().map(|line| (*line).to_owned());
    let mut sets: Vec<String> = known.chain(unheard()).map(|line| format!("{line}\r\n")).collect();
    let together = |line: &&String| !line.starts_with("Connection: keep-alive");
    sets.push(sets.iter().filter(together).take(60).cloned().collect());
    sets.push(String::new());
    let form = "op=userdel&token=T&uid=7";
    let length = form.len();
    for headers in sets {
        for request in [
            format!("GET /api.php?{form} HTTP/1.1\r\nHost: gateway\r\n{headers}\r\n"),
            format!("GET /api.php?{form} HTTP/1.0\r\n{headers}\r\n"),
            format!("PUT /api.php HTTP/1.0\r\nContent-Length: {length}\r\n{headers}\r\n{form}"),
        ] {
            let answer = ask(gateway.address, request.as_bytes()).await;
            assert_eq!(answer.json()["user"]["uid"], 7, "{request}");
            let calls = upstream.take_calls();
            assert_eq!(calls.len(), 1, "{request}");
            assert_eq!(head(&calls[0]), only_head(&upstream), "{request}");
            assert_eq!(calls[0].body, br#"{"op":"userdel","token":"T","user":{"uid":7}}"#, "{request}");
        }
    }
}

/// Line ends, a header and a second request, to break out of a field.
const LINES: &str = "%0D%0AX-Evil:%201%0D%0A%0D%0APOST%20/%20HTTP/1.1%0D%0A%0A";

/// For each operation a query of which upstream gets some parameter.
fn queries() -> HashMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    let read = |path| vector::parse("vectors", &std::fs::read_to_string(path).expect("a readable file"));
    let vectors = files.iter().flat_map(read);
    let mut queries = HashMap::new();
    for vector in vectors.filter(|vector| vector.upstream_gets.is_some() && vector.settings.is_empty()) {
        let query = vector.request.query();
        let op = query.split('&').find_map(|pair| pair.strip_prefix("op="));
        if let Some(op) = op.filter(|_| vector.request.body.is_empty()) {
            queries.entry(op.to_owned()).or_insert_with(|| query.to_owned());
        }
    }
    queries
}

/// The query with `LINES` after a parameter's value, and after its name.
fn with_lines(query: &str, name: &str) -> [String; 2] {
    let is_it = |pair: &&str| pair.split_once('=').is_some_and(|(key, _)| key == name);
    let value = query.split('&').find(is_it).and_then(|pair| Some(pair.split_once('=')?.1));
    let value = value.unwrap_or("1");
    let others: Vec<&str> = query.split('&').filter(|pair| !is_it(pair)).collect();
    let others = others.join("&");
    [format!("{others}&{name}={value}{LINES}"), format!("{others}&{name}{LINES}={value}")]
}

#[tokio::test]
async fn no_byte_of_a_parameter_becomes_a_header_or_a_request_upstream() {
    let upstream = Upstream::start().await;
    let gateway = Gateway::to(upstream.address);
    let queries = queries();
    let mut bodies = Vec::new();
    for operation in Table::shipped().expect("a sound table").operations() {
        let row = &operation.row;
        let query = queries.get(&row.name).unwrap_or_else(|| panic!("{} has no vector", row.name));
        for name in row.params.iter().flat_map(Param::names).chain(["op", "token", "id", "unheard-of"]) {
            bodies.extend(with_lines(query, name));
        }
    }
    let json = LINES.replace("%0D", "\\r").replace("%0A", "\\n").replace("%20", " ");
    bodies.push(format!(
        r#"{{"op":"userdel{json}","token":"T{json}","id":"{json}","x{json}":1,"user":{{"uid":7,"address":"{json}"}}}}"#
    ));
    let mut client = Client::connect(gateway.address).await;
    let mut texts = 0;
    for body in &bodies {
        let length = body.len();
        let head = format!("POST /api.php HTTP/1.1\r\nHost: gateway\r\nContent-Length: {length}\r\n\r\n");
        client.send(format!("{head}{body}").as_bytes()).await;
        client.answer().await.expect("an answer");
        let calls = upstream.take_calls();
        assert!(calls.len() < 2, "{body}");
        for call in calls {
            assert_eq!(self::head(&call), only_head(&upstream), "{body}");
            let sent = String::from_utf8(call.body).expect("text");
            assert!(!sent.contains(['\r', '\n']), "{body}");
            assert!(serde_json::from_str::<serde_json::Value>(&sent).is_ok(), "{body}");
            texts += usize::from(sent.contains("X-Evil"));
        }
    }
    assert!(texts > 20, "of {} requests upstream got the text of {texts}", bodies.len());
}
