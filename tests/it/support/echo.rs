//! An upstream that does whatever it is asked after a moment, and remembers how often.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The upstream. It knows a request by its message's text, or by its user's number.
pub struct Echo {
    pub address: SocketAddr,
    seen: Arc<Mutex<HashMap<String, usize>>>,
}

impl Echo {
    pub async fn start(takes: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
        let known = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, known.clone(), takes));
            }
        });
        Self { address, seen }
    }

    /// How often each request came since the last look.
    pub fn take_seen(&self) -> HashMap<String, usize> {
        std::mem::take(&mut self.seen.lock().expect("a lock"))
    }
}

async fn serve(mut stream: TcpStream, seen: Arc<Mutex<HashMap<String, usize>>>, takes: Duration) {
    let mut bytes = Vec::new();
    loop {
        let Some((body, whole)) = request(&bytes) else {
            if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
                return;
            }
            continue;
        };
        let json: serde_json::Value = serde_json::from_slice(body).expect("JSON");
        let text = json["message"]["message"].as_str().map(str::to_owned);
        let known_by = text.unwrap_or_else(|| json["user"]["uid"].to_string());
        *seen.lock().expect("a lock").entry(known_by).or_default() += 1;
        bytes.drain(..whole);
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        let answer = format!(r#"{{"result":true,"user":{{"uid":{}}}}}"#, json["user"]["uid"]);
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len());
        if stream.write_all((head + &answer).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A whole request's body, and the length of the request.
fn request(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]);
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse::<usize>().ok()?;
    Some((bytes.get(end..end + length)?, end + length))
}
