//! The bytes that clients and upstream send.

use std::fmt::Write;

/// An app token as mesibo's cloud makes them: 64 letters and digits.
pub const TOKEN: &str = "k3v9x0q7m2c8r5t1w6y4z0b9n8h7g6f5d4s3a2p1o0i9u8j7l6e5k4v3x2q1m0c9";

/// A request's bytes, with the headers that an old PHP program sends.
pub struct Request;

impl Request {
    /// A GET with all parameters in the query.
    pub fn get(query: &str) -> Vec<u8> {
        format!("GET /api.php?{query} HTTP/1.1\r\n{HEADERS}\r\n").into_bytes()
    }

    /// A POST with all parameters in a form.
    pub fn post(form: &str) -> Vec<u8> {
        Self::with_body("/api.php", "application/x-www-form-urlencoded", form)
    }

    /// A POST with all parameters in a JSON document.
    pub fn json(document: &str) -> Vec<u8> {
        Self::with_body("/backend/", "application/json", document)
    }

    fn with_body(path: &str, content_type: &str, body: &str) -> Vec<u8> {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\n{HEADERS}Content-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    }
}

const HEADERS: &str = "Host: gateway.example\r\nUser-Agent: PHP/7.4\r\nAccept: */*\r\n";

/// Names and values as PHP's `http_build_query` writes them.
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    pairs.join("&")
}

fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

/// An object of `length` bytes, like the undocumented one that mesibo's answers contained: all texts.
pub fn app(length: usize) -> String {
    let mut text = String::from(
        r#"{"aid":"1234","uid":"5678","name":"example","u_users":"1000","u_groups":"100","d_storage":"0","url":"","server":"","notify":"1","nrate":"10","ninterval":"60","flag":"0","ts":"2026-01-01 00:00:00","uts":"1767225600","pushflags":"0","apn_info":"","fcm_key":""#,
    );
    while text.len() + 2 < length {
        text.push('x');
    }
    text.push_str("\"}");
    text
}

#[cfg(test)]
mod tests {
    use super::{TOKEN, app, encoded};

    #[test]
    fn a_form_is_written_as_php_writes_it() {
        assert_eq!(encoded("a b&\u{e9},~"), "a+b%26%C3%A9%2C%7E");
    }

    #[test]
    fn lengths_are_as_announced() {
        assert_eq!(TOKEN.len(), 64);
        assert_eq!(app(600).len(), 600);
    }
}
