//! A connection by itself, on a pipe in memory and a clock that the tests move.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

use arc_swap::ArcSwap;

use super::{Connection, ConnectionState, End, Phase, UNCOUNTED, Version};
use crate::config::Layers;
use crate::http::connection::memory::Link;
use crate::http::connection::share::OWN;
use crate::http::connection::table::Connections;
use crate::http::terms::{Current, Terms};

const SECOND: Duration = Duration::from_secs(1);

fn terms() -> Terms {
    let text = "deadline = { first_byte = '3s', head = '5s', idle = '60s' }\ncap.target = 100";
    let layers = Layers::shipped().and_then(|layers| layers.text("test", text)).expect("sound TOML");
    Terms::of(&layers.config().expect("sound settings"), None)
}

fn connection() -> (DuplexStream, Connection<DuplexStream>, Arc<ConnectionState>) {
    let (client, connection, state, _) = wire_under(terms());
    (client, connection, state)
}

/// A connection's two ends, its state, and the terms that it follows.
fn wire_under(
    terms: Terms,
) -> (DuplexStream, Connection<DuplexStream>, Arc<ConnectionState>, Arc<ArcSwap<Terms>>) {
    let (client, server) = duplex(1024);
    let state = Arc::new(ConnectionState::new([127, 0, 0, 1].into()));
    state.enter(Phase::Silent);
    let link = Link { state: state.clone(), connections: Connections::new(1, || {}) };
    let terms = Arc::new(ArcSwap::from_pointee(terms));
    (client, Connection::new(server, link, Current::of(&terms)), state, terms)
}

async fn head(connection: &mut Connection<DuplexStream>) -> Result<String, End> {
    let head = connection.head().await?;
    Ok(String::from_utf8(head.to_vec()).expect("text"))
}

#[tokio::test]
async fn a_head_is_given_out_whole_however_it_comes() {
    for pieces in [
        &["GET /api.php?a=1 HTTP/1.1\r\nHost: x\r\n\r\n"][..],
        &["\r\nGET /api", ".php?a=1 HTT", "P/1.1\r\nHo", "st: x\r\n\r", "\n"],
    ] {
        let (mut client, mut connection, state) = connection();
        let sent = async {
            for piece in pieces {
                client.write_all(piece.as_bytes()).await.expect("sent");
                tokio::task::yield_now().await;
            }
        };
        let ((), head) = tokio::join!(sent, head(&mut connection));
        assert_eq!(head.expect("a head"), "GET /api.php?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(connection.waiting().is_empty());
        assert_eq!(state.phase().0, if pieces.len() > 1 { Phase::Head } else { Phase::Silent });
    }
}

#[tokio::test]
async fn what_stands_behind_a_head_waits_until_it_is_asked_for() {
    let (mut client, mut connection, _) = connection();
    let (first, second) = ("POST / HTTP/1.1\r\n\r\n", "GET /b HTTP/1.1\r\n\r\n");
    client.write_all(format!("{first}body{second}").as_bytes()).await.expect("sent");
    assert_eq!(head(&mut connection).await.expect("a head"), first);
    assert_eq!(connection.take_out(4), &b"body"[..]);
    assert_eq!(head(&mut connection).await.expect("a head"), second);
}

/// What the client receives before the connection ends.
async fn last_word(mut client: DuplexStream, mut connection: Connection<DuplexStream>) -> (String, Duration) {
    let begun = Instant::now();
    let ended = async {
        let End::Refused(refusal) = head(&mut connection).await.expect_err("no head") else {
            panic!("it is not told")
        };
        let after = begun.elapsed();
        connection.close_with(format!("{} {}", refusal.status(), refusal.why()).into_bytes()).await;
        drop(connection);
        after
    };
    let mut word = String::new();
    let (after, read) = tokio::join!(ended, client.read_to_string(&mut word));
    read.expect("text");
    (word, after)
}

#[tokio::test(start_paused = true)]
async fn what_cannot_become_a_head_is_told_why_and_the_connection_ends() {
    for (sent, status) in
        [(format!("GET /?{}", "a".repeat(200)), "414 "), ("\r\n\r\n\r\nGET".to_owned(), "400 ")]
    {
        let (mut client, connection, _) = connection();
        client.write_all(sent.as_bytes()).await.expect("sent");
        let (word, _) = last_word(client, connection).await;
        assert!(word.starts_with(status), "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_ends_after_first_byte() {
    let (_client, mut connection, _) = connection();
    let begun = Instant::now();
    assert!(matches!(head(&mut connection).await, Err(End::Left)));
    assert!((3 * SECOND..4 * SECOND).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn half_of_http_2s_first_words_is_silence_too() {
    for sent in ["P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
        let (mut client, mut connection, _) = connection();
        client.write_all(sent.as_bytes()).await.expect("sent");
        let begun = Instant::now();
        assert!(connection.sniff().await.is_err());
        assert!((3 * SECOND..4 * SECOND).contains(&begun.elapsed()));
    }
    for (sent, version) in [("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Version::Two), ("POST", Version::One)] {
        let (mut client, mut connection, _) = connection();
        client.write_all(sent.as_bytes()).await.expect("sent");
        assert_eq!(connection.sniff().await.expect("a version"), version);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_gets_408_however_it_trickles() {
    let (client, connection, _) = connection();
    let (reading, mut writing) = tokio::io::split(client);
    let trickle = async {
        for byte in b"GET / HTTP/1.1\r\n" {
            if writing.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(SECOND).await;
        }
    };
    let heard = async {
        let mut connection = connection;
        let begun = Instant::now();
        let refused = head(&mut connection).await;
        drop((connection, reading));
        (refused, begun.elapsed())
    };
    let ((), (refused, after)) = tokio::join!(trickle, heard);
    assert!(matches!(refused, Err(End::Refused(refusal)) if refusal.status() == 408));
    assert!((5 * SECOND..7 * SECOND).contains(&after), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resting_connection_has_its_own_time() {
    let (_client, mut connection, state) = connection();
    state.enter(Phase::Resting);
    let begun = Instant::now();
    assert!(matches!(head(&mut connection).await, Err(End::Left)));
    assert!((60 * SECOND..61 * SECOND).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_dismissed_connection_ends_at_once_unless_a_request_has_begun() {
    let (_client, mut connection, state) = connection();
    state.enter(Phase::Resting);
    let begun = Instant::now();
    let dismissed = async {
        tokio::time::sleep(SECOND).await;
        state.dismiss();
    };
    let (ended, ()) = tokio::join!(head(&mut connection), dismissed);
    assert!(matches!(ended, Err(End::Left)));
    assert_eq!(begun.elapsed(), SECOND);

    let (mut client, mut connection, state) = self::connection();
    client.write_all(b"GET / HT").await.expect("sent");
    let rest = async {
        tokio::time::sleep(SECOND).await;
        state.dismiss();
        client.write_all(b"TP/1.1\r\n\r\n").await.expect("sent");
    };
    let (whole, ()) = tokio::join!(head(&mut connection), rest);
    assert_eq!(whole.expect("a head"), "GET / HTTP/1.1\r\n\r\n");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let (mut client, mut connection, _) = connection();
    let begun = Instant::now();
    let answer = vec![b'a'; 3000];
    let slowly = async {
        // A client that takes a byte now and then is slow, and is served on.
        let mut bytes = [0; 1024];
        tokio::time::sleep(15 * SECOND).await;
        client.read_exact(&mut bytes).await.expect("bytes");
        client
    };
    let (written, _client) = tokio::join!(connection.write_all(&answer), slowly);
    assert_eq!(written.map_err(|error| error.kind()), Err(ErrorKind::TimedOut));
    assert!((35 * SECOND..36 * SECOND).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

/// A steady client has twice the time for a whole answer, and once more for each 64 KiB beyond the first.
#[tokio::test(start_paused = true)]
async fn a_client_that_takes_its_answer_a_byte_at_a_time_is_given_up_in_the_end() {
    for (length, seconds) in [(3000, 40), (200_000, 100)] {
        let (mut client, mut connection, state) = connection();
        let begun = Instant::now();
        let answer = vec![b'a'; length];
        let steadily = async {
            let mut byte = [0];
            while client.read_exact(&mut byte).await.is_ok() {
                tokio::time::sleep(SECOND).await;
            }
        };
        let written = async {
            let written = connection.send(&answer).await;
            assert_eq!(state.phase().0, Phase::Taking);
            drop(connection);
            (written.map_err(|error| error.kind()), begun.elapsed())
        };
        let (written, ()) = tokio::join!(written, steadily);
        assert_eq!(written.0, Err(ErrorKind::TimedOut));
        assert_eq!(written.1.as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn an_http_2_connection_ends_when_the_time_of_its_oldest_request_is_over() {
    let (_client, mut connection, state) = connection();
    connection.pass_h2();
    let at = |seconds| Instant::now() + seconds * SECOND;
    let _lying = state.open(Phase::Taking, at(40));
    let begun = Instant::now();
    let others = async {
        loop {
            let other = state.open(Phase::Serving, at(60));
            tokio::time::sleep(SECOND).await;
            state.close(other);
        }
    };
    let mut bytes = [0; 9];
    let end = tokio::select! {
        end = connection.read(&mut bytes) => end,
        () = others => unreachable!("they go on and on"),
    };
    assert_eq!(end.expect("an end"), 0);
    assert_eq!(begun.elapsed().as_secs(), 40, "whatever others are answered meanwhile");
}

#[tokio::test(start_paused = true)]
async fn an_http_2_connection_on_which_nothing_is_asked_has_the_time_of_a_silent_one() {
    let (_client, mut connection, _) = connection();
    connection.pass_h2();
    let begun = Instant::now();
    let mut bytes = [0; 9];
    assert_eq!(connection.read(&mut bytes).await.expect("an end"), 0);
    assert_eq!(begun.elapsed().as_secs(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_force_when_a_request_comes_is_what_it_is_read_by() {
    let (mut client, mut connection, _, current) = wire_under(terms());
    client.write_all(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("sent");
    let bytes = connection.head().await.expect("a head");
    assert!(connection.understand(&bytes).is_ok());
    let mut stricter = terms();
    stricter.rules.hosts = crate::http::proto::head::Hosts::These(vec!["b".to_owned()]);
    stricter.rules.line = 20;
    current.store(Arc::new(stricter));
    assert_eq!(
        connection.understand(&bytes).err().map(crate::http::proto::head_reject::HeadReject::status),
        Some(421)
    );
    client.write_all(b"GET /aaaaaaaaaaaaaaaaaaaaaaaaa").await.expect("sent");
    assert!(matches!(connection.head().await, Err(End::Refused(refusal)) if refusal.status() == 414));
}

#[tokio::test(start_paused = true)]
async fn a_long_head_counts_among_long_requests_until_it_is_answered() {
    let mut roomy = terms();
    (roomy.rules.line, roomy.memory) = (100_000, 20_000);
    let (mut client, mut connection, state, _) = wire_under(roomy);
    let long = |length| format!("GET /?{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(length));
    let ask = async |client: &mut DuplexStream, connection: &mut Connection<DuplexStream>, length| {
        let text = long(length);
        let (sent, head) = tokio::join!(client.write_all(text.as_bytes()), head(connection));
        sent.expect("sent");
        head.map(|head| head.len())
    };
    assert!(ask(&mut client, &mut connection, UNCOUNTED / 2).await.is_ok());
    assert_eq!(state.memory(), 0, "as most are");
    assert!(ask(&mut client, &mut connection, OWN + 10_000).await.is_ok());
    assert!(state.memory() > OWN + 8_000, "{}", state.memory());
    connection.reuse(bytes::BytesMut::new());
    assert_eq!(state.memory(), 0);
    let text = long(OWN + 30_000);
    let (_, refused) = tokio::join!(client.write_all(text.as_bytes()), async {
        let refused = head(&mut connection).await;
        drop(connection);
        refused
    });
    assert!(matches!(refused, Err(End::Refused(refusal)) if refusal.status() == 503));
}
