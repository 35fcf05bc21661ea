//! Clients that read no answer.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpSocket;

use super::{ONE_AT_A_TIME, PATIENCE, post, serving, until_none_is_open};
use crate::support::stub::Stub;

#[tokio::test]
async fn clients_that_take_no_answer_are_ended() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let stub = Stub::start().await;
    let settings = "deadline = { write = '1s', idle = '1h' }\ncap.answer = 10000000\n";
    let (serving, _folder) = serving(stub.address, settings, None);
    // More than the kernel buffers for the gateway.
    let answer = format!(r#"{{"op":"x","result":true,"text":"{}"}}"#, "a".repeat(9_000_000));
    let envelope = r#"{"op":"x","token":"T"}"#;
    let request = post("Content-Type: application/json\r\n", envelope.as_bytes());
    let mut idle = Vec::new();
    for _ in 0..5 {
        stub.will_say(&answer);
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("an option");
        let mut stream = socket.connect(serving.address).await.expect("a connection");
        stream.write_all(&request).await.expect("the request is sent");
        idle.push(stream);
    }
    while stub.call_count() < idle.len() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::timeout(PATIENCE, until_none_is_open(&serving)).await.expect("all of them end");
    stub.take_calls();
}
