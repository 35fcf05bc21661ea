//! Decodes answers that are compressed although the gateway does not ask for it, as some servers and proxies
//! do. Rare, and bounded by the cap of an answer. Pure.

use std::io::Read as _;

use flate2::bufread::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use super::reading::{Coding, ReadFault};

const NOT_GZIP: &str = "upstream's answer says that it is compressed with gzip, and cannot be decoded";
const NOT_DEFLATE: &str = "upstream's answer says that it is compressed with deflate, and cannot be decoded";

/// By how many bytes the buffer grows at a time.
const STEP: usize = 16 * 1024;

/// The decoded body, of `most` bytes at most.
///
/// # Errors
/// The content is longer, does not match its coding, or has a coding that is not supported.
#[cold]
pub fn decoded(bytes: &[u8], coding: Coding, most: usize) -> Result<Vec<u8>, ReadFault> {
    match coding {
        Coding::None => Ok(bytes.to_vec()),
        Coding::Gzip => gzip(bytes, most),
        Coding::Deflate => deflate(bytes, most),
        Coding::Unknown(why) => Err(ReadFault::Named(why)),
    }
}

/// Decodes one gzip member or several (RFC 1952, section 2.2); each has a checksum and a length that must be
/// right.
fn gzip(bytes: &[u8], most: usize) -> Result<Vec<u8>, ReadFault> {
    let mut content = Vec::new();
    // One byte more than allowed shows that the content is too long.
    let mut decoder = MultiGzDecoder::new(bytes).take(most as u64 + 1);
    decoder.read_to_end(&mut content).map_err(|_| ReadFault::Named(NOT_GZIP))?;
    if content.len() > most { Err(ReadFault::Oversize) } else { Ok(content) }
}

/// Decodes deflate, in the frame of RFC 1950 as RFC 9110, section 8.4.1.2 asks for, or without one, as some
/// servers send it.
fn deflate(bytes: &[u8], most: usize) -> Result<Vec<u8>, ReadFault> {
    let mut decoder = Decompress::new(has_frame(bytes));
    let mut content = Vec::new();
    loop {
        if content.len() > most {
            return Err(ReadFault::Oversize);
        }
        content.reserve(STEP);
        let (read, written) = (decoder.total_in(), decoder.total_out());
        let rest = usize::try_from(read).ok().and_then(|read| bytes.get(read..)).unwrap_or_default();
        let status = decoder.decompress_vec(rest, &mut content, FlushDecompress::None);
        match status {
            Ok(Status::StreamEnd) if decoder.total_in() == bytes.len() as u64 && content.len() <= most => {
                return Ok(content);
            }
            Ok(Status::StreamEnd) if content.len() > most => return Err(ReadFault::Oversize),
            Ok(Status::Ok | Status::BufError)
                if (decoder.total_in(), decoder.total_out()) != (read, written) => {}
            _ => return Err(ReadFault::Named(NOT_DEFLATE)),
        }
    }
}

/// Whether the bytes begin like RFC 1950, section 2.2: the method, and a check of the first two bytes.
fn has_frame(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0f == 8 && u16::from_be_bytes([*first, *second]) % 31 == 0)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::{NOT_DEFLATE, NOT_GZIP, decoded};
    use crate::upstream::reading::{Coding, ReadFault, said};

    const MOST: usize = 100_000;

    fn packed(text: &[u8]) -> [(Coding, Vec<u8>, &'static str); 3] {
        let best = Compression::best();
        let mut gzip = GzEncoder::new(Vec::new(), best);
        let mut zlib = ZlibEncoder::new(Vec::new(), best);
        let mut raw = DeflateEncoder::new(Vec::new(), best);
        let write = |written: std::io::Result<()>| written.expect("room");
        write(gzip.write_all(text));
        write(zlib.write_all(text));
        write(raw.write_all(text));
        [
            (Coding::Gzip, gzip.finish().expect("gzip"), NOT_GZIP),
            (Coding::Deflate, zlib.finish().expect("zlib"), NOT_DEFLATE),
            (Coding::Deflate, raw.finish().expect("deflate"), NOT_DEFLATE),
        ]
    }

    #[test]
    fn what_is_compressed_is_read_as_what_it_was() {
        for text in [
            Vec::new(),
            b"{\"result\":true}".to_vec(),
            (0..MOST).map(|at| u8::try_from(at * at % 251).unwrap_or(0)).collect(),
        ] {
            for (coding, bytes, _) in packed(&text) {
                assert!(decoded(&bytes, coding, MOST).is_ok_and(|content| content == text), "{coding:?}");
            }
        }
    }

    #[test]
    fn a_bomb_is_too_long_and_takes_no_more_room_than_an_answer_may() {
        for length in [MOST + 1, 50_000_000] {
            for (coding, bytes, _) in packed(&vec![b' '; length]) {
                assert_eq!(decoded(&bytes, coding, MOST), Err(ReadFault::Oversize), "{coding:?} {length}");
            }
        }
    }

    #[test]
    fn what_is_cut_short_changed_or_followed_by_more_is_no_answer() {
        for (coding, bytes, why) in packed(b"{\"result\":true,\"count\":12345678}") {
            for length in 1..bytes.len() {
                assert_eq!(
                    decoded(&bytes[..length], coding, MOST),
                    Err(ReadFault::Named(why)),
                    "{coding:?} {length}"
                );
            }
            assert_eq!(decoded(&[&bytes[..], b"x"].concat(), coding, MOST), Err(ReadFault::Named(why)));
            assert_eq!(decoded(b"{\"result\":true}", coding, MOST), Err(ReadFault::Named(why)));
        }
        let [(_, mut gzip, _), ..] = packed(b"{\"result\":true}");
        let sum = gzip.len() - 8;
        gzip[sum] ^= 1;
        assert_eq!(decoded(&gzip, Coding::Gzip, MOST), Err(ReadFault::Named(NOT_GZIP)));
    }

    #[test]
    fn several_members_of_gzip_are_one_answer() {
        let [(_, first, _), ..] = packed(b"{\"result\"");
        let [(_, second, _), ..] = packed(b":true}");
        let both = decoded(&[first, second].concat(), Coding::Gzip, MOST);
        assert_eq!(both.as_deref(), Ok(&b"{\"result\":true}"[..]));
    }

    #[test]
    fn another_coding_is_named() {
        assert_eq!(decoded(b"x", Coding::Unknown(said::BR), MOST), Err(ReadFault::Named(said::BR)));
    }
}
