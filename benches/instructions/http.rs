//! As much HTTP as a client and an upstream need that trust each other.

use std::io::BufRead;

use crate::exchanges::Exchange;

/// The bytes of a request of an old program.
pub fn request(exchange: &Exchange) -> Vec<u8> {
    let Exchange { query, body, .. } = exchange;
    let common = "Host: 127.0.0.1:8080\r\nUser-Agent: PHP/5.6\r\nAccept: */*\r\n";
    let head = match exchange.content_type() {
        None => format!("GET /api.php?{query} HTTP/1.1\r\n{common}\r\n"),
        Some(kind) => format!(
            "POST /api.php HTTP/1.1\r\n{common}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        ),
    };
    [head.as_bytes(), body].concat()
}

/// The bytes of an answer as mesibo sends it.
pub fn answer(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/json\r\nConnection: keep-alive";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// Reads a message and returns its body; `None` where the connection ends.
pub fn body(from: &mut impl BufRead) -> Option<String> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?;
            }
            None if line.trim_end().is_empty() => break,
            Some(_) | None => {}
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
