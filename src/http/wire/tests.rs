//! The wire by itself, on a pipe in memory and a clock that the tests move.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::{Heading, Wire};
use crate::config::{Config, Layers};

const SECOND: Duration = Duration::from_secs(1);

fn settings() -> Config {
    let text = "deadline = { first_byte = '3s', head = '5s', idle = '60s' }\ncap.target = 100";
    let layers = Layers::shipped().and_then(|layers| layers.text("test", text)).expect("sound TOML");
    layers.config().expect("sound settings")
}

fn wire() -> (DuplexStream, Wire<DuplexStream>, Arc<Heading>) {
    let (client, server) = duplex(1024);
    let heading = Arc::new(Heading::new([127, 0, 0, 1].into()));
    let config = settings();
    (client, Wire::new(server, heading.clone(), config.deadline, config.cap), heading)
}

/// What hyper would get of one read, in pieces of at most `most` bytes.
async fn read(wire: &mut Wire<DuplexStream>, most: usize) -> std::io::Result<String> {
    let mut bytes = vec![0; most];
    let length = wire.read(&mut bytes).await?;
    bytes.truncate(length);
    Ok(String::from_utf8(bytes).expect("text"))
}

fn text(query: Option<Vec<u8>>) -> Option<String> {
    query.map(|query| String::from_utf8(query).expect("text"))
}

#[tokio::test]
async fn the_query_goes_round_hyper() {
    let (mut client, mut wire, heading) = wire();
    client.write_all(b"GET /api.php?m=\"a b\" HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    assert_eq!(read(&mut wire, 999).await.expect("read"), "GET /api.php?~ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(text(heading.begin()).as_deref(), Some("m=\"a b\""));
}

#[tokio::test]
async fn a_line_in_pieces_is_put_together_and_given_out_in_pieces() {
    let (mut client, mut wire, heading) = wire();
    let pieces = async {
        for piece in ["GET /api", ".php?a=", "1&b=2 HTT", "P/1.1\r\nHo", "st: x\r\n\r\n"] {
            client.write_all(piece.as_bytes()).await.expect("sent");
            tokio::task::yield_now().await;
        }
    };
    let gathered = async {
        let mut all = String::new();
        while !all.ends_with("\r\n\r\n") {
            all += &read(&mut wire, 7).await.expect("read");
        }
        all
    };
    let ((), all) = tokio::join!(pieces, gathered);
    assert_eq!(all, "GET /api.php?~ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(text(heading.begin()).as_deref(), Some("a=1&b=2"));
}

#[tokio::test]
async fn a_body_is_never_taken_for_a_request_line() {
    let (mut client, mut wire, heading) = wire();
    client.write_all(b"POST /backend?a=1 HTTP/1.1\r\nContent-Length: 24\r\n\r\n").await.expect("sent");
    read(&mut wire, 999).await.expect("read");
    assert!(heading.begin().is_some());
    client.write_all(b"GET /b?secret=1 HTTP/1.1\r\n").await.expect("sent");
    assert_eq!(read(&mut wire, 999).await.expect("read"), "GET /b?secret=1 HTTP/1.1\r\n");
    heading.end();
    client.write_all(b"GET /c?next=1 HTTP/1.1\r\n\r\n").await.expect("sent");
    assert_eq!(read(&mut wire, 999).await.expect("read"), "GET /c?~ HTTP/1.1\r\n\r\n");
    assert_eq!(text(heading.begin()).as_deref(), Some("next=1"));
}

#[tokio::test]
async fn a_line_over_the_cap_is_answered_with_414() {
    let (mut client, mut wire, _) = wire();
    client.write_all(format!("GET /?{}", "a".repeat(200)).as_bytes()).await.expect("sent");
    assert!(read(&mut wire, 999).await.is_err());
    let mut answer = [0; 12];
    client.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 414");
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_ends_after_first_byte() {
    let (_client, mut wire, _) = wire();
    let begun = tokio::time::Instant::now();
    assert_eq!(read(&mut wire, 999).await.expect("an end"), "");
    assert!((3 * SECOND..4 * SECOND).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_gets_408_however_it_trickles() {
    let (mut client, mut wire, _) = wire();
    let trickle = async {
        for byte in b"GET / HTTP/1.1\r\n" {
            if client.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(SECOND).await;
        }
        client
    };
    let begun = tokio::time::Instant::now();
    let ended = async {
        while read(&mut wire, 999).await.is_ok() {}
        let after = begun.elapsed();
        drop(wire);
        after
    };
    let (mut client, after) = tokio::join!(trickle, ended);
    assert!((5 * SECOND..6 * SECOND).contains(&after), "{after:?}");
    let mut answer = [0; 12];
    client.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[tokio::test(start_paused = true)]
async fn a_resting_connection_has_its_own_time_and_a_serving_one_none() {
    let (mut client, mut wire, heading) = wire();
    client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");
    read(&mut wire, 999).await.expect("read");
    heading.begin();
    let waiting = tokio::time::timeout(3600 * SECOND, read(&mut wire, 999)).await;
    assert!(waiting.is_err(), "nothing ends it while the handler works");
    heading.end();
    let begun = tokio::time::Instant::now();
    assert_eq!(read(&mut wire, 999).await.expect("an end"), "");
    assert!((60 * SECOND..61 * SECOND).contains(&begun.elapsed()));
}
