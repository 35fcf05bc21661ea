//! TLS towards clients: versions, clients' certificates, HTTP/2, and certificates that change.

mod certificates; // certificates that change, and when they end

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ALL_VERSIONS;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::support::client::{metric, metrics};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::tls::{Authority, Files, connect};

const TARGET: &str = "/api.php?op=userdel&token=T&uid=5";

/// One GET over TLS; the error of TLS or of the socket if there is no answer.
async fn ask(connector: &TlsConnector, address: SocketAddr) -> std::io::Result<String> {
    let mut stream = connect(connector, address).await?;
    let request = format!("GET {TARGET} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn frames<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S) -> SendRequest<Full<Bytes>> {
    let (sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(async move { drop(connection.await) });
    sender
}

/// The status and the text of an answer over HTTP/2.
async fn post(sender: &mut SendRequest<Full<Bytes>>, uri: &str, host: Option<&str>) -> (u16, String) {
    let mut request = hyper::Request::post(uri).header("content-type", "application/x-www-form-urlencoded");
    if let Some(host) = host {
        request = request.header("host", host);
    }
    let request = request.body(Full::new(Bytes::from("op=userdel&token=T&uid=5"))).expect("a request");
    let answer = sender.send_request(request).await.expect("an answer");
    let status = answer.status().as_u16();
    assert!(!answer.headers().contains_key("connection"));
    #[allow(clippy::disallowed_methods)] // it is short
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn clients_are_served_over_tls_and_nothing_else() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, &files.settings());
    for versions in [&[&TLS12][..], &[&TLS13]] {
        let answer = ask(&authority.client(&[], None, versions), gateway.address).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"result\":true"), "{answer}");
    }
    let strict = Gateway::with(echo.address, &(files.settings() + "tls.minimum = '1.3'"));
    assert!(ask(&authority.client(&[], None, &[&TLS12]), strict.address).await.is_err());
    assert!(ask(&authority.client(&[], None, &[&TLS13]), strict.address).await.is_ok());
    assert!(ask(&Authority::new().client(&[], None, ALL_VERSIONS), gateway.address).await.is_err());

    let name = "mesigate_failed_handshakes_total{reason=\"plain_http\"}";
    for (number, method) in ["GET", "POST", "PRI"].into_iter().enumerate() {
        let request = format!("{method} {TARGET} HTTP/1.1\r\nHost: g\r\n\r\n");
        let answer = said(gateway.address, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        assert!(answer.ends_with("write https:// in place of http:// in the address\n"), "{answer}");
        assert_eq!(metric(gateway.admin, name).await, 1 + number as u64);
    }
}

/// The bytes that come back for raw bytes.
async fn said(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(bytes).await.expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_handshake_that_fails_is_counted_by_its_reason() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let ca = folder.path().join("clients.pem");
    std::fs::write(&ca, &authority.pem).expect("a file");
    let echo = Echo::start(Duration::ZERO).await;
    let more = format!("tls.minimum = '1.3'\ntls.clients = 'required'\ntls.client_ca = '{}'", ca.display());
    let gateway = Gateway::with(echo.address, &(files.settings() + &more));
    let client = |own, versions| authority.client(&[], own, versions);
    let unknown = Authority::new().pair("nobody");
    for (reason, connector) in [
        ("no_shared_protocol", client(None, &[&TLS12][..])),
        ("no_certificate", client(None, &[&TLS13])),
        ("bad_certificate", client(Some(&unknown), &[&TLS13])),
        ("distrusted", Authority::new().client(&[], None, &[&TLS13])),
    ] {
        assert!(ask(&connector, gateway.address).await.is_err(), "{reason}");
        is_counted(&gateway, reason).await;
    }
    said(gateway.address, b"\0\0\0\0\0").await;
    is_counted(&gateway, "not_tls").await;
    drop(TcpStream::connect(gateway.address).await.expect("a connection"));
    is_counted(&gateway, "gone").await;
}

/// Waits for the count, because the client may notice the end before the gateway has counted it.
async fn is_counted(gateway: &Gateway, reason: &str) {
    let name = format!("mesigate_failed_handshakes_total{{reason=\"{reason}\"}}");
    let mut looks = 0;
    while metric(gateway.admin, &name).await == 0 {
        looks += 1;
        assert!(looks < 5_000, "{reason} is not counted: {}", metrics(gateway.admin).await);
        tokio::task::yield_now().await;
    }
    assert_eq!(metric(gateway.admin, &name).await, 1);
}

#[tokio::test]
async fn a_handshake_that_stops_is_given_up() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, &(files.settings() + "deadline.tls = '50ms'"));
    for hello in [&b""[..], b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut stream = TcpStream::connect(gateway.address).await.expect("a connection");
        stream.write_all(hello).await.expect("sent");
        let mut rest = Vec::new();
        assert!(matches!(stream.read_to_end(&mut rest).await, Ok(0) | Err(_)), "{rest:?}");
    }
}

#[tokio::test]
async fn clients_show_certificates_where_they_are_asked_for_them() {
    let (authority, theirs) = (Authority::new(), Authority::new());
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let ca = folder.path().join("clients.pem");
    std::fs::write(&ca, &theirs.pem).expect("a file");
    let (known, unknown) = (theirs.pair("a client"), Authority::new().pair("nobody"));
    let echo = Echo::start(Duration::ZERO).await;
    for (clients, served) in [("required", [false, true, false]), ("optional", [true, true, false])] {
        let more = format!("tls.clients = '{clients}'\ntls.client_ca = '{}'", ca.display());
        let gateway = Gateway::with(echo.address, &(files.settings() + &more));
        for (own, is_served) in [None, Some(&known), Some(&unknown)].into_iter().zip(served) {
            let asked = ask(&authority.client(&[], own, ALL_VERSIONS), gateway.address).await;
            let answered = asked.is_ok_and(|answer| answer.contains("\"result\":true"));
            assert_eq!(answered, is_served, "{clients}, with one: {}", own.is_some());
        }
    }
}

#[tokio::test]
async fn http_2_is_spoken_by_alpn_and_by_prior_knowledge() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let secure = Gateway::with(echo.address, &(files.settings() + "listen.http2 = true\n"));
    let client = authority.client(&["h2", "http/1.1"], None, ALL_VERSIONS);
    let stream = connect(&client, secure.address).await.expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (status, text) = post(&mut frames(stream).await, "https://localhost/api.php", None).await;
    assert!(status == 200 && text.contains("\"result\":true"), "{status} {text}");

    let plain = Gateway::with(echo.address, "listen = { http2 = true, hosts = ['ours.example'] }");
    let mut sender = frames(TcpStream::connect(plain.address).await.expect("a connection")).await;
    let answers = async |sender: &mut _, uri, host| post(sender, uri, host).await.0;
    for (uri, host, status) in [
        ("http://ours.example/api.php", None, 200),
        ("http://ours.example/nowhere", None, 404),
        ("http://ours.example/api.php", Some("OURS.example"), 200),
        ("http://ours.example/api.php", Some("other.example"), 400),
        ("http://other.example/api.php", None, 421),
    ] {
        assert_eq!(answers(&mut sender, uri, host).await, status, "{uri} {host:?}");
    }
    // Many at once on one connection.
    let many = (0..50).map(|_| {
        let mut sender = sender.clone();
        async move { post(&mut sender, "http://ours.example/api.php", None).await.0 }
    });
    for status in many.map(tokio::spawn).collect::<Vec<_>>() {
        assert_eq!(status.await.expect("an answer"), 200);
    }
    let off = Gateway::to(echo.address);
    let mut stream = TcpStream::connect(off.address).await.expect("a connection");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("text");
    assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
}
