//! HTTP/2 written by hand, which no library would send (RFC 9113, RFC 7541).

use std::io::Read;

use super::{End, Input, OF_FRAMES};

/// Every token passes as upstream's, and a limit is the first to refuse.
const FRAMED: &str =
    "limit = [{ name = 'all', per = 'all', rate = '1/day', burst = 1 }]\nlisten.http2 = true\n";

// Types of frames (RFC 9113, section 6).
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// The flag ACK, or `END_STREAM`.
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The longest frame that the gateway takes.
const FRAME: usize = 16_384;

/// `:method GET`, `:scheme http` and `:path /`, by their numbers in the static table (RFC 7541, appendix A).
const REQUEST: [u8; 3] = [0x82, 0x86, 0x84];
/// The first entry of the dynamic table, which the client fills.
const OWN: u8 = 0x80 + 62;
/// `accept-encoding: gzip, deflate`, the shortest way to send a field that is no pseudo-header.
const FIELD: u8 = 0x80 + 16;

/// All inputs.
pub fn all() -> Vec<Input> {
    let input = |name, frames: Vec<u8>, streams| Input {
        name,
        bytes: [PREFACE, &frame(SETTINGS, 0, 0, b""), &frames, &frame(PING, 0, 0, b"the last")].concat(),
        end: End::Frames(streams),
        settings: FRAMED,
        most: OF_FRAMES,
    };
    let long = entry("a", &"v".repeat(4000));
    vec![
        input("HTTP/2: fields of one byte each", head(&[&REQUEST[..], &[FIELD; FRAME - 3]].concat()), 1),
        input("HTTP/2: a field of 4 KB, by one byte each", heads(&[&REQUEST[..], &long].concat(), OWN), 64),
        input("HTTP/2: the same over what a head may be", head(&over(&long)), 1),
        input("HTTP/2: one method again and again", head(&[0x82; FRAME]), 1),
        input("HTTP/2: the same to the last frame", continued(0x82), 1),
        input("HTTP/2: letters of five bits", head(&huffman()), 1),
        input("HTTP/2: requests of three bytes", requests(), 64),
        input("HTTP/2: pings", frame(PING, 0, 0, &[0; 8]).repeat(2000), 0),
        input("HTTP/2: settings", frame(SETTINGS, 0, 0, b"").repeat(2000), 0),
        input("HTTP/2: windows", frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 1]).repeat(2000), 0),
    ]
}

/// Reads until the answer to a PING and this many ends of streams, or until the connection's end.
pub fn hear(from: &mut impl Read, streams: u32) {
    let (mut ended, mut is_heard, mut is_framed) = (0, false, false);
    while !(is_heard && ended >= streams) {
        let mut head = [0; 9];
        if from.read_exact(&mut head).is_err() {
            return;
        }
        let [high, middle, low, kind, flags, ..] = head;
        assert!(is_framed || kind == SETTINGS, "HTTP/2 is not spoken");
        is_framed = true;
        let length = u32::from_be_bytes([0, high, middle, low]);
        let mut payload = vec![0; length as usize];
        if from.read_exact(&mut payload).is_err() || kind == GOAWAY {
            return;
        }
        is_heard |= kind == PING && flags & ACK != 0 && payload == b"the last";
        ended += u32::from(kind == RST_STREAM || kind != SETTINGS && kind != PING && flags & END_STREAM != 0);
    }
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A request on the first stream.
fn head(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, 1, block)
}

/// A field that enters the table.
fn entry(name: &str, value: &str) -> Vec<u8> {
    let name_length = u8::try_from(name.len()).expect("a short name");
    [&[0x40, name_length], name.as_bytes(), &length(0, value.len()), value.as_bytes()].concat()
}

/// The length of a text that is not short, in seven bits and more (RFC 7541, section 5.1); `code` is Huffman's flag.
fn length(code: u8, length: usize) -> [u8; 3] {
    let seven_bits = |number: usize| u8::try_from(number).expect("seven bits");
    let rest = length - 127;
    [code | 127, 0x80 | seven_bits(rest % 128), seven_bits(rest / 128)]
}

/// A request that fills the table, and then as many requests as may be open at once, each with as many references to
/// its fields as a head may hold: three of four kilobytes.
fn heads(first: &[u8], field: u8) -> Vec<u8> {
    let fields = [&REQUEST[..], &[field; 3]].concat();
    let more = (1..64).flat_map(|number| frame(HEADERS, END_HEADERS | END_STREAM, 2 * number + 1, &fields));
    head(first).into_iter().chain(more).collect()
}

/// A request with as many references to that field as a frame has bytes.
fn over(entry: &[u8]) -> Vec<u8> {
    let start = [&REQUEST[..], entry].concat();
    let rest = vec![OWN; FRAME - start.len()];
    [start, rest].concat()
}

/// A head in as many frames as it may have.
fn continued(field: u8) -> Vec<u8> {
    let block = [field; FRAME];
    let more = frame(CONTINUATION, 0, 1, &block).repeat(4);
    [frame(HEADERS, END_STREAM, 1, &block), more, frame(CONTINUATION, END_HEADERS, 1, &block)].concat()
}

/// A field that is long when decoded: each five zero bits become a `0`. It enters no table.
fn huffman() -> Vec<u8> {
    let code = [0; 10_000];
    [&REQUEST[..], &[0, 1, b'a'], &length(0x80, code.len()), &code].concat()
}

/// As many requests as may be open at once, of the fewest bytes.
fn requests() -> Vec<u8> {
    let request = |number: u32| frame(HEADERS, END_HEADERS | END_STREAM, 2 * number + 1, &REQUEST);
    (0..64).flat_map(request).collect()
}
