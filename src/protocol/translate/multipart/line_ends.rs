//! Accepts multipart bodies whose lines end in LF alone, as old programs write them: the frame is rewritten, and values
//! stay byte for byte.

use bytes::Bytes;
use memchr::memmem;

use super::bad;
use crate::protocol::reject::Reject;

/// The body with CR LF in its frame.
///
/// # Errors
/// BADREQUEST where lines of the frame end in both ways: two readers could see two ends of a value.
pub fn whole(body: &Bytes, boundary: &str) -> Result<Bytes, Reject> {
    let mark = format!("--{boundary}");
    let Some(first) = memmem::find(body, mark.as_bytes()) else {
        return Ok(body.clone());
    };
    let parts = &body[first + mark.len()..];
    let blanks = parts.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    if parts.get(blanks) != Some(&b'\n') {
        return Ok(body.clone());
    }
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let delimiter = format!("\n{mark}");
    let mut rest = parts;
    loop {
        out.extend_from_slice(mark.as_bytes());
        let end = memmem::find(rest, delimiter.as_bytes());
        part(&rest[..end.unwrap_or(rest.len())], &mut out)?;
        // Whether this is the closing delimiter is left to the multipart parser.
        let Some(end) = end else {
            return Ok(out.into());
        };
        rest = &rest[end + delimiter.len()..];
    }
}

/// Writes the text between two delimiters: the rest of the first one's line, headers, a value.
fn part(part: &[u8], out: &mut Vec<u8>) -> Result<(), Reject> {
    let Some(end) = memmem::find(part, b"\n\n") else {
        out.extend_from_slice(part);
        return Ok(());
    };
    let (head, value) = (&part[..end], &part[end + 2..]);
    if head.contains(&b'\r') || value.ends_with(b"\r") {
        return Err(bad("its lines end in CR LF and in LF alone"));
    }
    for line in head.split(|byte| *byte == b'\n') {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::whole;

    fn written(body: &'static str) -> Option<String> {
        let body = whole(&body.into(), "X").ok()?;
        Some(String::from_utf8_lossy(&body).into_owned())
    }

    #[test]
    fn a_frame_gets_whole_line_ends_and_a_value_stays() {
        assert_eq!(
            written("pre\n--X \nA: 1\nB: 2\n\nline\nline\n--X\nA: 3\n\n\n--X--\n").as_deref(),
            Some("--X \r\nA: 1\r\nB: 2\r\n\r\nline\nline\r\n--X\r\nA: 3\r\n\r\n\r\n--X--\n")
        );
        for same in ["--X\r\nA: 1\r\n\r\na\n--X\r\n--X--", "nothing", "--X--", ""] {
            assert_eq!(written(same).as_deref(), Some(same));
        }
        for mixed in ["--X\nA: 1\r\nB: 1\n\na\n--X--", "--X\nA: 1\n\na\r\n--X--"] {
            assert_eq!(written(mixed), None, "{mixed}");
        }
    }
}
