//! Clients that keep the gateway waiting, or give it more than it takes, and far too many of them: all
//! are ended in time, and one that behaves is served beside them.

use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Barrier, Mutex};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ALL_VERSIONS;

use crate::support::client::{Answer, Client, ask, get};
use crate::support::echo::Echo;
use crate::support::program::Serving;
use crate::support::stub::Stub;
use crate::support::tls::{self, Authority, Files};

/// Each of these tests takes thousands of sockets, and what one does must not be seen by another.
pub static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// What takes so long will not come any more.
const PATIENCE: Duration = Duration::from_mins(2);

const GOOD: &[u8] = b"GET /api.php?op=userdel&token=T&uid=5 HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n";

/// A program of one worker with these settings, which may have no more than `files` open.
pub fn serving(upstream: SocketAddr, settings: &str, files: Option<usize>) -> (Serving, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    let common = "admin.address = '127.0.0.1:0'\nlog.file = '/dev/null'\nlimit = []\n\
         listen = { address = '127.0.0.1:0', workers = 1 }\nstop = { announce = '0s', linger = '0s' }\n";
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

/// How many connections of clients it holds.
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
async fn is_served(address: SocketAddr, tls: Option<&TlsConnector>) -> bool {
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

/// One that behaves, on one new connection after the other, until it is told that it is over.
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

    /// Each of its requests was served; gives how long they took, for a person.
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
        // It may have had to make room already.
        let _ = stream.write_all(beginnings[number % beginnings.len()]).await;
        streams.push(stream);
    }
    streams
}

/// Waits until the gateway has ended them all.
async fn all_end(streams: Vec<TcpStream>) {
    for mut stream in streams {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    }
}

/// Holds `count` of them at once, and sees them ended and a probe served.
async fn are_ended_beside_a_probe(
    serving: Serving,
    tls: Option<TlsConnector>,
    count: usize,
    beginnings: &[&[u8]],
) -> String {
    let probe = Probe::start(serving.address, tls);
    let streams = halting(serving.address, count, beginnings).await;
    let all_are_held = async { while open_connections(&serving).await < count {} };
    tokio::time::timeout(PATIENCE, all_are_held).await.expect("all of them are held at once");
    tokio::time::timeout(PATIENCE, all_end(streams)).await.expect("all of them end");
    let probed = probe.was_served().await;
    tokio::time::timeout(PATIENCE, until_none_is_open(&serving)).await.expect("none is left");
    probed
}

const DEADLINES: &str =
    "deadline = { tls = '5s', first_byte = '5s', head = '5s', body = '2s', write = '2s' }\n";

#[tokio::test]
async fn two_thousand_silent_connections_are_ended_and_disturb_nobody() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, DEADLINES, None);
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let beginnings = [b"".as_slice(), b"G", b"P", &preface[..23]];
    let probed = are_ended_beside_a_probe(serving, None, 2000, &beginnings).await;
    println!("beside 2,000 silent connections: {probed}");
}

#[tokio::test]
async fn handshakes_that_stop_are_ended_and_disturb_nobody() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = format!("{DEADLINES}{}", files.settings());
    let (serving, _settings) = serving(echo.address, &settings, None);
    // A record of a ClientHello that says it is longer than what comes of it.
    let mut hello = b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc\x03\x03".to_vec();
    hello.resize(100, 0);
    let beginnings = [b"".as_slice(), &hello[..5], &hello];
    let tls = authority.client(&["http/1.1"], None, ALL_VERSIONS);
    let probed = are_ended_beside_a_probe(serving, Some(tls), 600, &beginnings).await;
    println!("beside 600 handshakes that stop: {probed}");
}

/// Sends the head or the body of a request a little at a time, until it is ended or `is_over`.
async fn trickle(
    address: SocketAddr,
    beginning: &'static [u8],
    piece: &'static [u8],
    is_over: Arc<AtomicBool>,
) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    let mut next = beginning;
    while !is_over.load(Relaxed) && stream.write_all(next).await.is_ok() {
        next = piece;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn is_alive_and_ready(serving: &Serving) -> bool {
    let (live, ready) = (get(serving.admin, "/livez").await, get(serving.admin, "/readyz").await);
    (live.status, ready.status) == (200, 200)
}

/// How long it takes until a request on a new connection is served.
async fn recovers(serving: &Serving) -> Duration {
    let began = Instant::now();
    let served = async { while !is_served(serving.address, None).await {} };
    tokio::time::timeout(PATIENCE, served).await.expect("it recovers");
    began.elapsed()
}

const FILES: usize = 256;
const CROWD: usize = 1000;

#[tokio::test]
async fn with_256_files_a_thousand_silent_clients_lock_nobody_out_and_cost_nothing() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let settings = "deadline = { first_byte = '1h', head = '1h' }\n";
    let (mut serving, _folder) = serving(echo.address, settings, Some(FILES));
    let probe = Probe::start(serving.address, None);
    let silent = halting(serving.address, CROWD, &[b""]).await;
    assert!(open_connections(&serving).await < FILES);
    for _ in 0..20 {
        assert!(is_alive_and_ready(&serving).await && is_served(serving.address, None).await);
    }
    println!("beside a thousand silent clients at 256 files: {}", probe.was_served().await);
    let (began, before) = (Instant::now(), serving.processor_time());
    // Nothing happens now, and that is to be seen.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (took, spent) = (began.elapsed(), serving.processor_time().saturating_sub(before));
    assert!(spent < took / 2, "{spent:?} of processor time in {took:?} with nothing to do");
    drop(silent);
    println!("with nothing to do: {spent:?} of processor time in {took:.1?}");
    println!("after the silent ones: served after {:.1?}", recovers(&serving).await);
    assert!(serving.child.try_wait().expect("a child").is_none(), "it lives");
}

#[tokio::test]
async fn with_256_files_a_thousand_slow_clients_end_nothing_but_themselves() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let settings = "deadline = { first_byte = '2s', head = '2s', body = '2s' }\n";
    let (mut serving, _folder) = serving(echo.address, settings, Some(FILES));
    let head = (b"GET /api.php?op=userdel HTTP/1.1\r\nHost: g\r\n".as_slice(), b"X-A: b\r\n".as_slice());
    let body =
        (b"POST /api.php HTTP/1.1\r\nHost: g\r\nContent-Length: 9000\r\n\r\n".as_slice(), b"a".as_slice());
    for (what, (beginning, piece)) in [("heads", head), ("bodies", body)] {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut slow: JoinSet<()> =
            (0..CROWD).map(|_| trickle(serving.address, beginning, piece, is_over.clone())).collect();
        let (began, before) = (Instant::now(), serving.processor_time());
        for _ in 0..20 {
            assert!(is_alive_and_ready(&serving).await, "beside slow {what}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let open = open_connections(&serving).await;
        assert!((1..FILES).contains(&open), "{open} are open");
        println!(
            "slow {what}: {:?} of processor time in {:.1?}",
            serving.processor_time().saturating_sub(before),
            began.elapsed()
        );
        println!("beside slow {what}: served after {:.1?}", recovers(&serving).await);
        is_over.store(true, Relaxed);
        slow.shutdown().await;
        println!("after slow {what}: served after {:.1?}", recovers(&serving).await);
    }
    assert!(serving.child.try_wait().expect("a child").is_none(), "it lives");
}

#[tokio::test]
async fn clients_that_take_no_answer_are_ended() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let stub = Stub::start().await;
    let settings = "deadline = { write = '1s', idle = '1h' }\ncap.answer = 10000000\n";
    let (serving, _folder) = serving(stub.address, settings, None);
    // More than the kernel takes off the gateway's hands.
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

/// A request for a message, as a form in a body.
fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("POST /backend HTTP/1.1\r\nHost: g\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn get_with(query: &str, headers: &str) -> Vec<u8> {
    format!("GET /backend?op=message&token=T&from=a&to=b&msg=x{query} HTTP/1.1\r\nHost: g\r\n{headers}\r\n")
        .into_bytes()
}

/// What is too big in some way, and the status and `error` that it gets; no error where it is not too big.
fn oversized() -> Vec<(&'static str, Vec<u8>, u16, &'static str)> {
    let form =
        |value: usize| format!("op=message&token=T&from=a&to=b&msg={}", "m".repeat(value)).into_bytes();
    let over = form(1024 * 1024);
    let chunked = [
        b"POST /backend HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n".as_slice(),
        format!("{:x}\r\n", over.len()).as_bytes(),
        &over,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let many: String = (0..100).map(|number| format!("X-{number}: 1\r\n")).collect();
    vec![
        ("a header of 20 KB", get_with("", &format!("X-A: {}\r\n", "a".repeat(20_000))), 200, ""),
        ("a header of 40 KB", get_with("", &format!("X-A: {}\r\n", "a".repeat(40_000))), 431, ""),
        ("a target of 70 KB", get_with(&"y".repeat(70_000), ""), 200, ""),
        ("a target of 300 KB", get_with(&"y".repeat(300_000), ""), 414, ""),
        ("101 headers", get_with("", &many), 431, ""),
        ("a body over its cap", post("", &over), 200, "TOOLARGE"),
        ("a chunked body over its cap", chunked, 200, "TOOLARGE"),
        ("a million pairs", post("", &b"a&".repeat(1_000_000)), 200, "TOOLARGE"),
        ("half a million pairs", post("", &b"a&".repeat(500_000)), 200, "TOOLARGE"),
        ("a value of 1 MB", post("", &form(1_000_000)), 200, ""),
        ("a compressed body", post("Content-Encoding: gzip\r\n", b"\x1f\x8b\x08"), 200, "BADREQUEST"),
    ]
}

/// Sends all of it as far as it is taken, and reads the answer.
async fn answer_to(address: SocketAddr, request: &[u8]) -> Option<Answer> {
    let mut client = Client::connect(address).await;
    client.try_send(request).await;
    client.answer().await
}

fn is_as_documented(answer: &Answer, status: u16, error: &str) -> bool {
    let said = if answer.status == 200 { answer.json()["error"].as_str().map(str::to_owned) } else { None };
    answer.status == status && said.unwrap_or_default() == error
}

#[tokio::test]
async fn whatever_is_too_big_is_told_so_however_many_come_at_once() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, "", None);
    for round in 0..2 {
        for (what, request, status, error) in oversized() {
            let before = serving.memory("VmRSS");
            let request: Arc<[u8]> = request.into();
            let at_once: JoinSet<_> = (0..20)
                .map(|_| {
                    let (request, address) = (request.clone(), serving.address);
                    async move { answer_to(address, &request).await }
                })
                .collect();
            for answer in at_once.join_all().await {
                let answer = answer.unwrap_or_else(|| panic!("{what}: no answer"));
                let body = String::from_utf8_lossy(&answer.body).chars().take(300).collect::<String>();
                assert!(is_as_documented(&answer, status, error), "{what}: {} {body}", answer.status);
            }
            println!("{what}, 20 at once, round {round}: {before} to {} KiB", serving.memory("VmRSS"));
        }
    }
    let most = serving.memory("VmHWM");
    println!("the most that it ever took: {most} KiB");
    assert!(most < 160 * 1024, "twenty bodies of 1 MB at once take {most} KiB");
}

#[tokio::test]
async fn two_hundred_long_bodies_at_once_get_no_more_memory_than_there_is_for_them() {
    const MANY: usize = 200;
    const LENGTH: usize = 1_000_000;
    const ROOM: usize = 16 * 1024 * 1024;
    let _alone = ONE_AT_A_TIME.lock().await;
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, &format!("cap.bodies = {ROOM}\n"), None);
    assert!(is_served(serving.address, None).await);
    let before = serving.memory("VmRSS");
    let mut form = b"op=message&token=T&from=a&to=b&msg=".to_vec();
    form.resize(LENGTH, b'm');
    let request: Arc<[u8]> = post("", &form).into();
    // Whole but for a byte, until all have been begun: none makes room for another one early.
    let all = Arc::new(Barrier::new(MANY));
    let at_once: JoinSet<_> = (0..MANY)
        .map(|_| {
            let (request, all, address) = (request.clone(), all.clone(), serving.address);
            async move {
                let mut client = Client::connect(address).await;
                let (last, rest) = request.split_last().expect("bytes");
                client.try_send(rest).await;
                all.wait().await;
                client.try_send(&[*last]).await;
                client.answer().await
            }
        })
        .collect();
    let mut done = 0;
    for answer in tokio::time::timeout(PATIENCE, at_once.join_all()).await.expect("all have an answer") {
        let answer = answer.expect("an answer");
        if answer.json()["result"] == true {
            done += 1;
        } else {
            assert_eq!(answer.json()["error"], "OVERLOAD");
            assert_eq!(answer.header("x-mesigate-outcome"), Some("not-sent"));
        }
    }
    let most = serving.memory("VmHWM");
    println!("{MANY} bodies of 1 MB: {done} had room, {before} to {most} KiB");
    assert!((1..MANY).contains(&done), "{done} had room");
    // Growing buffers are copied, and what is read is translated and written anew; 200 MB it is not.
    assert!(most - before < 96 * 1024, "from {before} to {most} KiB");
    assert_eq!(ask(serving.address, GOOD).await.json()["result"], true);
}
