//! Stale answers: while upstream is down, and while a fresh answer is fetched.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::Door::{Json, Legacy};
use super::{ANN, BOB, DONE, KEEP, is, is_asked_again, members, read, read_as, write};
use crate::apps::is_refused;
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn when_upstream_is_down_the_last_answer_is_given_as_stale() {
    // A nanosecond passes between any two requests, so every answer is stale at once.
    let often = "cache = { fresh = '1ns', stale_while_revalidate = '0s', stale_if_error = '1h' }";
    let never = "cache = { fresh = '1ns', stale_while_revalidate = '0s', stale_if_error = '0s' }";
    for (toml, is_given) in [(often, true), (never, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Gateway::with(listener.local_addr().expect("an address"), toml);
        let (answer, ()) = tokio::join!(read_as(&gateway, Legacy, "T", 7, "id=3"), one_answer(listener));
        is(&answer, "miss");
        for door in [Legacy, Json] {
            let answer = read_as(&gateway, door, "T", 7, "id=4").await;
            if is_given {
                is(&answer, "stale");
                assert_eq!((&answer.json()["id"], members(&answer)), (&json!(4), vec![json!("ann")]));
            } else {
                is_refused(&answer, "UPSTREAMDOWN");
            }
        }
    }
}

/// An upstream that answers once and then closes.
async fn one_answer(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    drop(listener);
    let mut request = Vec::new();
    while !request.ends_with(b"}}") {
        stream.read_buf(&mut request).await.expect("a request");
    }
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", ANN.len());
    stream.write_all((head + ANN).as_bytes()).await.expect("an answer");
}

#[tokio::test]
async fn a_stale_answer_is_given_at_once_while_one_new_one_is_fetched() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cache = { fresh = '1ns', stale_while_revalidate = '1h' }");
    stub.will_say(ANN);
    is(&read(&gateway, Legacy).await, "miss");
    let release = stub.will_wait(BOB);
    for door in [Legacy, Json, Legacy] {
        let answer = read(&gateway, door).await;
        is(&answer, "stale");
        assert_eq!(members(&answer), ["ann"]);
    }
    // The first reader of the new answer finds it stale in turn, and starts the next refresh.
    stub.will_hold("");
    release.send(()).expect("the stub waits");
    let mut tries = 0;
    while members(&read(&gateway, Legacy).await) != ["bob"] {
        tries += 1;
        assert!(tries < 100_000, "the new answer never comes");
    }
    while stub.call_count() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stub.take_calls().len(), 3);
}

#[tokio::test]
async fn what_a_write_has_ended_is_not_given_as_stale_either() {
    let stub = Stub::start().await;
    let toml = "cache = { fresh = '1h', stale_while_revalidate = '1h', stale_if_error = '1h' }";
    let gateway = Gateway::with(stub.address, toml);
    is_asked_again(&stub, &gateway, Legacy).await;
    stub.will_say(DONE);
    write(&gateway, Legacy, "groupset").await;
    stub.will_say("HTTP/1.1 502 Bad Gateway\n\n<html>");
    assert_eq!(read(&gateway, Legacy).await.json()["error"], "BADANSWER");
    stub.take_calls();
}

#[tokio::test]
async fn reads_are_counted_by_where_their_answer_came_from() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Legacy).await;
    is(&read(&gateway, Json).await, "hit");
    let metrics = String::from_utf8(get(gateway.admin, "/metrics").await.body).expect("text");
    for line in [
        "mesigate_cache_reads_total{state=\"hit\"} 2",
        "mesigate_cache_reads_total{state=\"miss\"} 1",
        "mesigate_cache_reads_total{state=\"bypass\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
}
