//! The wire by itself, on a pipe in memory and a clock that the tests move.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

use super::{Heading, Phase, Version, Wire};
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
    heading.enter(Phase::Silent);
    (client, Wire::new(server, heading.clone(), Arc::default(), &config), heading)
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
    assert_eq!(text(heading.begin().query).as_deref(), Some("m=\"a b\""));
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
    assert_eq!(text(heading.begin().query).as_deref(), Some("a=1&b=2"));
}

#[tokio::test]
async fn a_body_is_never_taken_for_a_request_line_and_the_next_request_waits_for_the_answer() {
    let (mut client, mut wire, heading) = wire();
    client
        .write_all(b"POST /backend?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\n")
        .await
        .expect("sent");
    read(&mut wire, 999).await.expect("read");
    assert!(heading.begin().query.is_some());
    client
        .write_all(b"GET /b?secret=1 HTTP/1.1\r\nGET /c?next=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("sent");
    assert_eq!(read(&mut wire, 999).await.expect("read"), "GET /b?secret=1 HTTP/1.1\r\n");
    assert_eq!(heading.phase().0, Phase::Serving);
    let (next, ()) = tokio::join!(read(&mut wire, 999), async {
        tokio::task::yield_now().await;
        heading.end();
    });
    assert_eq!(next.expect("read"), "GET /c?~ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(text(heading.begin().query).as_deref(), Some("next=1"));
}

#[tokio::test]
async fn chunks_pass_as_they_are_and_an_odd_one_breaks_the_body_off() {
    let head = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (mut client, mut wire, heading) = wire();
    client.write_all(&[head.as_slice(), b"3\r\nabc\r\n0\r\n\r\nGET /b"].concat()).await.expect("sent");
    assert!(read(&mut wire, 999).await.expect("read").ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"));
    assert_eq!(heading.phase().0, Phase::Serving);

    let (mut client, mut wire, heading) = self::wire();
    client.write_all(head).await.expect("sent");
    read(&mut wire, 999).await.expect("read");
    client.write_all(b"0x3\r\nabc").await.expect("sent");
    assert_eq!(read(&mut wire, 999).await.map_err(|error| error.kind()), Err(ErrorKind::InvalidData));
    assert_eq!(heading.phase().0, Phase::Body);
}

/// What the client is told before the connection ends.
async fn last_word(mut client: DuplexStream, mut wire: Wire<DuplexStream>) -> (String, Duration) {
    let begun = Instant::now();
    let ended = async {
        while read(&mut wire, 999).await.is_ok() {}
        let after = begun.elapsed();
        drop(wire);
        after
    };
    let mut word = String::new();
    let (after, read) = tokio::join!(ended, client.read_to_string(&mut word));
    read.expect("text");
    (word, after)
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_refused_is_told_why_and_the_connection_ends() {
    for (sent, status) in [
        (format!("GET /?{}", "a".repeat(200)), "414 URI Too Long"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400 Bad Request"),
        ("GET / HTTP/3.0\r\n\r\n".to_owned(), "505 HTTP Version Not Supported"),
        ("\r\n\r\n\r\nGET".to_owned(), "400 Bad Request"),
    ] {
        let (mut client, wire, _) = wire();
        client.write_all(sent.as_bytes()).await.expect("sent");
        let (word, _) = last_word(client, wire).await;
        assert!(word.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{word}");
        assert!(word.contains("\r\nConnection: close\r\n") && word.ends_with('\n'), "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_ends_after_first_byte() {
    let (_client, mut wire, _) = wire();
    let begun = Instant::now();
    assert_eq!(read(&mut wire, 999).await.expect("an end"), "");
    assert!((3 * SECOND..4 * SECOND).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn half_of_http_2s_first_words_is_silence_too() {
    for sent in ["P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
        let (mut client, mut wire, _) = wire();
        client.write_all(sent.as_bytes()).await.expect("sent");
        let begun = Instant::now();
        assert!(wire.sniff().await.is_err());
        assert!((3 * SECOND..4 * SECOND).contains(&begun.elapsed()));
    }
    for (sent, version) in [("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Version::Two), ("POST", Version::One)] {
        let (mut client, mut wire, _) = wire();
        client.write_all(sent.as_bytes()).await.expect("sent");
        assert_eq!(wire.sniff().await.expect("a version"), version);
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_gets_408_however_it_trickles() {
    let (client, wire, _) = wire();
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
        let mut reading = reading;
        let mut word = Vec::new();
        let begun = Instant::now();
        let mut wire = wire;
        while read(&mut wire, 999).await.is_ok() {}
        let after = begun.elapsed();
        drop(wire);
        reading.read_to_end(&mut word).await.expect("read");
        (String::from_utf8(word).expect("text"), after)
    };
    let ((), (word, after)) = tokio::join!(trickle, heard);
    assert!(word.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{word}");
    assert!((5 * SECOND..7 * SECOND).contains(&after), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resting_connection_has_its_own_time_and_a_serving_one_none() {
    let (mut client, mut wire, heading) = wire();
    client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
    read(&mut wire, 999).await.expect("read");
    heading.begin();
    let waiting = tokio::time::timeout(3600 * SECOND, read(&mut wire, 999)).await;
    assert!(waiting.is_err(), "nothing ends it while the handler works");
    heading.end();
    let begun = Instant::now();
    assert_eq!(read(&mut wire, 999).await.expect("an end"), "");
    assert!((60 * SECOND..61 * SECOND).contains(&begun.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
    let (mut client, mut wire, _) = wire();
    let begun = Instant::now();
    let answer = vec![b'a'; 3000];
    let slowly = async {
        // A byte now and then is taken: that is slow, and goes on.
        let mut bytes = [0; 1024];
        tokio::time::sleep(15 * SECOND).await;
        client.read_exact(&mut bytes).await.expect("bytes");
        client
    };
    let (written, _client) = tokio::join!(wire.write_all(&answer), slowly);
    assert_eq!(written.map_err(|error| error.kind()), Err(ErrorKind::TimedOut));
    assert!((35 * SECOND..36 * SECOND).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_http_2_client_that_leaves_answers_lying_is_given_up_and_one_that_takes_them_is_not() {
    let (_client, mut wire, heading) = wire();
    wire.pass_frames();
    heading.begin_one_of_many();
    heading.begin_one_of_many();
    let waiting = tokio::time::timeout(50 * SECOND, read(&mut wire, 999)).await;
    assert!(waiting.is_err(), "a body, a place, an answer and its way back take their time");
    heading.end();
    let waiting = tokio::time::timeout(50 * SECOND, read(&mut wire, 999)).await;
    assert!(waiting.is_err(), "one was taken meanwhile");
    assert_eq!(read(&mut wire, 999).await.expect("an end"), "");
}
