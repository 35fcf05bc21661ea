//! The request line as bytes: where it ends, and where in it the query stands. Pure.

/// A line over the cap.
#[derive(Debug, PartialEq, Eq)]
pub struct TooLong;

/// What the bytes at hand say of the line.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Its end has not come.
    Unfinished,
    /// An empty line before the request, which is passed over (RFC 9112, section 2.2).
    Empty,
    /// It is whole, and this many of the fresh bytes belong to it.
    Whole(usize),
}

/// Looks for the line's end, `partial` being what came before.
///
/// # Errors
/// [`TooLong`] when it is longer than `longest`.
pub fn find(partial: &[u8], fresh: &[u8], longest: usize) -> Result<Line, TooLong> {
    let end = memchr::memchr(b'\n', fresh);
    if partial.len() + end.unwrap_or(fresh.len()) > longest {
        return Err(TooLong);
    }
    Ok(match end {
        None => Line::Unfinished,
        Some(end) if partial.is_empty() && matches!(&fresh[..end], b"" | b"\r") => Line::Empty,
        Some(end) => Line::Whole(end + 1),
    })
}

/// Takes the query out of the line that is the first `length` bytes of `bytes` and puts `stand_in`
/// in its place; gives the query and how many bytes there are now. A line without a query, or one
/// that is no HTTP/1 request line, stays as it is.
pub fn take_query(bytes: &mut [u8], length: usize, stand_in: &str) -> (Option<Vec<u8>>, usize) {
    let Some((start, end)) = query(&bytes[..length]) else {
        return (None, bytes.len());
    };
    if end - start < stand_in.len() {
        return (None, bytes.len());
    }
    let query = bytes[start..end].to_vec();
    let shorter = start + stand_in.len();
    bytes[start..shorter].copy_from_slice(stand_in.as_bytes());
    bytes.copy_within(end.., shorter);
    (Some(query), shorter + bytes.len() - end)
}

/// Where the query stands: behind the target's first `?`, before the line's last space, whatever is
/// between, raw spaces included. Control bytes are left to hyper, which refuses them.
fn query(line: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memmem::rfind(line, b" HTTP/1.")?;
    let method = memchr::memchr(b' ', line)?;
    let start = 1 + memchr::memchr(b'?', line.get(..end)?)?;
    let query = &line[start..end];
    (method < start && !query.iter().any(u8::is_ascii_control)).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::{Line, TooLong, find, take_query};

    /// The query, and the bytes that are left for hyper.
    fn split(request: &str) -> (Option<String>, String) {
        let mut bytes = request.as_bytes().to_vec();
        let length = request.find('\n').map_or(request.len(), |end| end + 1);
        let (query, left) = take_query(&mut bytes, length, "~");
        bytes.truncate(left);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (query.map(text), text(bytes))
    }

    #[test]
    fn the_query_is_taken_out_and_the_rest_stays() {
        let (query, rest) =
            split("GET /api.php?op=a&m={\"x\": <1>} HTTP/1.0\r\nHost: a?b HTTP/1.1\r\n\r\nbody?");
        assert_eq!(query.as_deref(), Some("op=a&m={\"x\": <1>}"));
        assert_eq!(rest, "GET /api.php?~ HTTP/1.0\r\nHost: a?b HTTP/1.1\r\n\r\nbody?");
    }

    #[test]
    fn what_is_no_request_line_stays() {
        for line in [
            "GET /backend HTTP/1.1\r\n",
            "GET /a?b\r\n",
            "GET /a?b HTTP/2.0\r\n",
            "GET /a?b\x00c HTTP/1.1\r\n",
            "GET /a? HTTP/1.1\r\n",
        ] {
            assert_eq!(split(line), (None, line.to_owned()));
        }
    }

    #[test]
    fn a_line_is_found_whole_in_pieces_or_refused_by_length() {
        assert_eq!(find(b"", b"GET / HTTP/1.1\r\nHost", 99), Ok(Line::Whole(16)));
        assert_eq!(find(b"GET /", b" HTTP/1.1\r\n", 99), Ok(Line::Whole(11)));
        assert_eq!(find(b"", b"GET /", 99), Ok(Line::Unfinished));
        assert_eq!(find(b"", b"\r\nGET /", 99), Ok(Line::Empty));
        assert_eq!(find(b"GET /", b"aaaaaa", 10), Err(TooLong));
        assert_eq!(find(b"", b"GET /aaaaaa\n", 10), Err(TooLong));
    }
}
