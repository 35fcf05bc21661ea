//! An upstream with scripted answers, which fails the test when it is called more or less often than the script says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A request as upstream got it.
#[derive(Debug, Clone)]
pub struct Call {
    pub head: String,
    pub body: Vec<u8>,
}

/// An answer, what to wait for before it, and what the connection does after it.
struct Scripted {
    bytes: Vec<u8>,
    after: Option<oneshot::Receiver<()>>,
    then: Then,
}

enum Then {
    Next,
    End,
    Hold,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Scripted>,
    calls: Vec<Call>,
    unexpected: usize,
}

/// The stub. Its calls must all be taken, and its answers all be used, before it is dropped.
pub struct Stub {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

impl Stub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let script = Arc::new(Mutex::new(Script::default()));
        let shared = script.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { address, script }
    }

    /// The next call gets these bytes: a whole HTTP answer, or JSON, to which a head is added.
    pub fn will_say(&self, answer: &str) {
        if answer.starts_with("HTTP/") {
            let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
            self.will_send(format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes());
        } else {
            self.push(Scripted { bytes: http(answer), after: None, then: Then::Next });
        }
    }

    /// The next call gets exactly these bytes, and the connection closes.
    pub fn will_send(&self, bytes: Vec<u8>) {
        self.push(Scripted { bytes, after: None, then: Then::End });
    }

    /// The next call gets these bytes, and the connection stays open and silent.
    pub fn will_hold(&self, bytes: &str) {
        self.push(Scripted { bytes: bytes.as_bytes().to_vec(), after: None, then: Then::Hold });
    }

    /// The next call gets this JSON once the test sends on the returned channel.
    pub fn will_wait(&self, json: &str) -> oneshot::Sender<()> {
        let (release, released) = oneshot::channel();
        self.push(Scripted { bytes: http(json), after: Some(released), then: Then::Next });
        release
    }

    fn push(&self, scripted: Scripted) {
        self.script.lock().expect("a lock").answers.push_back(scripted);
    }

    /// Drops unused answers, where the test allows that calls did not come.
    pub fn forget_answers(&self) {
        self.script.lock().expect("a lock").answers.clear();
    }

    /// How many calls there were since the last look.
    pub fn call_count(&self) -> usize {
        self.script.lock().expect("a lock").calls.len()
    }

    /// The calls since the last look.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.script.lock().expect("a lock").calls)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let script = self.script.lock().expect("a lock");
        assert_eq!(script.unexpected, 0, "upstream was called when it should not have been");
        assert!(script.answers.is_empty(), "upstream was not called as often as it should have been");
        assert!(script.calls.is_empty(), "a call of upstream was not looked at");
    }
}

/// The names of the gateways that a call has passed, from `Via` in its head.
pub fn signature(head: &str) -> Option<String> {
    let lines: Vec<&str> = head.lines().filter_map(|line| line.strip_prefix("via: ")).collect();
    assert!(lines.len() < 2, "{head}");
    lines.first().map(|line| (*line).to_owned())
}

/// A call's head without the line in which this gateway names itself.
pub fn unsigned(head: &str) -> String {
    let name = signature(head).expect("a signature");
    let digits = name.strip_prefix("1.1 mesigate-").expect("a gateway's name");
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    assert!(digits.len() == 16 && digits.bytes().all(is_digit), "{name}");
    head.replace(&format!("via: {name}\r\n"), "")
}

/// An answer of 200 with this JSON.
pub fn http(json: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    format!("{head}{}\r\n\r\n{json}", json.len()).into_bytes()
}

async fn serve(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    while let Some(call) = read_call(&mut stream).await {
        let answer = {
            let mut script = script.lock().expect("a lock");
            script.calls.push(call);
            let answer = script.answers.pop_front();
            script.unexpected += usize::from(answer.is_none());
            answer
        };
        let Some(answer) = answer else {
            return;
        };
        if let Some(after) = answer.after {
            let _ = after.await;
        }
        if stream.write_all(&answer.bytes).await.is_err() {
            return;
        }
        match answer.then {
            Then::Next => {}
            Then::End => return,
            Then::Hold => std::future::pending().await,
        }
    }
}

/// The next request of a connection, or `None` if it ends before one.
pub async fn read_call(stream: &mut TcpStream) -> Option<Call> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            let body_start = end + 4;
            if bytes.len() >= body_start + length.unwrap_or(0) {
                let body = bytes[body_start..].to_vec();
                return Some(Call { head: String::from_utf8_lossy(&bytes[..end]).into_owned(), body });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
