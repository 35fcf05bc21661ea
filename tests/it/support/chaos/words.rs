//! The bytes that the chaos upstream sends, and how it reads a request.

use std::net::SocketAddr;

use super::MARK;

/// The bytes to send for a call.
pub type Words = fn(&Call) -> Vec<u8>;

/// A request, as far as it was read.
pub struct Call {
    pub op: String,
    pub id: String,
    pub nonce: Option<u64>,
    /// The host that redirects name.
    pub elsewhere: SocketAddr,
}

impl Call {
    /// A call without a request, for bytes that come unasked.
    pub fn nobodys(elsewhere: SocketAddr) -> Self {
        Self { op: "message".to_owned(), id: "0".to_owned(), nonce: None, elsewhere }
    }

    pub fn read(body: &[u8], elsewhere: SocketAddr) -> Self {
        let text = String::from_utf8_lossy(body);
        let after = |name: &str| text.split_once(name).map(|(_, rest)| rest);
        let op = after("\"op\":\"").and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let id = after("\"id\":").and_then(|rest| rest.split([',', '}']).next()).unwrap_or("0");
        Self { op: op.to_owned(), id: id.to_owned(), nonce: nonce_in(body), elsewhere }
    }
}

/// The nonce of a body, also of a part of one: eight digits, behind an `N` or as a group's number.
pub fn nonce_in(body: &[u8]) -> Option<u64> {
    let digits = |at: usize| {
        let digits = str::from_utf8(body.get(at..at + 8)?).ok()?;
        digits.parse().ok().filter(|nonce| *nonce >= 10_000_000)
    };
    let letters = body.iter().enumerate().filter(|(_, byte)| **byte == b'N');
    let group = body.windows(6).position(|window| window == b"\"gid\":");
    letters.map(|(at, _)| at + 1).find_map(digits).or_else(|| digits(group? + 6))
}

/// Whether an answer says that the request is done.
pub fn is_yes(answer: &[u8]) -> bool {
    String::from_utf8_lossy(answer).contains("\"result\":true")
}

/// Where the body of an HTTP message begins.
pub fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

/// A good answer to any operation: every number in it is the nonce, and no client may see its last member.
pub fn yes(call: &Call) -> String {
    let Call { op, id, nonce, .. } = call;
    let nonce = nonce.unwrap_or(0);
    let envelope = format!(r#""op":"{op}","result":true,"id":{id}"#);
    let user = format!(r#""user":{{"uid":{nonce},"address":"a","token":"t"}}"#);
    let group = format!(r#""group":{{"gid":{nonce}}},"members":[{{"uid":{nonce},"address":"a"}}]"#);
    format!(r#"{{{envelope},{user},{group},"nonce":{nonce},"app":{{"secret":"{MARK}"}}}}"#)
}

/// An answer that says why the request is not done.
pub fn no(call: &Call) -> String {
    let Call { op, id, .. } = call;
    format!(r#"{{"op":"{op}","result":false,"error":"BADUSER","code":400,"cause":"no such user","id":{id}}}"#)
}

/// A head and a body; `fields` are whole lines, whether they fit the body or not.
pub fn http(status: &str, fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\nServer: {MARK}\r\n{fields}\r\n").into_bytes();
    answer.extend_from_slice(body.as_ref());
    answer
}

/// An answer in JSON with the length of its body.
pub fn sized(status: &str, fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let length = body.as_ref().len();
    http(status, &format!("Content-Type: application/json\r\n{fields}Content-Length: {length}\r\n"), body)
}

pub fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    sized("200 OK", "", body)
}

pub fn good(call: &Call) -> Vec<u8> {
    ok(yes(call))
}

/// A good answer, cut a few bytes after `place`.
pub fn good_until(call: &Call, place: &str) -> Vec<u8> {
    let mut answer = good(call);
    let at = answer.windows(place.len()).position(|window| window == place.as_bytes()).expect("a place");
    answer.truncate(at + place.len() + 4);
    answer
}

/// An HTML page.
pub fn html(status: &str) -> Vec<u8> {
    sized(status, "", format!("<html><body><h1>{MARK}</h1></body></html>"))
}

/// A body of two chunks, followed by `end`.
pub fn chunked(body: &str, end: &str) -> String {
    let (first, second) = body.split_at(body.len() / 2);
    format!("{:x};{MARK}\r\n{first}\r\n{:x}\r\n{second}\r\n{end}", first.len(), second.len())
}
