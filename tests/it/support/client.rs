//! A client that sends bytes as they are and reads one HTTP answer.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A parsed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub version: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("the body is no JSON ({error}): {}", String::from_utf8_lossy(&self.body))
        })
    }
}

/// A connection that is kept open between requests.
pub struct Client(TcpStream, Vec<u8>);

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        // Bytes that a test sends as one piece must travel as one.
        stream.set_nodelay(true).expect("a socket");
        Self(stream, Vec::new())
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.expect("the bytes are sent");
    }

    /// Sends to a gateway that may have closed the connection already; tells whether the bytes are sent.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Ends the client's side of the connection; answers can still come.
    pub async fn finish(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// One whole answer, or `None` if the connection ended before it.
    pub async fn answer(&mut self) -> Option<Answer> {
        loop {
            if let Some((answer, length)) = parse(&self.1) {
                self.1.drain(..length);
                return Some(answer);
            }
            if self.0.read_buf(&mut self.1).await.ok()? == 0 {
                return None;
            }
        }
    }

    /// Received bytes that are no whole answer.
    pub fn rest(&self) -> &[u8] {
        &self.1
    }

    /// The head of an answer that has no body, whatever its length says.
    pub async fn head(&mut self) -> String {
        let mut bytes = Vec::new();
        while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
            let read = self.0.read_buf(&mut bytes).await.expect("a head");
            assert!(read > 0, "the connection ended within the head");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Whether the other side has ended the connection.
    pub async fn is_ended(&mut self) -> bool {
        let mut rest = Vec::new();
        matches!(self.0.read_buf(&mut rest).await, Ok(0) | Err(_))
    }
}

/// Asserts that an answer is a failure with this code and this outcome.
#[track_caller]
pub fn is(answer: &Answer, error: &str, outcome: &str) {
    let json = answer.json();
    assert_eq!((&json["result"], &json["error"]), (&false.into(), &error.into()), "{json}");
    assert_eq!(answer.header("x-mesigate-outcome"), Some(outcome), "{json}");
}

/// Asserts that an answer is a success.
#[track_caller]
pub fn is_done(answer: &Answer) {
    assert_eq!(answer.json()["result"], true, "{}", answer.json());
    assert_eq!(answer.header("x-mesigate-outcome"), Some("done"));
}

/// Sends one request on a connection of its own.
pub async fn ask(address: SocketAddr, request: &[u8]) -> Answer {
    let mut client = Client::connect(address).await;
    client.send(request).await;
    client.answer().await.expect("an answer")
}

/// Sends a GET for `target`.
pub async fn get(address: SocketAddr, target: &str) -> Answer {
    ask(address, format!("GET {target} HTTP/1.1\r\nHost: gateway\r\n\r\n").as_bytes()).await
}

/// All that `/metrics` shows.
pub async fn metrics(admin: SocketAddr) -> String {
    String::from_utf8(get(admin, "/metrics").await.body).expect("text")
}

/// The value of one series, such as `mesigate_workers` or `mesigate_limited_total{rule="a",mode="shadow"}`.
pub async fn metric(admin: SocketAddr, series: &str) -> u64 {
    let metrics = metrics(admin).await;
    let value = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().expect("a number")
}

/// An answer and its length in bytes.
fn parse(bytes: &[u8]) -> Option<(Answer, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut status = lines.next()?.splitn(3, ' ');
    let version = status.next()?.to_owned();
    let status = status.next()?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, value)| value.parse().expect("a length"));
    let whole = end + 4 + length;
    let body = bytes.get(end + 4..whole)?.to_vec();
    Some((Answer { status, version, headers, body }, whole))
}
