//! Replies as HTTP/1 has them (RFC 9112, sections 4 to 6).

use std::cell::RefCell;

use hyper::StatusCode;

use crate::http::net::clock::Written;
use crate::http::proto::head::Refusal;
use crate::http::reply::Reply;

/// A body up to this length leaves in one piece with its head; a copy costs less than a second write.
const MOST_COPIED: usize = 16 * 1024;

/// Room for a usual head.
const HEAD: usize = 320;

/// What every reply says, as [`Reply::headers`] has it.
const ALWAYS: &str = "cache-control: no-store\r\nx-content-type-options: nosniff\r\n";

/// Writes a header. In place for each name, so that its length is known to the compiler and nothing is called to copy
/// a handful of bytes.
macro_rules! header {
    ($out:ident, $name:literal, $value:expr) => {{
        $out.extend_from_slice(concat!($name, ": ").as_bytes());
        $out.extend_from_slice($value.as_bytes());
        $out.extend_from_slice(b"\r\n");
    }};
}

/// A reply's head with its body, or the two apart if the body is long. What is asked for by HEAD has only
/// the head of one (RFC 9110, section 9.3.2).
pub fn reply(reply: &Reply, is_1_0: bool, is_head: bool) -> (Vec<u8>, &[u8]) {
    let body = if is_head { &[] } else { &reply.body[..] };
    let (copied, rest) = if body.len() <= MOST_COPIED { (body, &[][..]) } else { (&[][..], body) };
    let mut out = Vec::with_capacity(HEAD + copied.len());
    out.extend_from_slice(if is_1_0 { b"HTTP/1.0 " } else { b"HTTP/1.1 " });
    status(reply.status, &mut out);
    if let Some(content_type) = reply.content_type {
        header!(out, "content-type", content_type);
    }
    out.extend_from_slice(ALWAYS.as_bytes());
    if let Some(outcome) = reply.outcome {
        header!(out, "x-mesigate-outcome", outcome.text());
    }
    for (name, value) in &reply.more {
        for part in [name, ": ", value, "\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
    match (reply.ends, is_1_0) {
        (true, _) => header!(out, "connection", "close"),
        // It would not stay unless it is said.
        (false, true) => header!(out, "connection", "keep-alive"),
        (false, false) => {}
    }
    // There is none, and it is said by the status (RFC 9110, section 8.6).
    if reply.status != 204 {
        header!(out, "content-length", itoa::Buffer::new().format(reply.body.len()));
    }
    DATE.with_borrow_mut(|date| {
        header!(out, "date", date.of(reply.at.as_secs(), httpdate::fmt_http_date));
    });
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(copied);
    (out, rest)
}

/// Why a head is not taken, as the last word of a connection.
pub fn refusal(refusal: Refusal) -> Vec<u8> {
    let mut out = b"HTTP/1.1 ".to_vec();
    status(refusal.status, &mut out);
    header!(out, "content-type", "text/plain; charset=utf-8");
    header!(out, "content-length", itoa::Buffer::new().format(refusal.why.len() + 1));
    header!(out, "cache-control", "no-store");
    header!(out, "connection", "close");
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(refusal.why.as_bytes());
    out.push(b'\n');
    out
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
    static DATE: RefCell<Written> = RefCell::default();
}

#[cfg(test)]
mod tests {
    use super::{MOST_COPIED, refusal, reply};
    use crate::http::proto::head::Refusal;
    use crate::http::reply::{Reply, empty, json, plain};
    use crate::protocol::outcome::Outcome;

    /// A reply without its date.
    fn written(that: &Reply, is_1_0: bool) -> String {
        let (head, rest) = reply(that, is_1_0, false);
        assert_eq!(!rest.is_empty(), that.body.len() > MOST_COPIED);
        let text = String::from_utf8(head).expect("text");
        let (before, date) = text.split_once("date: ").expect("a date");
        let (date, after) = date.split_once("\r\n").expect("an end");
        assert!(date.ends_with(" GMT") && httpdate::parse_http_date(date).is_ok(), "{date}");
        before.to_owned() + after
    }

    #[test]
    fn a_reply_says_how_long_it_is_and_whether_the_connection_stays() {
        let mut that = json(200, "{}".into(), Outcome::Done);
        let head = "200 OK\r\ncontent-type: application/json\r\ncache-control: no-store\r\n\
                    x-content-type-options: nosniff\r\nx-mesigate-outcome: done\r\n";
        assert_eq!(written(&that, false), format!("HTTP/1.1 {head}content-length: 2\r\n\r\n{{}}"));
        let keeps = format!("HTTP/1.0 {head}connection: keep-alive\r\ncontent-length: 2\r\n\r\n{{}}");
        assert_eq!(written(&that, true), keeps);
        that.ends = true;
        that.say("age", "7");
        let ends = format!("HTTP/1.1 {head}age: 7\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{{}}");
        assert_eq!(written(&that, false), ends);
    }

    /// HTTP/2 gets them from there.
    #[test]
    fn the_headers_are_those_of_the_reply() {
        let mut that = json(200, "{}".into(), Outcome::Unknown);
        that.say("age", "7");
        let lines: Vec<String> = that.headers().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let expected = format!("HTTP/1.1 200 OK\r\n{}content-length: 2\r\n\r\n{{}}", lines.concat());
        assert_eq!(written(&that, false), expected);
    }

    #[test]
    fn nothing_has_no_length_and_what_is_long_is_not_copied() {
        assert!(!written(&empty(204), false).contains("content-length"));
        assert!(written(&empty(200), false).ends_with("content-length: 0\r\n\r\n"));
        let long = plain(404, vec![b'a'; MOST_COPIED + 1].into(), "text/plain");
        assert!(written(&long, false).ends_with("content-length: 16385\r\n\r\n"));
        assert!(reply(&plain(404, "text".into(), "text/plain"), false, true).0.ends_with(b"\r\n\r\n"));
        let word = String::from_utf8(refusal(Refusal { status: 421, why: "why" })).expect("text");
        assert!(word.starts_with("HTTP/1.1 421 Misdirected Request\r\n"), "{word}");
        assert!(word.ends_with("connection: close\r\n\r\nwhy\n"), "{word}");
    }
}
