//! The shutdown: no request that was sent is lost, none is done twice, and it ends in time.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::client::{Client, get};
use crate::support::echo::Echo;
use crate::support::program::{Serving, Signal, mesigate, run};
use crate::support::tls::{Authority, Files};

const ROUNDS: usize = 50;
const CONNECTIONS: usize = 64;

/// The protocol of the clients of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Speech {
    Lines,
    Frames,
    LinesOverTls,
    FramesOverTls,
}

const SPEECHES: [Speech; 4] = [Speech::Lines, Speech::Frames, Speech::LinesOverTls, Speech::FramesOverTls];

/// Shared by all clients of a round.
struct Round {
    address: SocketAddr,
    speech: Speech,
    tls: TlsConnector,
    /// Whether `/readyz` says yes: otherwise clients open no connection.
    is_ready: AtomicBool,
    next: AtomicUsize,
    answered: AtomicUsize,
    lost: AtomicUsize,
}

impl Round {
    fn target(&self) -> String {
        let nonce = self.next.fetch_add(1, Relaxed);
        format!("/api.php?op=message&token=T&from=a&to=b&msg=n{nonce}")
    }

    /// One client: one request after the other, over one connection after the other.
    async fn client(self: Arc<Self>) {
        while self.is_ready.load(Relaxed) {
            let Ok(stream) = TcpStream::connect(self.address).await else {
                return;
            };
            stream.set_nodelay(true).expect("an option");
            match self.speech {
                Speech::Lines => self.lines(stream).await,
                Speech::Frames => self.frames(stream).await,
                Speech::LinesOverTls | Speech::FramesOverTls => {
                    let name = "localhost".try_into().expect("a name");
                    // A handshake that the shutdown cuts off loses no request.
                    let Ok(stream) = self.tls.connect(name, stream).await else {
                        continue;
                    };
                    if self.speech == Speech::LinesOverTls {
                        self.lines(stream).await;
                    } else {
                        self.frames(stream).await;
                    }
                }
            }
        }
    }

    async fn lines<S: AsyncRead + AsyncWrite + Unpin>(&self, mut stream: S) {
        let mut bytes = Vec::new();
        loop {
            let request = format!("GET {} HTTP/1.1\r\nHost: g\r\n\r\n", self.target());
            if stream.write_all(request.as_bytes()).await.is_err() {
                self.lost.fetch_add(1, Relaxed);
                return;
            }
            bytes.clear();
            while !bytes.ends_with(b"}") {
                if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
                    self.lost.fetch_add(1, Relaxed);
                    return;
                }
            }
            let answer = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            assert!(answer.contains("\"result\":true"), "{answer}");
            self.answered.fetch_add(1, Relaxed);
            if answer.contains("connection: close") {
                return;
            }
        }
    }

    async fn frames<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S) {
        let Ok((mut sender, connection)) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await
        else {
            return;
        };
        tokio::spawn(async move { drop(connection.await) });
        while sender.ready().await.is_ok() {
            let request = hyper::Request::get(format!("http://g{}", self.target()));
            let request = request.body(Empty::<Bytes>::new()).expect("a request");
            let answer = match sender.try_send_request(request).await {
                Ok(answer) => answer,
                // The client learnt of the end in time and sent nothing.
                Err(mut error) => {
                    // The request was not sent, or HTTP/2 says that it was not processed (RFC 9113, section 6.8);
                    // upstream's counts show that this is true.
                    let is_told = error.take_message().is_some() || is_go_away(error.error());
                    self.lost.fetch_add(usize::from(!is_told), Relaxed);
                    return;
                }
            };
            #[allow(clippy::disallowed_methods)] // it is short
            let body = answer.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
            let is_whole = body.windows(13).any(|part| part == b"\"result\":true");
            if is_whole { &self.answered } else { &self.lost }.fetch_add(1, Relaxed);
        }
    }
}

fn is_go_away(error: &hyper::Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<h2::Error>());
    source.is_some_and(|error| {
        error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR)
    })
}

#[tokio::test]
async fn fifty_ends_under_load_lose_nothing_and_double_nothing() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::from_millis(2)).await;
    let mut answered = HashMap::new();
    for number in 0..ROUNDS {
        let speech = SPEECHES[number % SPEECHES.len()];
        let over_tls = matches!(speech, Speech::LinesOverTls | Speech::FramesOverTls);
        let settings = format!(
            "upstream.url = 'http://{}/'\nlisten = {{ address = '127.0.0.1:0', workers = 2, http2 = true }}\n\
             admin.address = '127.0.0.1:0'\nlog.file = '/dev/null'\n\
             stop = {{ announce = '60ms', linger = '100ms' }}\n{}",
            echo.address,
            if over_tls { files.settings() } else { String::new() }
        );
        let file = folder.path().join("settings.toml");
        std::fs::write(&file, settings).expect("a file");
        let serving = Serving::with(&file);
        let (seen, answers, lost) = end_under_load(serving, speech, &authority, &echo).await;
        let doubled: Vec<_> = seen.iter().filter(|(_, times)| **times > 1).collect();
        assert_eq!((lost, doubled.len()), (0, 0), "round {number}, {speech:?}: {doubled:?}");
        assert_eq!(seen.len(), answers, "round {number}, {speech:?}: upstream did what nobody was told");
        *answered.entry(format!("{speech:?}")).or_insert(0) += answers;
    }
    println!("{ROUNDS} ends, 0 lost, 0 doubled; answered: {answered:?}");
}

/// How often upstream has seen each request, how many answers there were, and how many requests got none.
async fn end_under_load(
    serving: Serving,
    speech: Speech,
    authority: &Authority,
    echo: &Echo,
) -> (HashMap<String, usize>, usize, usize) {
    let protocols: &[&str] = if speech == Speech::FramesOverTls { &["h2"] } else { &["http/1.1"] };
    let round = Arc::new(Round {
        address: serving.address,
        speech,
        tls: authority.client(protocols, None, ALL_VERSIONS),
        is_ready: AtomicBool::new(true),
        next: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
        lost: AtomicUsize::new(0),
    });
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(round.clone().client())).collect();
    while round.answered.load(Relaxed) < 3 * CONNECTIONS {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    serving.signal(Signal::TERM);
    while get(serving.admin, "/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    round.is_ready.store(false, Relaxed);
    assert_eq!(serving.ended().await, Some(0));
    for client in clients {
        client.await.expect("a client");
    }
    (echo.take_seen(), round.answered.load(Relaxed), round.lost.load(Relaxed))
}

/// A program that announces its shutdown for an hour.
fn patient(echo: &Echo, drain: &str) -> (Serving, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    let settings = format!(
        "upstream.url = 'http://{}/'\nlisten.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'\n\
         log.file = '/dev/null'\nstop = {{ announce = '1h', linger = '50ms' }}\ndeadline.drain = '{drain}'",
        echo.address
    );
    std::fs::write(&file, settings).expect("a file");
    (Serving::with(&file), folder)
}

const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";

#[tokio::test]
async fn a_drain_is_announced_while_requests_are_still_served() {
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = patient(&echo, "1s");
    let mut client = Client::connect(serving.address).await;
    let request = format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\n\r\n");
    client.send(request.as_bytes()).await;
    assert_eq!(client.answer().await.expect("an answer").header("connection"), Some("keep-alive"));
    let admin = serving.admin.to_string();
    let told = run(&["drain", "--admin", &admin, "--wait", "0s"]);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert_eq!(
        (get(serving.admin, "/readyz").await.status, get(serving.admin, "/livez").await.status),
        (503, 200)
    );
    assert_eq!(get(serving.admin, "/drain").await.body, b"announced\n");
    client.send(request.as_bytes()).await;
    let answer = client.answer().await.expect("an answer");
    assert_eq!((answer.json()["result"].as_bool(), answer.header("connection")), (Some(true), Some("close")));
    assert!(client.is_ended().await);
    assert_eq!(get(serving.address, WRITE).await.json()["result"], true, "a new client is served too");
    // SIGINT skips the announcement.
    serving.signal(Signal::INT);
    assert_eq!(serving.ended().await, Some(0));
    let gone = run(&["drain", "--admin", &admin]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&gone.stderr).contains("no gateway answers on"), "{gone:?}");
}

#[tokio::test]
async fn a_second_signal_ends_it_at_once_and_the_drain_deadline_ends_it_in_time() {
    let echo = Echo::start(Duration::from_hours(1)).await;
    let stuck = async |drain: &str| {
        let (serving, folder) = patient(&echo, drain);
        let mut client = Client::connect(serving.address).await;
        client.send(format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await;
        while echo.take_seen().is_empty() {
            tokio::task::yield_now().await;
        }
        (serving, client, folder)
    };
    let (serving, _client, _folder) = stuck("1h").await;
    serving.signal(Signal::TERM);
    while get(serving.admin, "/readyz").await.status == 200 {
        tokio::task::yield_now().await;
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(1));

    let (serving, mut client, _folder) = stuck("50ms").await;
    serving.signal(Signal::INT);
    assert_eq!(serving.ended().await, Some(0));
    assert!(client.is_ended().await);
}

#[tokio::test]
async fn what_changes_something_is_not_for_browsers_nor_for_other_hosts() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(&[], &folder.path().join("log"));
    let post = async |headers: &str, path: &str| {
        let request = format!("POST {path} HTTP/1.1\r\nHost: g\r\n{headers}Content-Length: 0\r\n\r\n");
        crate::support::client::ask(serving.admin, request.as_bytes()).await.status
    };
    assert_eq!(post("Origin: http://evil.example\r\n", "/drain").await, 403);
    assert_eq!(post("", "/nonsense").await, 404);
    assert_eq!(get(serving.admin, "/readyz").await.status, 200);
    assert_eq!(post("", "/reload").await, 200);
    assert_eq!(post("", "/drain").await, 202);
    assert_eq!(mesigate(&["drain", "--help"]).output().expect("it runs").status.code(), Some(0));
}
