//! The bytes that came back, as answers each of which is whole.

/// An answer without its date.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Whether it says that the connection ends with it.
    pub ends: bool,
    head: Vec<String>,
    body: Vec<u8>,
}

/// Reads all answers; `is_head` tells whether the answer of this number is to a HEAD.
///
/// # Panics
/// If a byte belongs to no answer.
pub fn answers(mut wire: &[u8], is_head: impl Fn(usize) -> bool) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    while !wire.is_empty() {
        let end = memchr::memmem::find(wire, b"\r\n\r\n").expect("the end of a head");
        let head = str::from_utf8(&wire[..end]).expect("text");
        wire = &wire[end + 4..];
        if head == "HTTP/1.1 100 Continue" {
            assert!(!wire.is_empty(), "a word that no answer follows");
            continue;
        }
        let (answer, length) = read(head);
        let length = if is_head(answers.len()) { 0 } else { length };
        assert!(length <= wire.len(), "{length} bytes are due of a body, and there are {}", wire.len());
        let (body, rest) = wire.split_at(length);
        answers.push(Answer { body: body.to_vec(), ..answer });
        wire = rest;
    }
    answers
}

/// An answer without its body, and the body's length.
fn read(head: &str) -> (Answer, usize) {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| {
        let line = line.strip_prefix("HTTP/1.1 ").or_else(|| line.strip_prefix("HTTP/1.0 "))?;
        line.split_once(' ')?.0.parse().ok()
    });
    let headers: Vec<(&str, &str)> =
        lines.map(|line| line.split_once(": ").expect("a name and a value")).collect();
    let one = |name| {
        let mut values = headers.iter().filter(|(other, _)| *other == name).map(|(_, value)| *value);
        values.next().filter(|_| values.next().is_none())
    };
    assert!(one("Date").is_some(), "{head}");
    let length = one("Content-Length").and_then(|length| length.parse().ok());
    let connection = one("Connection").expect("a word on the connection");
    assert!(["close", "keep-alive"].contains(&connection), "{head}");
    let lasting = headers.iter().filter(|(name, _)| *name != "Date");
    let answer = Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        ends: connection == "close",
        head: lasting.map(|(name, value)| format!("{name}: {value}")).collect(),
        body: Vec::new(),
    };
    (answer, length.unwrap_or_else(|| panic!("no length: {head}")))
}
