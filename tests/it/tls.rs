//! TLS towards clients: versions, clients' certificates, HTTP/2, and certificates that change.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mesigate::snapshot::reload::Outcome;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ALL_VERSIONS;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::support::client::get;
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::program::Serving;
use crate::support::tls::{Authority, Files, connect};

const TARGET: &str = "/api.php?op=userdel&token=T&uid=5";

/// One GET over TLS; what TLS or the socket says if there is no answer.
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

    let mut plain = TcpStream::connect(gateway.address).await.expect("a connection");
    plain.write_all(format!("GET {TARGET} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
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
    let secure = Gateway::with(echo.address, &files.settings());
    let client = authority.client(&["h2", "http/1.1"], None, ALL_VERSIONS);
    let stream = connect(&client, secure.address).await.expect("TLS");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (status, text) = post(&mut frames(stream).await, "https://localhost/api.php", None).await;
    assert!(status == 200 && text.contains("\"result\":true"), "{status} {text}");

    let plain = Gateway::with(echo.address, "listen.hosts = ['ours.example']");
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
    let off = Gateway::with(echo.address, "listen.http2 = false");
    let mut stream = TcpStream::connect(off.address).await.expect("a connection");
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("text");
    assert!(answer.starts_with("HTTP/1.1 505 "), "{answer}");
}

#[tokio::test]
async fn a_pair_that_does_not_fit_changes_nothing() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = format!("upstream.url = 'http://{}/'\n{}", echo.address, files.settings());
    let gateway = Gateway::start(&settings);
    let client = authority.client(&[], None, ALL_VERSIONS);
    let (first, second) = (authority.pair("localhost"), authority.pair("localhost"));
    std::fs::write(&files.certificate, &first.certificate).expect("a file");
    let Outcome::Refused(reasons) = gateway.reload(&settings) else { panic!("it does not fit") };
    assert!(reasons[0].contains("are no certificate and its key"), "{reasons:?}");
    assert!(ask(&client, gateway.address).await.is_ok());
    std::fs::write(&files.key, &second.key).expect("a file");
    assert!(matches!(gateway.reload(&settings), Outcome::Refused(_)));
    files.write(&second);
    assert_eq!(gateway.reload(&settings), Outcome::Applied);
    assert!(ask(&client, gateway.address).await.is_ok());
    std::fs::write(&files.key, "no key").expect("a file");
    assert!(matches!(gateway.reload(&settings), Outcome::Refused(_)));
    assert!(ask(&client, gateway.address).await.is_ok());
}

/// How often the certificate changes under load; one file after the other, as tools write them.
const SWAPS: usize = 100;

#[tokio::test]
async fn a_hundred_certificates_one_after_the_other_fail_no_handshake() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = folder.path().join("settings.toml");
    let ports = "listen.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'\nlog.file = '/dev/null'\n";
    let text = format!(
        "upstream.url = 'http://{}/'\nreload.interval = '2ms'\n{ports}{}",
        echo.address,
        files.settings()
    );
    std::fs::write(&settings, text).expect("a file");
    let serving = Serving::with(&settings);
    let (address, is_over, shaken) =
        (serving.address, Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (is_over, shaken) = (is_over.clone(), shaken.clone());
            let client = authority.client(&[], None, ALL_VERSIONS);
            tokio::spawn(async move {
                while !is_over.load(Relaxed) {
                    let answer = ask(&client, address).await.expect("no handshake fails");
                    assert!(answer.contains("\"result\":true"), "{answer}");
                    shaken.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    let plain = authority.client(&[], None, ALL_VERSIONS);
    for number in 0..SWAPS {
        let pair = authority.pair("localhost");
        files.write(&pair);
        let fresh = {
            use tokio_rustls::rustls::pki_types::CertificateDer;
            use tokio_rustls::rustls::pki_types::pem::PemObject as _;
            CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("a certificate")
        };
        let shown = async || {
            let stream = connect(&plain, address).await.expect("no handshake fails");
            stream.get_ref().1.peer_certificates().is_some_and(|chain| chain[0] == fresh)
        };
        let mut looks = 0;
        while !shown().await {
            looks += 1;
            assert!(looks < 5000, "certificate {number} was never shown");
            tokio::task::yield_now().await;
        }
    }
    is_over.store(true, Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    let metrics = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
    let applied = metrics.split("mesigate_reloads_total{outcome=\"applied\"} ").nth(1);
    let applied: usize =
        applied.and_then(|rest| rest.lines().next()).expect("a count").parse().expect("a number");
    assert!(applied >= SWAPS, "{metrics}");
    println!("{SWAPS} certificates, {} handshakes, none failed", shaken.load(Relaxed));
}
