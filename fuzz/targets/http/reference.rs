//! The requests that stand in some bytes, for a reader that believes nothing after the first doubt. It is short on
//! purpose: no limits, no state, and all bytes are there.

/// A request, as far as the target compares it.
pub struct Due<'b> {
    /// The request line, without its end.
    pub line: &'b [u8],
    /// The body, if it is whole.
    pub body: Option<Vec<u8>>,
}

/// The most requests that may be taken out of these bytes.
pub fn requests(mut bytes: &[u8]) -> Vec<Due<'_>> {
    let mut all = Vec::new();
    while let Some((head, rest)) = head(bytes) {
        let Some(framing) = Framing::of(head) else {
            break;
        };
        let body = framing.body(rest);
        let line = lines(head).next().unwrap_or_default();
        all.push(Due { line, body: body.as_ref().map(|(body, _)| body.clone()) });
        match body {
            // Nothing after a line that ends in LF alone is believed.
            Some((_, rest)) if !has_bare_end(head) => bytes = rest,
            _ => break,
        }
    }
    all
}

/// A head up to the end of its empty line, and the bytes after it.
fn head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let bytes = bytes.trim_ascii_start();
    let ends = |end: &usize| bytes[..*end].ends_with(b"\n\n") || bytes[..*end].ends_with(b"\n\r\n");
    (1..=bytes.len()).find(ends).map(|end| bytes.split_at(end))
}

fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn has_bare_end(head: &[u8]) -> bool {
    head.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r')
}

enum Framing {
    Length(usize),
    Chunks,
}

impl Framing {
    /// `None` where there is a doubt.
    fn of(head: &[u8]) -> Option<Self> {
        let (lengths, codings) = (values(head, b"content-length"), values(head, b"transfer-encoding"));
        match (&lengths[..], &codings[..]) {
            ([], []) => Some(Self::Length(0)),
            ([length], []) => number(length, 10).map(Self::Length),
            ([], [coding]) => coding.eq_ignore_ascii_case(b"chunked").then_some(Self::Chunks),
            _ => None,
        }
    }

    /// The body, and the bytes after it.
    fn body<'b>(&self, rest: &'b [u8]) -> Option<(Vec<u8>, &'b [u8])> {
        match self {
            Self::Length(length) => rest.split_at_checked(*length).map(|(body, rest)| (body.to_vec(), rest)),
            Self::Chunks => chunks(rest),
        }
    }
}

fn values<'h>(head: &'h [u8], name: &[u8]) -> Vec<&'h [u8]> {
    let fields = lines(head).skip(1).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    });
    fields.filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

fn number(digits: &[u8], radix: u32) -> Option<usize> {
    let digits = str::from_utf8(digits).ok()?;
    if digits.starts_with('+') { None } else { usize::from_str_radix(digits, radix).ok() }
}

fn chunks(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut data = Vec::new();
    loop {
        let (line, behind) = line(rest)?;
        let size = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let size = number(size.trim_ascii_end(), 16)?;
        if size == 0 {
            rest = behind;
            break;
        }
        let (chunk, behind) = behind.split_at_checked(size)?;
        data.extend_from_slice(chunk);
        rest = behind.strip_prefix(b"\r\n")?;
    }
    // Trailers, up to an empty line.
    loop {
        let (trailer, behind) = line(rest)?;
        rest = behind;
        if trailer.is_empty() {
            return Some((data, rest));
        }
    }
}

/// A line without its CR LF, and the bytes after it.
fn line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memmem::find(bytes, b"\r\n")?;
    Some((&bytes[..end], &bytes[end + 2..]))
}
