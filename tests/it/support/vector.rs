//! A translation as a text file: the four messages of each case, one after the other.
//!
//! ```text
//! === what the case shows
//! --- legacy in
//! GET /api.php?op=userdel&token=T&uid=5 HTTP/1.1
//!
//! --- upstream gets
//! {"op":"userdel","token":"T","user":{"uid":5}}
//! --- upstream says
//! {"op":"userdel","result":true}
//! --- client gets
//! {"user":{"uid":5},"op":"userdel","result":true}
//! ```
//!
//! - `legacy in` is an HTTP request: request line, headers, an empty line, a body. `Host` and
//!   `Content-Length` are added where they are left out; a multipart body gets CRLF line ends.
//! - `upstream gets` is JSON, or `nothing`. With the title `upstream gets, byte for byte` the bytes are compared.
//! - `settings` is TOML that is laid over the shipped settings. Such a case runs through sockets only,
//!   and cases in a row with the same settings have one gateway, so that they tell a story.
//! - `{seconds}` in what the client gets stands for any number: it depends on the moment.
//! - `upstream says` is JSON, or a whole HTTP answer; it is left out when upstream gets nothing.
//! - `client gets` is JSON, after header lines that must be there and a status (`HTTP 404`) where it is not 200. With
//!   the title `client gets, byte for byte` the bytes are compared.
//!
//! Lines before the first `===` and those that begin with `#` between cases are for people.

use serde_json::Value;

pub struct Vector {
    pub name: String,
    pub settings: String,
    pub request: Request,
    pub upstream_gets: Option<Expected>,
    pub upstream_says: Option<String>,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub client_gets: Expected,
}

pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub enum Expected {
    Json(Value),
    Bytes(String),
}

impl Expected {
    fn new(text: &str, bytes: bool, name: &str) -> Self {
        if bytes {
            return Self::Bytes(text.to_owned());
        }
        Self::Json(
            serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: no JSON ({error}): {text}")),
        )
    }

    /// Whether `found` is what is expected; if not, both as text.
    pub fn check(&self, found: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(found);
        let (expected, same) = match self {
            Self::Bytes(expected) => (expected.clone(), matches(expected, &text)),
            Self::Json(expected) if expected.to_string().contains(SECONDS) => {
                (expected.to_string(), matches(&expected.to_string(), &text))
            }
            Self::Json(expected) => {
                let found: Option<Value> = serde_json::from_slice(found).ok();
                (expected.to_string(), found.as_ref() == Some(expected))
            }
        };
        if same { Ok(()) } else { Err(format!("\n  expected {expected}\n  found    {text}")) }
    }
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn query(&self) -> &str {
        let target = self.line.split_once(' ').map_or("", |(_, rest)| rest);
        let target = target.rsplit_once(" HTTP/1.").map_or(target, |(target, _)| target);
        target.split_once('?').map_or("", |(_, query)| query)
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{}\r\n", self.line);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if self.header("host").is_none() && self.line.ends_with("HTTP/1.1") {
            head += "Host: gateway\r\n";
        }
        if self.header("content-length").is_none() && !self.body.is_empty() {
            head += &format!("Content-Length: {}\r\n", self.body.len());
        }
        let mut bytes = (head + "\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

const SECONDS: &str = "{seconds}";

/// Whether `found` equals `expected`, with a number wherever that says `{seconds}`.
pub fn matches(expected: &str, found: &str) -> bool {
    match expected.split_once(SECONDS) {
        None => expected == found,
        Some((before, after)) => found.strip_prefix(before).is_some_and(|rest| {
            let behind = rest.trim_start_matches(|character: char| character.is_ascii_digit());
            behind.len() < rest.len() && matches(after, behind)
        }),
    }
}

/// Every case of a file.
pub fn parse(file: &str, text: &str) -> Vec<Vector> {
    let cases = format!("\n{text}");
    cases.split("\n=== ").skip(1).map(|case| vector(file, case)).collect()
}

fn vector(file: &str, case: &str) -> Vector {
    let mut parts = case.split("\n--- ");
    let title = parts.next().and_then(|head| head.lines().next()).expect("a name");
    let name = format!("{file}: {title}");
    let sections: Vec<(&str, String)> = parts
        .map(|part| {
            let (title, body) = part.split_once('\n').unwrap_or((part, ""));
            (title.trim(), comments_removed(title, body))
        })
        .collect();
    let known = [
        "settings",
        "legacy in",
        "upstream gets",
        "upstream gets, byte for byte",
        "upstream says",
        "client gets",
        "client gets, byte for byte",
    ];
    for (title, _) in &sections {
        assert!(known.contains(title), "{name}: `{title}` is no section");
    }
    let section = |wanted: &str| {
        let found = sections.iter().find(|(title, _)| title.split(',').next() == Some(wanted))?;
        Some((found.1.trim_end_matches('\n'), found.0.contains("byte for byte")))
    };
    let (request, _) = section("legacy in").unwrap_or_else(|| panic!("{name}: no `legacy in`"));
    let (gets, exact) = section("upstream gets").unwrap_or_else(|| panic!("{name}: no `upstream gets`"));
    let (client, client_exact) = section("client gets").unwrap_or_else(|| panic!("{name}: no `client gets`"));
    let (status, headers, client) = client_part(client);
    Vector {
        settings: section("settings").map_or_else(String::new, |(settings, _)| settings.to_owned()),
        request: parse_request(request),
        upstream_gets: (gets != "nothing").then(|| Expected::new(gets, exact, &name)),
        upstream_says: section("upstream says").map(|(says, _)| says.to_owned()),
        status,
        headers,
        client_gets: Expected::new(client, client_exact, &name),
        name,
    }
}

/// Removes the comment lines after a case's last section.
fn comments_removed(title: &str, body: &str) -> String {
    if title.starts_with("client gets") {
        body.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
    } else {
        body.to_owned()
    }
}

fn client_part(text: &str) -> (u16, Vec<(String, String)>, &str) {
    let (mut status, mut headers, mut rest) = (200, Vec::new(), text);
    while let Some((line, below)) = rest.split_once('\n') {
        if let Some(code) = line.strip_prefix("HTTP ") {
            status = code.trim().parse().expect("a status");
        } else if let Some((key, value)) = line.split_once(": ").filter(|_| !line.starts_with('{')) {
            headers.push((key.to_owned(), value.to_owned()));
        } else {
            break;
        }
        rest = below;
    }
    (status, headers, rest)
}

fn parse_request(text: &str) -> Request {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let line = lines.next().expect("a request line").to_owned();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').expect("a header"))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let multipart = headers
        .iter()
        .any(|(key, value)| key.eq_ignore_ascii_case("content-type") && value.starts_with("multipart"));
    let body = if multipart { format!("{}\r\n", body.replace('\n', "\r\n")) } else { body.to_owned() };
    Request { line, headers, body: body.into_bytes() }
}
