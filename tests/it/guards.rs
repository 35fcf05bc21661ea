//! Guards: each bound, deadline, counter and eviction for HTTP/1 holds for HTTP/2 and for the second listener too. Each
//! test is an attack beside a good client, which is answered.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::{Client, ask, get, metric};
use crate::support::echo::Echo;
use crate::support::frames::{END_HEADERS, END_STREAM, PREFACE, frame};
use crate::support::gateway::Gateway;

const GOOD: &str = "/api.php?op=userdel&token=T&uid=5";
/// The fewest connections that a worker can be told to serve.
const PLACES: usize = 8;

const SETTINGS: &[u8] = b"\0\0\0\x04\0\0\0\0\0";
const ACKNOWLEDGED: &[u8] = b"\0\0\0\x04\x01\0\0\0\0";
/// `SETTINGS_INITIAL_WINDOW_SIZE` of zero: the gateway may send no body of an answer.
const NO_WINDOW: &[u8] = b"\0\0\x06\x04\0\0\0\0\0\0\x04\0\0\0\0";
/// `POST http /api.php`, with the authority `g`; its body is still to come.
const POST: &[u8] = b"\x83\x86\x04\x08/api.php\x01\x01g";
/// `GET http /`, with the authority `g`.
const ROOT: &[u8] = b"\x82\x86\x84\x01\x01g";

fn headers(stream: u32, flags: u8, block: &[u8]) -> Vec<u8> {
    frame(1, END_HEADERS | flags, stream, block)
}

async fn opened(address: SocketAddr, beginning: &[&[u8]]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(&beginning.concat()).await.expect("sent");
    stream
}

/// Opens a connection for each place, all with this beginning, and waits until the gateway has read it.
async fn crowded(gateway: &Gateway, beginning: &[&[u8]]) -> Vec<TcpStream> {
    let mut all = Vec::new();
    for _ in 0..PLACES {
        let mut stream = opened(gateway.address, beginning).await;
        // The acknowledgement of these settings says that the gateway has read them.
        read_until(&mut stream, ACKNOWLEDGED).await;
        all.push(stream);
    }
    all
}

async fn read_until(stream: &mut TcpStream, wanted: &[u8]) {
    let mut bytes = Vec::new();
    while memchr::memmem::find(&bytes, wanted).is_none() {
        assert!(stream.read_buf(&mut bytes).await.expect("bytes") > 0, "it has ended");
    }
}

async fn is_answered(address: SocketAddr) {
    let answer = tokio::time::timeout(Duration::from_secs(20), get(address, GOOD)).await;
    assert_eq!(answer.expect("in time").json()["result"], true);
}

#[tokio::test]
async fn http_2_connections_that_send_no_body_make_room() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, &format!("listen.http2 = true\ncap.connections = {PLACES}"));
    let mut all = crowded(&gateway, &[PREFACE, SETTINGS, &headers(1, 0, POST)]).await;
    is_answered(gateway.address).await;
    for connection in &mut all {
        // One more request on a connection does not make its first one young.
        let _ = connection.write_all(&headers(3, 0, POST)).await;
    }
    for _ in 0..3 {
        is_answered(gateway.address).await;
    }
    assert!(metric(gateway.admin, "mesigate_dismissed_connections_total").await >= 1);
}

#[tokio::test]
async fn http_2_connections_that_take_no_answer_make_room() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, &format!("listen.http2 = true\ncap.connections = {PLACES}"));
    let _all = crowded(&gateway, &[PREFACE, NO_WINDOW, &headers(1, END_STREAM, ROOT)]).await;
    is_answered(gateway.address).await;
}

/// The listener found a place while a connection was silent; since then all have sent a request.
#[tokio::test]
async fn who_comes_while_all_others_are_served_waits_for_a_place() {
    let echo = Echo::start(Duration::from_secs(2)).await;
    let gateway = Gateway::with(echo.address, &format!("cap.connections = {PLACES}"));
    let mut all = Vec::new();
    for _ in 0..PLACES {
        all.push(Client::connect(gateway.address).await);
    }
    let open = async { while metric(gateway.admin, "mesigate_open_connections").await < PLACES as u64 {} };
    tokio::time::timeout(Duration::from_secs(20), open).await.expect("all are taken");
    for client in &mut all {
        client.send(format!("GET {GOOD} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await;
    }
    let served = async { while metric(gateway.admin, "mesigate_in_flight").await < PLACES as u64 {} };
    tokio::time::timeout(Duration::from_secs(20), served).await.expect("all are served");
    is_answered(gateway.address).await;
}

#[tokio::test]
async fn an_http_2_connection_ends_when_its_answer_was_left_lying_for_too_long_whatever_else_it_asks() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "listen.http2 = true\ndeadline.write = '100ms'");
    let mut stream = opened(gateway.address, &[PREFACE, NO_WINDOW, &headers(1, END_STREAM, ROOT)]).await;
    let (mut reading, mut writing) = stream.split();
    let goes_on = async {
        // Answers without a body need no window, so the client takes these.
        let head = b"\x02\x04HEAD\x86\x84\x01\x01g";
        for number in 1.. {
            if writing.write_all(&headers(2 * number + 1, END_STREAM, head)).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ends = async {
        let mut bytes = Vec::new();
        let _ = reading.read_to_end(&mut bytes).await;
    };
    let ended = async {
        tokio::select! {
            () = goes_on => {}
            () = ends => {}
        }
    };
    tokio::time::timeout(Duration::from_secs(20), ended).await.expect("an end");
}

#[tokio::test]
async fn an_http_2_connection_ends_with_a_body_that_comes_too_slowly() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "listen.http2 = true\ndeadline.body = '100ms'");
    let mut stream = opened(gateway.address, &[PREFACE, SETTINGS, &headers(1, 0, POST)]).await;
    let mut bytes = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut bytes)).await;
    assert!(ended.is_ok(), "it is ended");
    assert!(memchr::memmem::find(&bytes, b"BADREQUEST").is_some(), "and told why");
}

/// Many short bodies on one connection count like one long body.
#[tokio::test]
async fn what_the_bodies_of_one_http_2_connection_take_is_counted_together() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "listen.http2 = true\ncap.bodies = 20000");
    let mut begun = [PREFACE, SETTINGS].concat();
    for number in 0..60 {
        begun.extend(headers(2 * number + 1, 0, POST));
        begun.extend(frame(0, 0, 2 * number + 1, &[b'a'; 1000]));
    }
    let mut stream = opened(gateway.address, &[&begun]).await;
    let mut bytes = Vec::new();
    while memchr::memmem::find(&bytes, b"OVERLOAD").is_none() {
        assert!(stream.read_buf(&mut bytes).await.expect("bytes") > 0, "it was not told");
    }
    is_answered(gateway.address).await;
}

#[tokio::test]
async fn long_request_lines_take_no_more_memory_than_there_is_for_long_requests() {
    const MANY: usize = 30;
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "cap.bodies = 1000000");
    let line = [b"GET /api.php?x=".to_vec(), vec![b'a'; 200_000]].concat();
    let mut all = Vec::new();
    for _ in 0..MANY {
        let mut client = Client::connect(gateway.address).await;
        client.try_send(&line).await;
        all.push(client);
    }
    is_answered(gateway.address).await;
    // There is memory for five requests at most, any five.
    let mut told = tokio::task::JoinSet::new();
    for mut client in all {
        told.spawn(async move { client.answer().await.map(|answer| answer.status) });
    }
    let refused = async {
        for _ in 0..MANY - 6 {
            let status = told.join_next().await.expect("one more").expect("no panic");
            assert_eq!(status, Some(503));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), refused).await.expect("they are told");
}

#[tokio::test]
async fn http_2_has_the_caps_of_http_1() {
    let echo = Echo::start(Duration::ZERO).await;
    let settings =
        "listen = { http2 = true, hosts = ['g'] }\ncap = { target = 100, head = 8192, headers = 2 }";
    let gateway = Gateway::with(echo.address, settings);
    let long = [b"\x82\x86\x04\x7f\x0a/".as_slice(), &[b'a'; 136], b"\x01\x01g"].concat();
    // A length of 127 and more continues in the next bytes (RFC 7541, section 5.1): these say 9,000.
    let large = [ROOT, &[0, 1, b'a', 0x7f, 0xa9, 0x45], &[b'v'; 9000]].concat();
    let many = [ROOT, &[0, 1, b'a', 1, b'v'].repeat(3)].concat();
    let other = b"\x82\x86\x84\x01\x01h";
    for (block, status) in [(&long[..], 414), (&large, 431), (&many, 431), (other, 421)] {
        let series = format!("mesigate_refused_heads_total{{status=\"{status}\"}}");
        let before = metric(gateway.admin, &series).await;
        let _stream = opened(gateway.address, &[PREFACE, SETTINGS, &headers(1, END_STREAM, block)]).await;
        let counted = async {
            while metric(gateway.admin, &series).await == before {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), counted)
            .await
            .unwrap_or_else(|_| panic!("no {status}"));
    }
}

#[tokio::test]
async fn a_kept_connection_is_served_by_new_settings() {
    let echo = Echo::start(Duration::ZERO).await;
    let settings = |more: &str| format!("upstream.url = 'http://{}/'\n{more}", echo.address);
    let gateway = Gateway::start(&settings(""));
    let request = |host: &str| format!("GET {GOOD} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let mut client = Client::connect(gateway.address).await;
    client.send(request("evil.example").as_bytes()).await;
    assert_eq!(client.answer().await.map(|answer| answer.status), Some(200));
    gateway.reload(&settings("listen.hosts = ['gateway']"));
    client.send(request("evil.example").as_bytes()).await;
    assert_eq!(client.answer().await.map(|answer| answer.status), Some(421));
}

#[tokio::test]
async fn clients_of_the_second_listener_that_read_nothing_make_room() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::to(echo.address);
    let asked = b"GET /console/app.js HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1600);
    let mut all = Vec::new();
    for _ in 0..24 {
        let mut stream = TcpStream::connect(gateway.admin).await.expect("a connection");
        // As much as the gateway takes: it need not read the rest.
        let _ = tokio::time::timeout(Duration::from_millis(20), stream.write_all(&asked)).await;
        all.push(stream);
    }
    let alive = tokio::time::timeout(Duration::from_secs(20), get(gateway.admin, "/livez")).await;
    assert_eq!(alive.expect("in time").status, 200);
    assert!(metric(gateway.admin, "mesigate_admin_dismissed_connections_total").await >= 1);
}

#[tokio::test]
async fn the_second_listener_is_asked_by_address_or_by_a_name_that_no_page_can_have() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "admin.hosts = ['metrics.example']");
    for (host, status) in [
        ("127.0.0.1:18090", 200),
        ("localhost", 200),
        ("metrics.example:18090", 200),
        ("evil.example:18090", 421),
        ("evil.example", 421),
    ] {
        for path in ["/metrics", "/breaches", "/livez"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            assert_eq!(ask(gateway.admin, request.as_bytes()).await.status, status, "{host} {path}");
        }
    }
    assert_eq!(metric(gateway.admin, "mesigate_admin_refused_heads_total").await, 6);
}
