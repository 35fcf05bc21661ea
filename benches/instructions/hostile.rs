//! What a client without a valid token can make the gateway do before the first limit: instructions for each byte that
//! it sends, for the costliest inputs known.

mod frames;
mod inputs;

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::counted::Counted;
use crate::exchanges;
use crate::http;
use crate::scenario::Settings;
use crate::upstream::Upstream;

/// The most instructions for a byte of a short request, and of a long one. Short ones cost most, because the fixed cost
/// of a request falls on a few bytes.
#[derive(Clone, Copy)]
struct Most {
    short: u64,
    long: u64,
}

/// Requests that are refused for their token, or before.
const TO_TOKEN: Most = Most { short: 1000, long: 100 };
/// Requests that reach a limit: JSON with tiny escaped members costs most.
const TO_LIMIT: Most = Most { short: 1000, long: 500 };
/// HTTP/2, where a request may have twelve bytes, and a field or frame that the library handles a few.
const OF_FRAMES: Most = Most { short: 4000, long: 300 };

/// One input: its bytes and how its end is recognized.
struct Input {
    name: &'static str,
    bytes: Vec<u8>,
    /// How its end is recognized.
    end: End,
    settings: &'static str,
    most: Most,
}

/// How the bench knows that an input has been handled, before the limits or at one.
#[derive(Clone, Copy)]
enum End {
    /// HTTP/1: requests follow each other on a connection, and each gets its answer.
    Answer,
    /// HTTP/2, on a connection of its own: the answer to a PING, and this many ends of streams; or the connection's
    /// end.
    Frames(u32),
}

/// Every token but an app's key is refused, and there is no app.
const REFUSED: &str = "unknown_tokens = 'refuse'\n\
                       app = [{ name = 'a', keys = [{ env = 'PATH' }], token = { env = 'PATH' } }]\n";

/// Every token passes as upstream's, and a limit is the first to refuse. The first request uses it up.
const LIMITED: &str = "limit = [{ name = 'all', per = 'all', rate = '1/day', burst = 1 }]\n";

/// A limit that the first request uses up, behind a proxy, for each way in which a proxy names the client.
const FORWARDED: &str = "limit = [{ name = 'all', per = 'all', rate = '1/day', burst = 1 }]\n\
                         listen.client_address = 'forwarded'\n\
                         listen.trusted_proxies = ['127.0.0.0/8', '::1']\n";
const X_FORWARDED_FOR: &str = "limit = [{ name = 'all', per = 'all', rate = '1/day', burst = 1 }]\n\
                               listen.client_address = 'x-forwarded-for'\n\
                               listen.trusted_proxies = ['127.0.0.0/8', '::1']\n";

/// Counts all inputs, and fails if one costs more than is stated.
pub fn tell(program: &Path) -> ExitCode {
    println!("\n{:<48}{:>12}{:>16}", "sent by a caller without a token", "bytes", "instr. a byte");
    let mut are_over = Vec::new();
    for input in inputs::all().into_iter().chain(frames::all()) {
        let length = input.bytes.len() as u64;
        let is_long = length > 10_000;
        let (short, long) = if is_long { (2, 6) } else { (200, 1200) };
        let each = (run(program, &input, long) - run(program, &input, short)) / u64::from(long - short);
        let of_byte = each.div_ceil(length);
        let most = if is_long { input.most.long } else { input.most.short };
        println!("{:<48}{length:>12}{of_byte:>16}", input.name);
        if of_byte > most {
            are_over.push(format!("{}: {of_byte}, over the {most}", input.name));
        }
    }
    if !are_over.is_empty() {
        println!("\nOver what docs/resilience.md states:\n{}", are_over.join("\n"));
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// All instructions of a program that gets an input this many times.
fn run(program: &Path, input: &Input, times: u32) -> u64 {
    let exchange = exchanges::message();
    let upstream = Upstream::start(&exchange);
    let counted = Counted::start(program, &upstream, &Settings::Text(input.settings));
    let mut stream = connect(&counted);
    stream.get_mut().write_all(&http::request(&exchange)).expect("sent");
    http::body(&mut stream).expect("an answer");
    for _ in 0..times {
        match input.end {
            End::Answer => stream = ask(stream, &input.bytes, &counted),
            End::Frames(streams) => {
                let mut stream = connect(&counted);
                // The connection may end before all is sent.
                _ = stream.get_mut().write_all(&input.bytes);
                frames::hear(&mut stream, streams);
            }
        }
    }
    assert!(upstream.asked() <= 1, "nothing of it is for upstream");
    drop(stream);
    counted.end()
}

fn connect(counted: &Counted) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(counted.address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_mins(2))).expect("a timeout");
    BufReader::new(stream)
}

/// Sends a request and waits for its answer; returns the connection for the next one.
fn ask(mut stream: BufReader<TcpStream>, bytes: &[u8], counted: &Counted) -> BufReader<TcpStream> {
    // A refusal ends the connection.
    if stream.get_mut().write_all(bytes).is_err() || http::body(&mut stream).is_none() {
        stream = connect(counted);
        stream.get_mut().write_all(bytes).expect("sent");
        http::body(&mut stream).expect("an answer");
    }
    stream
}
