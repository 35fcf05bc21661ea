//! An upstream behind a proxy: the test says which connections are made or fail, and when each request is answered.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::stub::{http, read_call};

/// What becomes of comers, by their number: the first ones fail, the next ones go on, all others wait.
#[derive(Debug, Clone, Copy)]
pub struct Let {
    pub fail: u64,
    pub go_on: u64,
}

impl Let {
    pub const WAIT: Self = Self { fail: 0, go_on: 0 };
    pub const GO_ON: Self = Self { fail: 0, go_on: u64::MAX };
}

/// A gate that comers pass in their order.
struct Turnstile {
    came: AtomicU64,
    told: watch::Sender<Let>,
}

impl Turnstile {
    fn new(told: Let) -> Self {
        Self { came: AtomicU64::new(0), told: watch::Sender::new(told) }
    }

    /// Waits until the test decides about this comer; whether it goes on.
    async fn pass(&self) -> bool {
        let number = self.came.fetch_add(1, SeqCst);
        let mut told = self.told.subscribe();
        let told = told.wait_for(|told| number < told.fail.max(told.go_on)).await;
        told.is_ok_and(|told| number >= told.fail)
    }
}

/// The proxy and the upstream behind it.
pub struct Tunnel {
    pub address: SocketAddr,
    known: Arc<Known>,
}

struct Known {
    connecting: Turnstile,
    answering: Turnstile,
    /// How often each request was read: by its user's or group's number, or by the number in its message.
    seen: Mutex<HashMap<u64, usize>>,
    /// Whether connections stay open for another request.
    rests: bool,
}

impl Tunnel {
    /// Connections are made and requests answered as the test says; connections stay idle or end with an answer.
    pub async fn start(connections: Let, answers: Let, rests: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (connecting, answering) = (Turnstile::new(connections), Turnstile::new(answers));
        let known = Arc::new(Known { connecting, answering, seen: Mutex::default(), rests });
        let tunnel = Self { address, known: known.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, known.clone()));
            }
        });
        tunnel
    }

    /// Settings of a gateway that reaches upstream through this proxy.
    pub fn settings(&self) -> String {
        format!(
            "upstream.url = 'http://upstream.test/backend/'\nupstream.proxy = 'http://{}'\n",
            self.address
        )
    }

    pub fn connections(&self, told: Let) {
        self.known.connecting.told.send_replace(told);
    }

    pub fn answers(&self, told: Let) {
        self.known.answering.told.send_replace(told);
    }

    /// How many connections the gateway asked for.
    pub fn dialled(&self) -> u64 {
        self.known.connecting.came.load(SeqCst)
    }

    /// How many requests upstream read.
    pub fn asked(&self) -> u64 {
        self.known.answering.came.load(SeqCst)
    }

    pub fn seen(&self, uid: u64) -> usize {
        self.known.seen.lock().expect("a lock").get(&uid).copied().unwrap_or(0)
    }
}

async fn serve(mut stream: TcpStream, known: Arc<Known>) {
    let connect = read_call(&mut stream).await;
    let is_connect = connect.is_some_and(|call| call.head.starts_with("CONNECT upstream.test:80 "));
    if !is_connect || !known.connecting.pass().await {
        return;
    }
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    while stream.write_all(&answer).await.is_ok() {
        let Some(call) = read_call(&mut stream).await else {
            return;
        };
        *known.seen.lock().expect("a lock").entry(number(&call.body)).or_default() += 1;
        if !known.answering.pass().await {
            return;
        }
        answer = http(r#"{"result":true,"members":[]}"#);
        if !known.rests {
            let text = String::from_utf8(answer).expect("text");
            answer = text.replacen("\r\n", "\r\nConnection: close\r\n", 1).into_bytes();
        }
    }
}

/// The number of the request with this body.
fn number(body: &[u8]) -> u64 {
    let json: Value = serde_json::from_slice(body).expect("JSON");
    let text = json["message"]["message"].as_str();
    let told = text.and_then(|text| text.split(' ').next()?.parse().ok());
    told.or(json["user"]["uid"].as_u64()).or(json["group"]["gid"].as_u64()).expect("a number")
}

/// Waits until the condition holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    while !holds().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
