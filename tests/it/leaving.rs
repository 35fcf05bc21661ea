//! Clients that leave while their request has to wait: a request that surely was not sent is dropped.

mod crowd; // clients of either version, of which some leave
mod scenes; // a body, the queue, a connection, the pause between two tries
mod tunnel; // an upstream behind a proxy that makes requests wait as the test says

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::support::client::{Client, metric};
use crate::support::gateway::Gateway;

/// An upstream that answers one request for each permit, and remembers what it has read.
struct Gated {
    address: SocketAddr,
    may_answer: Arc<Semaphore>,
    seen: Arc<Mutex<HashMap<u64, usize>>>,
}

impl Gated {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (may_answer, seen) = (Arc::new(Semaphore::new(0)), Arc::<Mutex<HashMap<u64, usize>>>::default());
        let known = (may_answer.clone(), seen.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, known.0.clone(), known.1.clone()));
            }
        });
        Self { address, may_answer, seen }
    }

    fn seen(&self) -> HashMap<u64, usize> {
        self.seen.lock().expect("a lock").clone()
    }
}

async fn answer(mut stream: TcpStream, may_answer: Arc<Semaphore>, seen: Arc<Mutex<HashMap<u64, usize>>>) {
    let mut bytes = Vec::new();
    while matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with("}}")) else {
            continue;
        };
        let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let uid = json["user"]["uid"].as_u64().expect("a number");
        *seen.lock().expect("a lock").entry(uid).or_default() += 1;
        bytes.clear();
        may_answer.acquire().await.expect("it is open").forget();
        let answer = format!(r#"{{"op":"userdel","result":true,"user":{{"uid":{uid}}}}}"#);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
        if stream.write_all((head + &answer).as_bytes()).await.is_err() {
            return;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Stays,
    Closes,
    Resets,
    EndsItsSide,
}

/// Spread as if at random, and the same in each run.
fn chance(uid: u64) -> usize {
    usize::try_from(uid.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 62).expect("two bits")
}

fn request(uid: u64) -> Vec<u8> {
    format!("GET /api.php?op=userdel&token=T&uid={uid} HTTP/1.1\r\nHost: g\r\n\r\n").into_bytes()
}

/// Sends a request and then stays or leaves; returns a client that may still get an answer.
async fn act(address: SocketAddr, uid: u64, does: Does) -> Option<(u64, TcpStream)> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(&request(uid)).await.expect("it is sent");
    match does {
        Does::Stays => return Some((uid, stream)),
        Does::Closes => {}
        Does::Resets => stream.set_zero_linger().expect("an option"),
        Does::EndsItsSide => {
            stream.shutdown().await.expect("an end");
            return Some((uid, stream));
        }
    }
    None
}

/// All bytes until one answer is whole.
async fn told(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"}") {
        assert!(stream.read_buf(&mut bytes).await.expect("an answer") > 0, "the connection ended");
    }
    String::from_utf8(bytes).expect("text")
}

#[tokio::test]
async fn of_ten_thousand_whose_clients_leave_while_they_wait_none_is_sent_and_none_twice() {
    const ROUNDS: u64 = 50;
    const EACH: u64 = 200;
    let upstream = Gated::start().await;
    let settings = "upstream.connections = 1\nupstream.queue = 1000\ndeadline = { queue = '5m', total = '5m', upstream_first_byte = '5m' }";
    let gateway = Gateway::with(upstream.address, settings);
    let mut all = HashMap::new();
    for round in 0..ROUNDS {
        // One request is with upstream; all others have to wait.
        let first = 1_000_000 + round;
        let (_, occupies) = act(gateway.address, first, Does::Stays).await.expect("a client");
        while !upstream.seen().contains_key(&first) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut acting = JoinSet::new();
        for number in 0..EACH {
            let uid = 1 + round * EACH + number;
            let does = [Does::Stays, Does::Closes, Does::Resets, Does::EndsItsSide][chance(uid)];
            all.insert(uid, does);
            acting.spawn(act(gateway.address, uid, does));
        }
        let waiting = acting.join_all().await;
        // Requests of clients that stay wait; the gateway need not have noticed yet that the others have gone.
        let stay = waiting.iter().flatten().filter(|(uid, _)| all[uid] == Does::Stays).count() as u64;
        while metric(gateway.admin, "mesigate_upstream_waiting").await < stay {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        upstream.may_answer.add_permits(usize::try_from(EACH + 1).expect("a number"));
        assert!(told(occupies).await.contains("\"result\":true"));
        for (uid, stream) in waiting.into_iter().flatten() {
            let told = told(stream).await;
            match all[&uid] {
                Does::Stays => assert!(told.contains("\"result\":true"), "{told}"),
                _ => assert!(told.contains("\"error\":\"CLIENTLEFT\""), "{told}"),
            }
        }
        // Permits that no request has used.
        upstream.may_answer.forget_permits(usize::MAX >> 3);
    }
    let seen = upstream.seen();
    for (uid, does) in &all {
        let expected = usize::from(*does == Does::Stays);
        assert_eq!(seen.get(uid).copied().unwrap_or(0), expected, "{uid}: {does:?}");
    }
    let left = metric(
        gateway.admin,
        r#"mesigate_requests_total{door="legacy",op="userdel",outcome="client_left",app="-"}"#,
    );
    assert_eq!(left.await, all.values().filter(|does| **does != Does::Stays).count() as u64);
}

#[tokio::test]
async fn a_client_that_has_ended_its_side_has_its_answer_where_nothing_has_to_wait() {
    let upstream = Gated::start().await;
    let gateway = Gateway::with(upstream.address, "");
    upstream.may_answer.add_permits(3);
    let mut before = Client::connect(gateway.address).await;
    before.send(&request(1)).await;
    before.answer().await.expect("an answer");
    for uid in [2, 3] {
        let (_, stream) = act(gateway.address, uid, Does::EndsItsSide).await.expect("a client");
        assert!(told(stream).await.contains("\"result\":true"));
    }
}
