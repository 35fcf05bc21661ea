//! Reads a raw HTTP/1 request, copied from a log or a capture.

use super::Sample;

/// Reads request line, headers and body; lines may end in LF alone.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read(text: &[u8]) -> Result<Sample, String> {
    let (head, body) = split(text);
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let target = lines
        .next()
        .and_then(target)
        .ok_or("the first line is no request line, such as GET /api.php?op=useradd HTTP/1.1")?;
    let header = |name: &str| {
        let mut headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
        headers
            .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim().to_owned())
    };
    if header("transfer-encoding").is_some() {
        return Err("the body is chunked: put it together and leave Transfer-Encoding out".to_owned());
    }
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(usize::MAX);
    Ok(Sample {
        query: target.split_once('?').map_or_else(Vec::new, |(_, query)| query.as_bytes().to_vec()),
        content_type: header("content-type"),
        body: body[..body.len().min(length)].to_vec(),
    })
}

fn target(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(' ')?;
    let (target, _) = rest.rsplit_once(" HTTP/")?;
    Some(target)
}

/// Head and body, at the first empty line.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    for end in [b"\r\n\r\n".as_slice(), b"\n\n"] {
        if let Some(at) = memchr::memmem::find(text, end) {
            return (&text[..at], &text[at + end.len()..]);
        }
    }
    (text, b"")
}
