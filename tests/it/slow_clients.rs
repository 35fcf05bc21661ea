//! Clients that keep the gateway waiting, or send more than it takes, and far too many of them: their connections end
//! in time, and a good client is served beside them.

mod answers; // clients that read no answer
mod few_files; // a thousand clients where 256 files may be open
mod silent; // silent clients, and handshakes that stop
mod size; // requests that are too big, far too many at once

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;

use crate::support::client::get;
use crate::support::program::Serving;
use crate::support::tls;

/// Each of these tests takes thousands of sockets, so no two may run at once.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Nothing that takes longer will still come.
pub const PATIENCE: Duration = Duration::from_mins(2);

pub const GOOD: &[u8] =
    b"GET /api.php?op=userdel&token=T&uid=5 HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n";

/// A program of one worker with these settings, which may have no more than `files` open.
pub fn serving(upstream: SocketAddr, settings: &str, files: Option<usize>) -> (Serving, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    let common = "admin.address = '127.0.0.1:0'\nlog.file = '/dev/null'\nlimit = []\n\
         listen = { address = '127.0.0.1:0', workers = 1, http2 = true }\nstop = { announce = '0s', linger = '0s' }\n";
    let text = format!("upstream.url = 'http://{upstream}/'\n{common}{settings}");
    std::fs::write(&file, text).expect("a file");
    let mut command = match files {
        None => Command::new(env!("CARGO_BIN_EXE_mesigate")),
        Some(files) => {
            let mut limited = Command::new("prlimit");
            limited.arg(format!("--nofile={files}")).arg(env!("CARGO_BIN_EXE_mesigate"));
            limited
        }
    };
    command.arg("serve").arg("--config").arg(&file).stdout(Stdio::null());
    (Serving::of(&mut command), folder)
}

/// How many client connections the gateway holds.
async fn open_connections(serving: &Serving) -> usize {
    let text = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix("mesigate_open_connections "));
    line.and_then(|number| number.parse().ok()).expect("a number")
}

async fn until_none_is_open(serving: &Serving) {
    while open_connections(serving).await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Whether a good request on a new connection gets a good answer.
pub async fn is_served(address: SocketAddr, tls: Option<&TlsConnector>) -> bool {
    match tls {
        Some(tls) => match tls::connect(tls, address).await {
            Ok(stream) => is_answered(stream).await,
            Err(_) => false,
        },
        None => match TcpStream::connect(address).await {
            Ok(stream) => is_answered(stream).await,
            Err(_) => false,
        },
    }
}

async fn is_answered<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> bool {
    let mut answer = Vec::new();
    let _ = stream.write_all(GOOD).await;
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).contains("\"result\":true")
}

/// A good client, on one new connection after the other, until it is stopped.
struct Probe {
    is_over: Arc<AtomicBool>,
    task: JoinHandle<Vec<(bool, Duration)>>,
}

impl Probe {
    fn start(address: SocketAddr, tls: Option<TlsConnector>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        let task = tokio::spawn(async move {
            let mut asked = Vec::new();
            while !over.load(Relaxed) {
                let began = Instant::now();
                asked.push((is_served(address, tls.as_ref()).await, began.elapsed()));
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            asked
        });
        Self { is_over, task }
    }

    /// Checks that every request was served; returns how long they took, for a person to read.
    async fn was_served(self) -> String {
        self.is_over.store(true, Relaxed);
        let asked = self.task.await.expect("a probe");
        let failed = asked.iter().filter(|(is_served, _)| !is_served).count();
        let mut times: Vec<_> = asked.iter().map(|(_, took)| *took).collect();
        times.sort_unstable();
        let (middle, late) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        assert_eq!(failed, 0, "of {} probes", times.len());
        format!("{} probes, p50 {middle:.1?}, p99 {late:.1?}", times.len())
    }
}

/// `count` connections; each sends one of the beginnings and then nothing.
async fn halting(address: SocketAddr, count: usize, beginnings: &[&[u8]]) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for number in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // The gateway may already have closed this connection to make room.
        let _ = stream.write_all(beginnings[number % beginnings.len()]).await;
        streams.push(stream);
    }
    streams
}

/// A request for a message, as a form in a body.
pub fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("POST /backend HTTP/1.1\r\nHost: g\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
