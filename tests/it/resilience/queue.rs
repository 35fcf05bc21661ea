//! Connections to upstream, and the queue for them.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{DONE, WRITE, begin, is, is_done, metric, retry_after};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

async fn until(gateway: &Gateway, series: &str, value: u64) {
    let reached = async {
        while metric(gateway, series).await != value {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.expect(series);
}

#[tokio::test]
async fn beyond_connections_and_queue_a_request_is_refused_at_once() {
    let stub = Stub::start().await;
    let gateway =
        Gateway::with(stub.address, "upstream.connections = 1\nupstream.queue = 1\ndeadline.queue = '1h'");
    let release = stub.will_wait(DONE);
    let first = begin(&gateway, WRITE);
    until(&gateway, "upstream_calls", 1).await;
    let second = begin(&gateway, WRITE);
    until(&gateway, "upstream_waiting", 1).await;
    let third = get(gateway.address, WRITE).await;
    is(&third, "OVERLOAD", "not-sent");
    assert_eq!(retry_after(&third), 1);
    let cause = third.json()["cause"].as_str().expect("a cause").to_owned();
    assert!(cause.contains("upstream.connections") && cause.contains("upstream.queue"), "{cause}");
    stub.will_say(DONE);
    release.send(()).expect("the stub waits");
    is_done(&first.await.expect("an answer"));
    is_done(&second.await.expect("an answer"));
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "upstream_connections_total").await, 1, "one after the other on one");
    assert_eq!(metric(&gateway, "upstream_waiting").await, 0);
}

#[tokio::test]
async fn who_waits_too_long_is_refused_and_told_the_setting() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "upstream.connections = 1\ndeadline.queue = '20ms'");
    let release = stub.will_wait(DONE);
    let first = begin(&gateway, WRITE);
    until(&gateway, "upstream_calls", 1).await;
    let second = get(gateway.address, WRITE).await;
    is(&second, "OVERLOAD", "not-sent");
    assert_eq!(retry_after(&second), 1);
    let cause = second.json()["cause"].as_str().expect("a cause").to_owned();
    assert!(cause.contains("deadline.queue"), "{cause}");
    release.send(()).expect("the stub waits");
    is_done(&first.await.expect("an answer"));
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_makes_room() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "upstream.connections = 1\nupstream.queue = 0");
    stub.will_hold("");
    let mut client = TcpStream::connect(gateway.address).await.expect("a connection");
    client.write_all(format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await.expect("a request");
    until(&gateway, "upstream_calls", 1).await;
    drop(client);
    until(&gateway, "upstream_calls", 0).await;
    until(&gateway, "upstream_open_connections", 0).await;
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    assert_eq!(stub.take_calls().len(), 2);
}
