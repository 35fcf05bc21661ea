//! Silent clients, and handshakes that stop.

use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ALL_VERSIONS;

use super::{ONE_AT_A_TIME, PATIENCE, Probe, halting, open_connections, serving, until_none_is_open};
use crate::support::echo::Echo;
use crate::support::program::Serving;
use crate::support::tls::{Authority, Files};

/// Holds `count` connections at once, until the gateway has closed them, and checks that a probe is served meanwhile.
async fn are_ended_beside_a_probe(
    serving: Serving,
    tls: Option<TlsConnector>,
    count: usize,
    beginnings: &[&[u8]],
) -> String {
    let probe = Probe::start(serving.address, tls);
    let streams = halting(serving.address, count, beginnings).await;
    let all_are_held = async { while open_connections(&serving).await < count {} };
    tokio::time::timeout(PATIENCE, all_are_held).await.expect("all of them are held at once");
    tokio::time::timeout(PATIENCE, all_end(streams)).await.expect("all of them end");
    let probed = probe.was_served().await;
    tokio::time::timeout(PATIENCE, until_none_is_open(&serving)).await.expect("none is left");
    probed
}

/// Waits until the gateway has closed all connections.
async fn all_end(streams: Vec<TcpStream>) {
    for mut stream in streams {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
}

const DEADLINES: &str =
    "deadline = { tls = '5s', first_byte = '5s', head = '5s', body = '2s', write = '2s' }\n";

#[tokio::test]
async fn two_thousand_silent_connections_are_ended_and_disturb_nobody() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, DEADLINES, None);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let beginnings = [b"".as_slice(), b"G", b"P", &preface[..23]];
    let probed = are_ended_beside_a_probe(serving, None, 2000, &beginnings).await;
    println!("beside 2,000 silent connections: {probed}");
}

#[tokio::test]
async fn handshakes_that_stop_are_ended_and_disturb_nobody() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = format!("{DEADLINES}{}", files.settings());
    let (serving, _settings) = serving(echo.address, &settings, None);
    // A ClientHello whose record claims to be longer than the bytes that come.
    let mut hello = b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03".to_vec();
    hello.resize(100, 0);
    let beginnings = [b"".as_slice(), &hello[..5], &hello];
    let tls = authority.client(&["http/1.1"], None, ALL_VERSIONS);
    let probed = are_ended_beside_a_probe(serving, Some(tls), 600, &beginnings).await;
    println!("beside 600 handshakes that stop: {probed}");
}
