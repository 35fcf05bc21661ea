//! An upstream that follows a script and reports what it saw.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// What upstream saw: the number of the connection, and a request or the connection's end.
#[derive(Debug, PartialEq, Eq)]
pub enum Saw {
    Request(usize),
    End(usize),
}

/// What upstream does with a request.
pub enum Does {
    Says(String),
    /// Sends this text and gives the connection to the test.
    HandsOver(&'static str, oneshot::Sender<TcpStream>),
    /// Sends the first text, then the second again and again, every 10 ms.
    Repeats(&'static str, &'static str),
}

/// The upstream.
pub struct Server {
    pub address: SocketAddr,
    pub saw: UnboundedReceiver<Saw>,
}

impl Server {
    pub async fn start(script: impl IntoIterator<Item = Does>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Self::on(listener, script)
    }

    pub fn on(listener: TcpListener, script: impl IntoIterator<Item = Does>) -> Self {
        let address = listener.local_addr().expect("an address");
        let script: Arc<Mutex<VecDeque<Does>>> = Arc::new(Mutex::new(script.into_iter().collect()));
        let (tell, saw) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for number in 1.. {
                let (stream, _) = listener.accept().await.expect("a connection");
                tokio::spawn(serve(number, stream, script.clone(), tell.clone()));
            }
        });
        Self { address, saw }
    }

    pub async fn saw(&mut self) -> Saw {
        let saw = timeout(Duration::from_hours(24), self.saw.recv()).await;
        saw.expect("something is seen in time").expect("the server lives")
    }
}

async fn serve(
    number: usize,
    mut stream: TcpStream,
    script: Arc<Mutex<VecDeque<Does>>>,
    tell: UnboundedSender<Saw>,
) {
    let mut request = Vec::new();
    loop {
        match stream.read_buf(&mut request).await {
            Ok(1..) if request.ends_with(b"{}") => request.clear(),
            Ok(1..) => continue,
            Ok(0) | Err(_) => break,
        }
        let _ = tell.send(Saw::Request(number));
        let does = script.lock().expect("a lock").pop_front().expect("upstream was asked too often");
        match does {
            Does::Says(answer) => stream.write_all(answer.as_bytes()).await.expect("an answer"),
            Does::HandsOver(answer, test) => {
                stream.write_all(answer.as_bytes()).await.expect("an answer");
                test.send(stream).expect("the test waits");
                return;
            }
            Does::Repeats(head, answer) => {
                stream.write_all(head.as_bytes()).await.expect("a head");
                while stream.write_all(answer.as_bytes()).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                break;
            }
        }
    }
    let _ = tell.send(Saw::End(number));
}

/// Sends one answer after the other.
pub fn says(answers: &[&str]) -> Vec<Does> {
    answers.iter().map(|answer| Does::Says((*answer).to_owned())).collect()
}
