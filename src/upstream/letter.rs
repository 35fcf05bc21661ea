//! A request on its way to upstream. Its body is written behind room for its head, which is put in when the
//! length is known: so the request is one piece, and nothing of it is copied.

/// The most digits of a length.
const MOST_DIGITS: usize = 20;
/// What stands between head and body.
const END: &[u8] = b"\r\n\r\n";

/// A whole request.
///
/// No `Debug`: it holds a token.
pub struct Letter {
    bytes: Vec<u8>,
    start: usize,
}

impl Letter {
    /// A request with this head, which ends where the length of the body is due; `body` adds the body, of
    /// about `room` bytes, to what it gets.
    pub fn new(head: &[u8], room: usize, body: impl FnOnce(&mut Vec<u8>)) -> Self {
        let before = head.len() + MOST_DIGITS + END.len();
        let mut bytes = Vec::with_capacity(before + room);
        bytes.resize(before, 0);
        body(&mut bytes);
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(bytes.len() - before).as_bytes();
        let mut start = before;
        for part in [END, digits, head] {
            let end = start;
            start -= part.len();
            bytes[start..end].copy_from_slice(part);
        }
        Self { bytes, start }
    }

    /// The request, as it is sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

#[cfg(test)]
mod tests {
    use super::Letter;

    #[test]
    fn the_head_stands_right_before_the_body_with_its_length() {
        for length in [0, 7, 10, 12345] {
            let body = "b".repeat(length);
            let letter =
                Letter::new(b"POST / HTTP/1.1\r\ncontent-length: ", 3, |out| out.extend(body.bytes()));
            let expected = format!("POST / HTTP/1.1\r\ncontent-length: {length}\r\n\r\n{body}");
            assert_eq!(String::from_utf8_lossy(letter.bytes()), expected);
        }
    }
}
