//! Clients with one request each, of which some leave.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::chance::Chance;
use crate::support::frames::{
    DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, Heard, RST_STREAM, block, with,
};

/// The kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A write, short or long.
    Write,
    /// A read.
    Read,
    /// A write whose body is not whole yet.
    Part,
}

/// The first half of those that leave, or the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    First,
    Second,
}

/// Clients of one version of HTTP.
pub trait Crowd: Sized {
    /// Sends this many requests, numbered from `first` on.
    async fn ask(address: SocketAddr, what: What, first: u64, count: u64, chance: &mut Chance) -> Self;
    /// The number of each request, and whether its client stays.
    fn all(&self) -> Vec<(u64, bool)>;
    /// Half of the clients that leave do so.
    async fn leave(&mut self, half: Half);
    /// The clients that stay send the rest of their bodies.
    async fn send_rest(&mut self);
    /// The answers to those that can still read one.
    async fn hear(self) -> Vec<(u64, String)>;
}

/// Longer than a request that waits for the end of a turn.
const LONG: usize = 5000;

/// A request's target and its body: half of each kind are long.
fn request(what: What, uid: u64, chance: &mut Chance) -> (String, String) {
    // Each token is used once and stays unknown, so each such caller pays for its own repeat.
    let target = format!("/api.php?token=T{uid}");
    match what {
        What::Read => (format!("{target}&op=groupgetmembers&gid={uid}&count=5"), String::new()),
        What::Write if chance.below(2) == 0 => (format!("{target}&op=userdel&uid={uid}"), String::new()),
        What::Write | What::Part => {
            (target, format!("op=message&from=a&to=b&msg={uid}+{}", "x".repeat(LONG)))
        }
    }
}

// ------------------------------------------------------------------------------------------ HTTP/1

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Stays,
    Closes,
    Resets,
    EndsItsSide,
}

/// Clients with a connection each.
pub struct Lines(Vec<Line>);

struct Line {
    uid: u64,
    way: Way,
    half: Half,
    /// Whether the client has begun its next request when it leaves.
    hurries: bool,
    rest: Vec<u8>,
    stream: Option<TcpStream>,
}

impl Crowd for Lines {
    async fn ask(address: SocketAddr, what: What, first: u64, count: u64, chance: &mut Chance) -> Self {
        let mut lines = Vec::new();
        for uid in first..first + count {
            let (target, body) = request(what, uid, chance);
            let head = if chance.below(2) == 0 && what == What::Part {
                format!(
                    "POST {target} HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
                    body.len()
                )
            } else {
                format!("POST {target} HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n", body.len())
            };
            let end = if head.contains("chunked") { "\r\n0\r\n\r\n" } else { "" };
            let mut bytes = (head + &body + end).into_bytes();
            let whole = bytes.len();
            let left_out = if what == What::Part { 1 + chance.below(LONG) } else { 0 };
            let rest = bytes.split_off(whole - left_out);
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            stream.write_all(&bytes).await.expect("it is sent");
            lines.push(Line {
                uid,
                way: chance.one_of(&[Way::Stays, Way::Closes, Way::Resets, Way::EndsItsSide]),
                half: chance.one_of(&[Half::First, Half::Second]),
                hurries: what != What::Part && chance.below(4) == 0,
                rest,
                stream: Some(stream),
            });
        }
        Self(lines)
    }

    fn all(&self) -> Vec<(u64, bool)> {
        self.0.iter().map(|line| (line.uid, line.way == Way::Stays)).collect()
    }

    async fn leave(&mut self, half: Half) {
        for line in self.0.iter_mut().filter(|line| line.half == half && line.way != Way::Stays) {
            let stream = line.stream.as_mut().expect("it is there");
            if line.hurries {
                stream.write_all(b"G").await.expect("it is sent");
            }
            match line.way {
                Way::EndsItsSide => stream.shutdown().await.expect("an end"),
                Way::Resets => {
                    stream.set_zero_linger().expect("an option");
                    line.stream = None;
                }
                Way::Closes | Way::Stays => line.stream = None,
            }
        }
    }

    async fn send_rest(&mut self) {
        for line in self.0.iter_mut().filter(|line| line.way == Way::Stays) {
            line.stream.as_mut().expect("it stays").write_all(&line.rest).await.expect("it is sent");
        }
    }

    async fn hear(self) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        for line in self.0 {
            let Some(mut stream) = line.stream else {
                continue;
            };
            let mut bytes = Vec::new();
            while !bytes.ends_with(b"}") {
                assert!(stream.read_buf(&mut bytes).await.expect("an answer") > 0, "{}: no answer", line.uid);
            }
            all.push((line.uid, String::from_utf8(bytes).expect("text")));
        }
        all
    }
}

// ------------------------------------------------------------------------------------------ HTTP/2

/// The streams of each connection.
const STREAMS: u64 = 8;

/// What a whole connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stays,
    /// Sends a GOAWAY, and waits for its answers (RFC 9113, section 6.8).
    SaysGoodbye,
    Closes,
    Resets,
    EndsItsSide,
}

/// Eight requests on each connection.
pub struct Streams(Vec<Connection>);

struct Connection {
    fate: Fate,
    half: Half,
    frames: Option<Frames>,
    streams: Vec<Stream>,
}

struct Stream {
    number: u32,
    uid: u64,
    /// Whether the request is cancelled by itself.
    is_taken_back: bool,
    half: Half,
    rest: Vec<u8>,
}

impl Connection {
    fn stays(&self) -> bool {
        matches!(self.fate, Fate::Stays | Fate::SaysGoodbye)
    }
}

impl Crowd for Streams {
    async fn ask(address: SocketAddr, what: What, first: u64, count: u64, chance: &mut Chance) -> Self {
        let mut connections = Vec::new();
        for start in (first..first + count).step_by(usize::try_from(STREAMS).expect("a number")) {
            let mut frames = Frames::connect(address).await;
            let mut streams = Vec::new();
            for (number, uid) in (1..).step_by(2).zip(start..(start + STREAMS).min(first + count)) {
                let (target, body) = request(what, uid, chance);
                let mut bytes = body.into_bytes();
                let whole = bytes.len();
                let left_out = if what == What::Part { 1 + chance.below(LONG) } else { 0 };
                let rest = bytes.split_off(whole - left_out);
                let fields = if whole == 0 { with(&target, &[]) } else { post(&target) };
                let end = if whole == 0 { END_STREAM } else { 0 };
                frames.send(HEADERS, END_HEADERS | end, number, &fields).await;
                if whole > 0 {
                    let end = if rest.is_empty() { END_STREAM } else { 0 };
                    frames.send(DATA, end, number, &bytes).await;
                }
                let half = chance.one_of(&[Half::First, Half::Second]);
                streams.push(Stream { number, uid, is_taken_back: chance.below(2) == 0, half, rest });
            }
            connections.push(Connection {
                fate: chance.one_of(&[
                    Fate::Stays,
                    Fate::Stays,
                    Fate::SaysGoodbye,
                    Fate::Closes,
                    Fate::Resets,
                    Fate::EndsItsSide,
                ]),
                half: chance.one_of(&[Half::First, Half::Second]),
                frames: Some(frames),
                streams,
            });
        }
        Self(connections)
    }

    fn all(&self) -> Vec<(u64, bool)> {
        let of = |connection: &Connection| {
            let stays = connection.stays();
            connection
                .streams
                .iter()
                .map(move |stream| (stream.uid, stays && !stream.is_taken_back))
                .collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }

    async fn leave(&mut self, half: Half) {
        for connection in &mut self.0 {
            let Some(frames) = &mut connection.frames else {
                continue;
            };
            for stream in
                connection.streams.iter().filter(|stream| stream.half == half && stream.is_taken_back)
            {
                frames.send(RST_STREAM, 0, stream.number, &[0, 0, 0, 8]).await;
            }
            if connection.half != half {
                continue;
            }
            match connection.fate {
                Fate::Stays => {}
                Fate::SaysGoodbye => drop(frames.send(GOAWAY, 0, 0, &[0; 8]).await),
                Fate::Closes => connection.frames = None,
                Fate::Resets => {
                    frames.will_reset();
                    connection.frames = None;
                }
                Fate::EndsItsSide => frames.finish().await,
            }
        }
    }

    async fn send_rest(&mut self) {
        for connection in self.0.iter_mut().filter(|connection| connection.stays()) {
            let frames = connection.frames.as_mut().expect("it stays");
            for stream in connection.streams.iter().filter(|stream| !stream.is_taken_back) {
                frames.send(DATA, END_STREAM, stream.number, &stream.rest).await;
            }
        }
    }

    async fn hear(self) -> Vec<(u64, String)> {
        let mut all = Vec::new();
        for mut connection in self.0 {
            let Some(frames) = connection.frames.as_mut().filter(|_| connection.fate != Fate::EndsItsSide)
            else {
                continue;
            };
            for stream in connection.streams.iter().filter(|stream| !stream.is_taken_back) {
                match frames.hear(stream.number).await {
                    Heard::Answer(200, text) => all.push((stream.uid, text)),
                    other => panic!("{}: {other:?}", stream.uid),
                }
            }
        }
        all
    }
}

fn post(target: &str) -> Vec<u8> {
    block(&[(":method", "POST"), (":scheme", "http"), (":authority", "g"), (":path", target)])
}
