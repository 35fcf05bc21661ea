//! Upstream's side of the gateway: what the gateway sends, and what becomes of upstream's faults.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::support::client::{Answer, ask, get};
use crate::support::gateway::Gateway;
use crate::support::program::{Serving, Signal};
use crate::support::stub::{Stub, unsigned};
use crate::support::tls::{Authority, answering, named};

const WRITE: &str = "/api.php?op=message&token=T&from=a&to=b&msg=x&id=3";

/// The error and the outcome header of an answer; its envelope must be whole and of one shape.
fn refusal(answer: &Answer) -> (String, String) {
    let json = answer.json();
    assert_eq!(
        (answer.status, &json["op"], &json["result"], &json["id"]),
        (200, &"message".into(), &false.into(), &3.into())
    );
    assert!(json["cause"].is_string() && json["code"].is_number());
    (
        json["error"].as_str().expect("an error").to_owned(),
        answer.header("x-mesigate-outcome").expect("a header").to_owned(),
    )
}

#[track_caller]
fn is(answer: &Answer, error: &str, outcome: &str) {
    assert_eq!(refusal(answer), (error.to_owned(), outcome.to_owned()));
}

#[tokio::test]
async fn what_is_no_answer_becomes_badanswer_and_none_of_it_leaks() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cap.answer = 5000");
    let ok = "HTTP/1.1 200 OK\r\n";
    let faults: [(&str, String); 10] = [
        ("HTML with 200", format!("{ok}Content-Length: 12\r\n\r\n<html>MARKED")),
        ("HTML with 502", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 12\r\n\r\n<html>MARKED".to_owned()),
        ("JSON with 500", "HTTP/1.1 500 Oops\r\nContent-Length: 15\r\n\r\n{\"result\":true}".to_owned()),
        (
            "a redirect",
            "HTTP/1.1 301 Moved\r\nLocation: http://MARKED.example/\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
        ("a body cut short", format!("{ok}Content-Length: 99\r\n\r\n{{\"result\":true,\"MARKED\":")),
        ("a body over the cap", format!("{ok}Content-Length: 6000\r\n\r\n{}", "M".repeat(6000))),
        (
            "a chunked body over the cap",
            format!("{ok}Transfer-Encoding: chunked\r\n\r\n1770\r\n{}\r\n0\r\n\r\n", "M".repeat(6000)),
        ),
        ("broken chunks", format!("{ok}Transfer-Encoding: chunked\r\n\r\nMARKED\r\n")),
        ("no HTTP at all", "MARKED MARKED MARKED\r\n\r\n".to_owned()),
        ("nothing at all", String::new()),
    ];
    for (name, fault) in faults {
        stub.will_send(fault.into_bytes());
        let answer = get(gateway.address, WRITE).await;
        is(&answer, "BADANSWER", "unknown");
        assert!(!String::from_utf8_lossy(&answer.body).contains("MARKED"), "{name}");
        assert_eq!(stub.take_calls().len(), 1, "{name}: a write is sent once");
    }
}

/// An answer of 200 whose body has this coding.
fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).expect("room");
    encoder.finish().expect("an end")
}

#[tokio::test]
async fn an_answer_that_is_compressed_unasked_is_read_all_the_same() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cap.answer = 5000");
    let json = br#"{"op":"message","result":true,"id":3}"#;
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    zlib.write_all(json).expect("room");
    let zlib = zlib.finish().expect("an end");
    for (coding, body) in [
        ("gzip", gzip(json)),
        ("X-GZIP", gzip(json)),
        ("deflate", zlib),
        ("identity", json.to_vec()),
        ("", json.to_vec()),
    ] {
        stub.will_send(coded(coding, &body));
        assert_eq!(get(gateway.address, WRITE).await.json()["result"], true, "{coding}");
        assert_eq!(stub.take_calls().len(), 1);
    }
    for (coding, body, sentence) in [
        ("br", &json[..], "compressed with br"),
        ("zstd", json, "compressed with zstd"),
        ("gzip, gzip", json, "two codings"),
        ("MARKED", json, "a Content-Encoding that nobody asked for"),
        ("gzip", json, "cannot be decoded"),
        ("gzip", &gzip(&[b' '; 5001]), "cap.answer"),
        ("gzip", &gzip(&vec![b' '; 4_000_000]), "cap.answer"),
    ] {
        stub.will_send(coded(coding, body));
        let answer = get(gateway.address, WRITE).await;
        is(&answer, "BADANSWER", "unknown");
        let cause = answer.json()["cause"].to_string();
        assert!(cause.contains(sentence) && !cause.contains("MARKED"), "{cause}");
        assert_eq!(stub.take_calls().len(), 1);
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_to_the_owner_with_its_status_and_without_its_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, log) = (folder.path().join("settings.toml"), folder.path().join("log"));
    let stub = Stub::start().await;
    let settings = format!(
        "listen = {{ address = '127.0.0.1:0', workers = 1 }}\nadmin.address = '127.0.0.1:0'\n\
         log = {{ file = '{}', format = 'json' }}\nstop.announce = '0s'\nupstream.url = 'http://{}/backend/'\n",
        log.display(),
        stub.address
    );
    std::fs::write(&file, settings).expect("a file");
    let serving = Serving::with(&file);
    for (status, fields, hint) in [
        (
            301,
            "Location: https://login.example:8443/MARKED?token=MARKED\r\nContent-Type: text/html\r\n",
            "give the endpoint",
        ),
        (404, "Content-Type: text/MARKED\r\n", "is upstream.url the whole endpoint"),
        (502, "Content-Type: text/html\r\n", "its own log"),
        (200, "Content-Type: text/html\r\n", "want a login"),
    ] {
        stub.will_send(
            format!("HTTP/1.1 {status} MARKED\r\n{fields}Content-Length: 6\r\n\r\nMARKED").into_bytes(),
        );
        let answer = get(serving.address, WRITE).await;
        is(&answer, "BADANSWER", "unknown");
        let cause = answer.json()["cause"].to_string();
        assert!(
            cause.contains(&format!("upstream answered HTTP {status}")) && cause.contains(hint),
            "{cause}"
        );
        assert_eq!(stub.take_calls().len(), 1);
    }
    stub.will_say("HTTP/1.1 404 MARKED\nContent-Length: 16\n\n{\"result\":false}");
    assert_eq!(get(serving.address, WRITE).await.json()["result"], false);
    stub.will_say("{\"result\":true}");
    assert_eq!(get(serving.address, WRITE).await.json()["result"], true);
    assert_eq!(stub.take_calls().len(), 2);
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(!text.contains("MARKED"), "{text}");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let lines: Vec<serde_json::Value> =
        lines.into_iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of_requests = lines.iter().filter(|line| line["target"] == "mesigate::access");
    let statuses: Vec<_> = of_requests.map(|line| line["upstream_status"].as_u64()).collect();
    assert_eq!(statuses, [Some(301), Some(404), Some(502), Some(200), Some(404), None]);
    let warnings: Vec<_> = lines.iter().filter(|line| line["level"] == "WARN").collect();
    let [warning] = warnings[..] else { panic!("one a minute: {warnings:?}") };
    assert_eq!((&warning["status"], &warning["content_type"]), (&301.into(), &"text/html".into()));
    assert_eq!(warning["leads_to"], "login.example:8443");
}

#[tokio::test]
async fn of_a_long_request_a_refusal_repeats_what_it_does_of_a_short_one() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    stub.will_say("no answer");
    let long = "m".repeat(20_000);
    is(&get(gateway.address, &format!("{WRITE}&msg={long}")).await, "BADANSWER", "unknown");
    let calls = stub.take_calls();
    assert!(calls.len() == 1 && String::from_utf8_lossy(&calls[0].body).contains(&long));
    // Where upstream leaves a member out, the answer repeats the request's parameter.
    stub.will_say(r#"{"op":"useradd","result":true,"user":{"uid":5,"token":"T"}}"#);
    let user = format!("/api.php?op=UserAdd&token=T&addr=ana&appid=a&expiry=9&name={long}&id=3");
    let answer = get(gateway.address, &user).await.json();
    assert_eq!((&answer["op"], &answer["id"]), (&"UserAdd".into(), &3.into()), "{answer}");
    assert_eq!(answer["user"]["address"], "ana", "{answer}");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn upstream_that_cannot_be_reached_was_sent_nothing() {
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    is(&get(Gateway::to(gone).address, WRITE).await, "UPSTREAMDOWN", "not-sent");

    let full = TcpSocket::new_v4().expect("a socket");
    full.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let full = full.listen(0).expect("a listener");
    let address = full.local_addr().expect("an address");
    let _first = TcpStream::connect(address).await.expect("the queue's one place");
    let gateway = Gateway::with(address, "deadline.connect = '50ms'");
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
}

#[tokio::test]
async fn upstream_that_is_silent_or_trickles_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    let gateway = Gateway::with(address, "deadline.upstream_first_byte = '50ms'");
    is(&get(gateway.address, WRITE).await, "TIMEOUT", "unknown");

    let stub = Stub::start().await;
    stub.will_hold("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"res");
    let gateway = Gateway::with(stub.address, "deadline.total = '100ms'");
    is(&get(gateway.address, WRITE).await, "TIMEOUT", "unknown");
    stub.take_calls();
}

#[tokio::test]
async fn an_idle_connection_that_upstream_ended_costs_nobody_a_request() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    for _ in 0..20 {
        // After an answer with a head of its own, the stub closes the connection.
        stub.will_say("HTTP/1.1 200 OK\nContent-Length: 15\n\n{\"result\":true}");
        assert_eq!(get(gateway.address, WRITE).await.json()["result"], true);
    }
    assert_eq!(stub.take_calls().len(), 20);
}

#[tokio::test]
async fn upstream_sees_the_same_headers_whatever_the_client_sends() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let loud = "Cookie: foo=bar\r\nAuthorization: Basic x\r\nForwarded: for=1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\n\
                X-HTTP-Method-Override: DELETE\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nAccept-Encoding: gzip\r\n";
    let mut heads = Vec::new();
    for headers in ["", loud] {
        stub.will_say(r#"{"result":true}"#);
        ask(
            gateway.address,
            format!("GET {WRITE} HTTP/1.1\r\nHost: evil.example\r\n{headers}\r\n").as_bytes(),
        )
        .await;
        heads.push(stub.take_calls()[0].head.clone());
    }
    assert_eq!(heads[0], heads[1]);
    let expected = format!(
        "POST /backend/ HTTP/1.1\r\ncontent-type: application/json\r\naccept: application/json\r\n\
         accept-encoding: identity\r\nuser-agent: mesigate/{}\r\nhost: {}\r\ncontent-length: 81",
        env!("CARGO_PKG_VERSION"),
        stub.address
    );
    assert_eq!(unsigned(&heads[0]), expected);
}

/// A TLS upstream with a certificate for `name`, and the CA's certificate as PEM.
pub async fn tls_upstream(name: &str) -> (std::net::SocketAddr, String) {
    let authority = Authority::new();
    let address = answering(authority.acceptor(&named(name))).await;
    (address, authority.pem)
}

#[tokio::test]
async fn an_https_upstream_is_spoken_to_only_when_its_certificate_is_right() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, result) in [("localhost", true), ("elsewhere.example", false)] {
        let (address, ca) = tls_upstream(name).await;
        let file = folder.path().join(name);
        std::fs::write(&file, ca).expect("a file");
        let url = format!("upstream.url = 'https://localhost:{}/backend/'", address.port());
        let gateway = Gateway::start(&format!("{url}\nupstream.ca_file = '{}'", file.display()));
        let answer = get(gateway.address, WRITE).await;
        if result {
            assert_eq!(answer.json()["result"], true, "{answer:?}");
        } else {
            is(&answer, "UPSTREAMDOWN", "not-sent");
        }
        // The public roots do not know the CA.
        let public = Gateway::start(&url);
        is(&get(public.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    }
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_finish() {
    let stub = Stub::start().await;
    let gateway = Gateway::to(stub.address);
    let address = gateway.address;
    let release = stub.will_wait(r#"{"result":true}"#);
    let waiting = tokio::spawn(async move { get(address, WRITE).await });
    while stub.call_count() == 0 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::task::spawn_blocking(|| gateway.stop());
    release.send(()).expect("the stub waits");
    assert_eq!(waiting.await.expect("a client").json()["result"], true);
    stopping.await.expect("an end");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    stub.take_calls();
}
