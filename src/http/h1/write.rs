//! Writes replies as HTTP/1 (RFC 9112, sections 4 to 6).

use std::cell::RefCell;

use hyper::StatusCode;

use crate::http::net::clock::WrittenSecond;
use crate::http::proto::head_reject::HeadReject;
use crate::http::reply::{Reply, refused};

/// A body up to this length is sent in one piece with its head: a copy costs less than a second write.
const MOST_COPIED: usize = 16 * 1024;

/// Room for the head of most replies, in bytes.
const HEAD: usize = 320;

/// The headers of every reply, which [`Reply::headers`] has too.
const ALWAYS: &str = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
/// The same of a reply that browsers may keep.
const ALWAYS_KEPT: &str = "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";

/// Writes a header. A macro, so that the compiler knows each name's length and calls nothing to copy a handful
/// of bytes.
macro_rules! header {
    ($out:ident, $name:literal, $value:expr) => {{
        $out.extend_from_slice(concat!($name, ": ").as_bytes());
        $out.extend_from_slice($value.as_bytes());
        $out.extend_from_slice(b"\r\n");
    }};
}

/// A reply's head with its body, or the two apart if the body is long. A HEAD request gets only the head (RFC
/// 9110, section 9.3.2). A connection that stays open announces for how many seconds it may rest, so that a
/// client does not send its next request into one that is being closed.
pub fn reply(reply: &Reply, is_1_0: bool, is_head: bool, rests: u64) -> (Vec<u8>, &[u8]) {
    let body = if is_head { &[] } else { &reply.body[..] };
    let (copied, rest) = if body.len() <= MOST_COPIED { (body, &[][..]) } else { (&[][..], body) };
    let mut out = Vec::with_capacity(HEAD + copied.len());
    out.extend_from_slice(if is_1_0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    status(reply.status, &mut out);
    if let Some(content_type) = reply.content_type {
        header!(out, "Content-Type", content_type);
    }
    out.extend_from_slice(if reply.is_kept { ALWAYS_KEPT } else { ALWAYS }.as_bytes());
    if let Some(outcome) = reply.outcome {
        header!(out, "X-Mesigate-Outcome", outcome.text());
    }
    if let Some(number) = &reply.number {
        out.extend_from_slice(b"X-Request-Id: ");
        out.extend_from_slice(number);
        out.extend_from_slice(b"\r\n");
    }
    for (name, value) in &reply.more {
        for part in [name, ": ", value, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    connection(reply.ends, rests, &mut out);
    // A 204 has no Content-Length (RFC 9110, section 8.6), and that of a feed is not known.
    if reply.status != 204 && reply.feed.is_none() {
        header!(out, "Content-Length", itoa::Buffer::new().format(reply.body.len()));
    }
    DATE.with_borrow_mut(|date| {
        header!(out, "Date", date.of(reply.at.as_secs(), httpdate::fmt_http_date));
    });
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(copied);
    (out, rest)
}

/// The last answer of a connection, which says why a head is refused.
pub fn refusal(refusal: HeadReject) -> Vec<u8> {
    last(&refused(refusal))
}

/// The last answer of a connection, as bytes.
pub fn last(that: &Reply) -> Vec<u8> {
    let (mut word, rest) = reply(that, false, false, 0);
    word.extend_from_slice(rest);
    word
}

/// Writes whether the connection stays open. HTTP/1.0 clients need to be told so, and `Keep-Alive` has no
/// meaning without `Connection: keep-alive` (RFC 2068, section 19.7.1).
fn connection(ends: bool, rests: u64, out: &mut Vec<u8>) {
    if ends {
        return header!(out, "Connection", "close");
    }
    header!(out, "Connection", "keep-alive");
    if rests > 0 {
        out.extend_from_slice(b"Keep-Alive: timeout=");
        out.extend_from_slice(itoa::Buffer::new().format(rests).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

fn status(status: u16, out: &mut Vec<u8>) {
    if status == 200 {
        return out.extend_from_slice(b"200 OK\r\n");
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    out.extend_from_slice(status.as_str().as_bytes());
    out.push(b' ');
    out.extend_from_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"\r\n");
}

thread_local! {
    static DATE: RefCell<WrittenSecond> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::{MOST_COPIED, refusal, reply};
    use crate::http::proto::head_reject::HeadReject;
    use crate::http::reply::{JSON, Reply, empty, json, plain};
    use crate::protocol::outcome::Outcome;

    /// A reply without its date.
    fn written(that: &Reply, is_1_0: bool) -> String {
        let (head, rest) = reply(that, is_1_0, false, 74);
        assert_eq!(!rest.is_empty(), that.body.len() > MOST_COPIED);
        let text = String::from_utf8(head).expect("text");
        let (before, date) = text.split_once("Date: ").expect("a date");
        let (date, after) = date.split_once("\r\n").expect("an end");
        assert!(date.ends_with(" GMT") && httpdate::parse_http_date(date).is_ok(), "{date}");
        before.to_owned() + after
    }

    #[test]
    fn a_reply_says_how_long_it_is_and_whether_the_connection_stays() {
        let mut that = json(200, "{}".into(), Outcome::Done, JSON);
        let head = "200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
                    X-Content-Type-Options: nosniff\r\nX-Mesigate-Outcome: done\r\n";
        let stays = "Connection: keep-alive\r\nKeep-Alive: timeout=74\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(written(&that, false), format!("HTTP/1.1 {head}{stays}"));
        assert_eq!(written(&that, true), format!("HTTP/1.0 {head}{stays}"));
        let bytes = reply(&that, false, false, 0).0;
        assert!(
            !String::from_utf8_lossy(&bytes).contains("Keep-Alive"),
            "no time is promised that there is not"
        );
        that.ends = true;
        that.say("Age", "7");
        let ends = format!("HTTP/1.1 {head}Age: 7\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}");
        assert_eq!(written(&that, false), ends);
    }

    /// HTTP/2 replies take their headers from `Reply::headers`.
    #[test]
    fn the_headers_are_those_of_the_reply() {
        let mut that = json(200, "{}".into(), Outcome::Unknown, JSON);
        that.ends = true;
        that.say("Age", "7");
        let lines: Vec<String> = that.headers().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let expected = format!(
            "HTTP/1.1 200 OK\r\n{}Connection: close\r\nContent-Length: 2\r\n\r\n{{}}",
            lines.concat()
        );
        assert_eq!(written(&that, false), expected);
    }

    #[test]
    fn nothing_has_no_length_and_what_is_long_is_not_copied() {
        assert!(!written(&empty(204), false).contains("Content-Length"));
        assert!(written(&empty(200), false).ends_with("Content-Length: 0\r\n\r\n"));
        let long = plain(404, vec![b'a'; MOST_COPIED + 1].into(), "text/plain");
        assert!(written(&long, false).ends_with("Content-Length: 16385\r\n\r\n"));
        assert!(reply(&plain(404, "text".into(), "text/plain"), false, true, 0).0.ends_with(b"\r\n\r\n"));
        let word = String::from_utf8(refusal(HeadReject::ManyHeaders)).expect("text");
        assert!(word.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{word}");
        assert!(word.contains("\r\nConnection: close\r\nContent-Length: 52\r\nDate: "), "{word}");
        assert!(word.ends_with("\r\n\r\nthere are more headers than the limit (cap.headers)\n"), "{word}");
    }
}
