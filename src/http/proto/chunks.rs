//! Reads a chunked body, a client's or upstream's. Every byte of its framing must be as in RFC 9112, section
//! 7.1; anything else ends the connection.

use crate::http::proto::head;

/// The longest extension of one chunk, and all trailers together, in bytes.
const MOST_EXTENSION: usize = 256;
const MOST_TRAILERS: usize = 8192;

/// Framing that another reader could read otherwise.
#[derive(Debug, PartialEq, Eq)]
pub struct Odd;

/// The state of reading a chunked body. It holds text of the caller's, so it has no `Debug`.
#[derive(Default)]
pub struct Chunks {
    due: ChunkPart,
    trailers: usize,
    line: Vec<u8>,
}

/// The part that the next byte belongs to.
#[derive(Debug, Clone, Copy)]
enum ChunkPart {
    /// A size, after `digits` digits.
    Size {
        digits: u8,
        size: u64,
    },
    /// An extension, after `length` bytes.
    Extension {
        length: usize,
        size: u64,
    },
    /// The LF after a size.
    SizeEnd {
        size: u64,
    },
    /// Data, of which `left` bytes are to come.
    Data {
        left: u64,
    },
    /// The CR after the data, then the LF.
    DataCr,
    DataLf,
    /// A trailer, or the CR LF that ends the body.
    Trailer,
    /// The LF after a trailer's CR.
    TrailerLf,
}

impl Default for ChunkPart {
    fn default() -> Self {
        Self::Size { digits: 0, size: 0 }
    }
}

impl Chunks {
    /// Reads fresh bytes and appends the data among them to `data`; returns how many of them belong to the
    /// body, once its end is among them.
    ///
    /// # Errors
    /// [`Odd`] for anything that another reader could read otherwise.
    pub fn walk(&mut self, bytes: &[u8], data: &mut Vec<u8>) -> Result<Option<usize>, Odd> {
        let mut at = 0;
        while at < bytes.len() {
            if let ChunkPart::Data { left } = &mut self.due {
                let taken = (bytes.len() - at).min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                data.extend_from_slice(&bytes[at..at + taken]);
                at += taken;
                if *left == 0 {
                    self.due = ChunkPart::DataCr;
                }
                continue;
            }
            at += 1;
            if self.step(bytes[at - 1])? {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }

    /// Reads one byte of framing; `true` if it was the body's last.
    fn step(&mut self, byte: u8) -> Result<bool, Odd> {
        self.due = match (self.due, byte) {
            (ChunkPart::Size { digits: digits @ 0..8, size }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(byte).to_digit(16).ok_or(Odd)?;
                ChunkPart::Size { digits: digits + 1, size: size << 4 | u64::from(digit) }
            }
            (ChunkPart::Size { digits: 1.., size }, b';') => ChunkPart::Extension { length: 0, size },
            (ChunkPart::Size { digits: 1.., size } | ChunkPart::Extension { size, .. }, b'\r') => {
                ChunkPart::SizeEnd { size }
            }
            (ChunkPart::Extension { length, size }, b' '..=b'~' | b'\t') if length < MOST_EXTENSION => {
                ChunkPart::Extension { length: length + 1, size }
            }
            (ChunkPart::SizeEnd { size: 0 }, b'\n') => ChunkPart::Trailer,
            (ChunkPart::SizeEnd { size }, b'\n') => ChunkPart::Data { left: size },
            (ChunkPart::DataCr, b'\r') => ChunkPart::DataLf,
            (ChunkPart::DataLf, b'\n') => ChunkPart::default(),
            (ChunkPart::Trailer, b'\r') => ChunkPart::TrailerLf,
            (ChunkPart::Trailer, byte) if byte != b'\n' && self.trailers < MOST_TRAILERS => {
                self.trailers += 1;
                self.line.push(byte);
                ChunkPart::Trailer
            }
            (ChunkPart::TrailerLf, b'\n') if self.line.is_empty() => return Ok(true),
            (ChunkPart::TrailerLf, b'\n') => {
                head::trailer(&self.line).map_err(|_| Odd)?;
                self.line.clear();
                ChunkPart::Trailer
            }
            _ => return Err(Odd),
        };
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chunks, Odd};

    /// The length of the body with its framing, and its data.
    fn walk(text: &str) -> Result<Option<(usize, String)>, Odd> {
        let (mut data, mut data_by_byte) = (Vec::new(), Vec::new());
        let whole = Chunks::default().walk(text.as_bytes(), &mut data);
        // The result does not depend on the pieces in which the body arrives.
        let mut chunks = Chunks::default();
        let mut by_byte = Ok(None);
        for (at, byte) in text.bytes().enumerate() {
            by_byte = chunks.walk(&[byte], &mut data_by_byte).map(|end| end.map(|_| at + 1));
            if by_byte != Ok(None) {
                break;
            }
        }
        assert_eq!((&whole, &data), (&by_byte, &data_by_byte), "{text:?}");
        whole.map(|end| end.map(|end| (end, String::from_utf8(data).expect("text"))))
    }

    #[test]
    fn a_sound_body_is_walked_to_its_end_and_no_further() {
        for (body, rest, data) in [
            ("3\r\nabc\r\n0\r\n\r\n", "GET /", "abc"),
            ("00A;x=\"y\"\r\n0123456789\r\n1\r\n\n\r\n0;z\r\n\r\n", "", "0123456789\n"),
            ("0\r\nX-Sum: 1\r\nY: 2\r\n\r\n", "0", ""),
        ] {
            assert_eq!(walk(&format!("{body}{rest}")), Ok(Some((body.len(), data.to_owned()))), "{body:?}");
        }
        assert_eq!(walk("3\r\nabc\r\n0\r\n"), Ok(None));
    }

    #[test]
    fn what_another_reader_could_read_otherwise_is_odd() {
        let long = format!("1;{}\r\n", "e".repeat(300));
        let trailers = format!("0\r\nX: {}", "t".repeat(9000));
        for body in [
            "0x3\r\n",
            "+3\r\n",
            "-3\r\n",
            " 3\r\n",
            "3 \r\n",
            "\r\n",
            ";x\r\n",
            "000000003\r\n",
            "3\n",
            "3;a\nb\r\n",
            "3\rx",
            "3\r\nabcd",
            "3\r\nabc\n",
            "3\r\nabc\rx",
            "g\r\n",
            "0\r\n\n",
            "0\r\nno colon\r\n",
            "0\r\nHost: x\r\n",
            "0\r\nContent-Length: 3\r\n",
            "0\r\n X: 1\r\n",
            &long,
            &trailers,
        ] {
            assert_eq!(walk(body), Err(Odd), "{body:?}");
        }
    }
}
