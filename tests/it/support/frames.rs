//! A client of HTTP/2 that writes frames by hand, to send what no library would (RFC 9113).
//!
//! Header blocks are literals without Huffman's code and without HPACK's tables (RFC 7541), unless a test writes the
//! block itself.

use std::collections::HashMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Types of frames (RFC 9113, section 6).
pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const PRIORITY: u8 = 2;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PUSH_PROMISE: u8 = 5;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

// Flags. ACK is the bit that means END_STREAM in other frames.
pub const ACK: u8 = 1;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
pub const PADDED: u8 = 8;

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// With a whole answer: its status and its text.
    Answer(u16, String),
    /// The stream alone was reset, with this code (RFC 9113, section 7).
    Reset(u32),
    /// The whole connection ended, with this code.
    Gone(u32),
    /// The connection ended without a GOAWAY.
    End,
}

impl Heard {
    /// The status of an answer.
    pub fn status(&self) -> Option<u16> {
        if let Self::Answer(status, _) = self { Some(*status) } else { None }
    }
}

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

/// A frame's bytes.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a short frame").to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A field as a literal that enters no table.
pub fn field(name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Vec<u8> {
    let mut block = vec![0];
    for text in [name.as_ref(), value.as_ref()] {
        length(&mut block, text.len());
        block.extend(text);
    }
    block
}

/// A text's length, in seven bits and more (RFC 7541, section 5.1).
fn length(block: &mut Vec<u8>, length: usize) {
    let Some(mut rest) = length.checked_sub(127) else {
        return block.push(u8::try_from(length).expect("seven bits"));
    };
    block.push(127);
    while rest > 127 {
        block.push(0x80 | u8::try_from(rest % 128).expect("seven bits"));
        rest /= 128;
    }
    block.push(u8::try_from(rest).expect("seven bits"));
}

/// The fields of a block, in their order.
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// A request without a body that deletes a user.
pub fn get(uid: u64) -> Vec<u8> {
    with(&format!("/api.php?op=userdel&token=T&uid={uid}"), &[])
}

/// A GET for this target, with more fields.
pub fn with(target: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let usual = [(":method", "GET"), (":scheme", "http"), (":authority", "gateway"), (":path", target)];
    block(&[&usual, more].concat())
}

/// A POST of a form, with more fields.
pub fn post(more: &[(&str, &str)]) -> Vec<u8> {
    let usual = [(":method", "POST"), (":scheme", "http"), (":authority", "gateway"), (":path", "/api.php")];
    block(&[&usual, more].concat())
}

/// A connection and the frames that came on it.
pub struct Frames {
    stream: TcpStream,
    came: Vec<u8>,
    /// The parts of answers that are not whole yet.
    parts: HashMap<u32, (u16, Vec<u8>)>,
    /// How other streams ended while the test waited for one.
    heard: HashMap<u32, Heard>,
    /// How many requests the gateway takes at once, by its own settings.
    pub most_streams: u32,
}

impl Frames {
    /// A connection after both SETTINGS frames; answers may be of any length.
    pub async fn connect(address: SocketAddr) -> Self {
        // No table, no pushes, the largest windows.
        let mine = [&[0, 1, 0, 0, 0, 0][..], &[0, 2, 0, 0, 0, 0], &[0, 4, 0x7f, 0xff, 0xff, 0xff]].concat();
        let mut frames = Self::greet(address, &mine).await;
        let more = 0x7fff_ffff_u32 - 65_535;
        frames.send(WINDOW_UPDATE, 0, 0, &more.to_be_bytes()).await;
        frames
    }

    /// A connection after both SETTINGS frames; these are the client's settings.
    pub async fn greet(address: SocketAddr, settings: &[u8]) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        let (came, parts, heard) = (Vec::new(), HashMap::new(), HashMap::new());
        let mut frames = Self { stream, came, parts, heard, most_streams: 0 };
        frames.write(PREFACE).await;
        frames.send(SETTINGS, 0, 0, settings).await;
        while frames.most_streams == 0 {
            let frame = frames.next().await.expect("the gateway's settings");
            assert!(matches!(frame.kind, SETTINGS | WINDOW_UPDATE), "{frame:?}");
        }
        frames
    }

    /// Sends bytes as they are; tells whether they are sent, because the gateway may have closed the connection.
    pub async fn write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Ends the client's side of the connection.
    pub async fn finish(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Makes the connection end in a reset when it is dropped.
    pub fn will_reset(&self) {
        self.stream.set_zero_linger().expect("an option");
    }

    pub async fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        self.write(&frame(kind, flags, stream, payload)).await
    }

    /// Sends a request without a body.
    pub async fn ask(&mut self, stream: u32, block: &[u8]) -> bool {
        self.send(HEADERS, END_HEADERS | END_STREAM, stream, block).await
    }

    /// The next frame, `None` at the end. Acknowledges frames that need it.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.take() {
                match (frame.kind, frame.flags & ACK) {
                    (SETTINGS, 0) => {
                        let limit = frame.payload.chunks(6).find(|setting| setting[..2] == [0, 3]);
                        let limit = limit.map(|setting| setting[2..].try_into().expect("four bytes"));
                        self.most_streams = limit.map_or(u32::MAX, u32::from_be_bytes);
                        self.send(SETTINGS, ACK, 0, b"").await;
                    }
                    (PING, 0) => drop(self.send(PING, ACK, 0, &frame.payload).await),
                    _ => {}
                }
                return Some(frame);
            }
            if !matches!(self.stream.read_buf(&mut self.came).await, Ok(1..)) {
                return None;
            }
        }
    }

    fn take(&mut self) -> Option<Frame> {
        let head: [u8; 9] = self.came.get(..9)?.try_into().ok()?;
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let payload = self.came.get(9..9 + length)?.to_vec();
        self.came.drain(..9 + length);
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// Waits for a stream's end.
    pub async fn hear(&mut self, stream: u32) -> Heard {
        loop {
            if let Some(heard) = self.heard.remove(&stream) {
                return heard;
            }
            let Some(frame) = self.next().await else {
                return Heard::End;
            };
            match frame.kind {
                HEADERS => {
                    self.parts.entry(frame.stream).or_default().0 = status(&frame.payload);
                }
                DATA => self.parts.entry(frame.stream).or_default().1.extend(&frame.payload),
                RST_STREAM => {
                    // After a whole answer a reset only says that the rest of the request is not wanted.
                    self.heard.entry(frame.stream).or_insert(Heard::Reset(code(&frame.payload)));
                }
                GOAWAY if code(&frame.payload[4..]) != 0 => return Heard::Gone(code(&frame.payload[4..])),
                _ => {}
            }
            if matches!(frame.kind, HEADERS | DATA) && frame.flags & END_STREAM != 0 {
                let (status, body) = self.parts.remove(&frame.stream).unwrap_or_default();
                let text = String::from_utf8(body).expect("text");
                self.heard.insert(frame.stream, Heard::Answer(status, text));
            }
        }
    }
}

fn code(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes[..4].try_into().expect("four bytes"))
}

/// An answer's status, which stands first in its block (RFC 7541, appendices A and B).
fn status(block: &[u8]) -> u16 {
    // Updates of the table's size may precede it.
    let start = block.iter().position(|byte| byte & 0xe0 != 0x20).expect("a field");
    let known = [200, 204, 206, 304, 400, 404, 500];
    match block[start] {
        indexed @ 0x88..=0x8e => known[usize::from(indexed - 0x88)],
        0x08 | 0x18 | 0x48 => digits(&block[start + 1..]),
        other => panic!("a status that begins with {other:#x}"),
    }
}

/// Three digits as they are or in Huffman's code.
fn digits(text: &[u8]) -> u16 {
    let bytes = &text[1..=usize::from(text[0] & 0x7f)];
    if text[0] & 0x80 == 0 {
        return String::from_utf8_lossy(bytes).parse().expect("a number");
    }
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let (mut rest, mut number) = (&bits[..], 0);
    for _ in 0..3 {
        // 0, 1 and 2 have five bits, the others six.
        let short = u16::from_str_radix(&rest[..5], 2).expect("bits");
        let (digit, length) = match short {
            0..=2 => (short, 5),
            _ => (u16::from_str_radix(&rest[..6], 2).expect("bits") - 0b01_1001 + 3, 6),
        };
        number = number * 10 + digit;
        rest = &rest[length..];
    }
    number
}

#[test]
fn a_status_is_read_however_it_is_written() {
    for (block, expected) in [
        (&[0x20, 0x88][..], 200),
        (&[0x8d], 404),
        (&[0x48, 3, b'4', b'2', b'1'], 421),
        // 421: 011010 00010 00001, and ones until the byte is full.
        (&[0x48, 0x82, 0b0110_1000, 0b0100_0001], 421),
        // 408: 011010 00000 011110.
        (&[0x48, 0x83, 0b0110_1000, 0b0000_1111, 0b0111_1111], 408),
    ] {
        assert_eq!(status(block), expected);
    }
}
