//! A case of `tests/raw/*.txt`: what a client sends, byte for byte, and its result.
//!
//! ```text
//! === what the case shows
//! settings: cap.body = 50
//! GET /api.php?op=userdel&token=T&uid=7 HTTP/1.1\r\n
//! Host: gateway\r\n
//! \r\n
//! {answer}
//! GET /nowhere HTTP/1.1\n
//! X: {300*a}\r\n
//! --- 200, 400, ends, upstream gets 7
//! ```
//!
//! - The bytes to send stand between the title and the line that begins with `---`. The file's own line ends mean
//!   nothing: a line end that is sent is written `\r\n`. Invisible bytes are written too: `\t`, `\0`, `\x7f`, and `\\`
//!   is a backslash. `{300*a}` is the text after the star, 300 times. Any other brace is itself.
//! - `{pause}`: the gateway has read the bytes before it when those after it are sent. `{answer}`: the client waits for
//!   an answer. `{end}`: the client ends its side of the connection.
//! - `settings` is TOML that is laid over the shipped settings; there may be several such lines.
//! - The last line states the result, in order: the status of each answer, with the `error` of a JSON answer
//!   (`200 BADREQUEST`) or `empty` for one without a body, or `nothing`; what becomes of the connection; and the uids
//!   that upstream was asked to delete. `20*200` is twenty of them.
//! - `stays`: another request on the connection gets its own answer. `ends`: the connection is closed, as the last
//!   answer announced. `ends silently`: it is closed, and no answer announced it.
//!
//! Lines before the first `===`, and lines after a case that begin with `#`, are for people.

use std::fmt;

pub struct Case {
    pub name: String,
    pub settings: String,
    pub steps: Vec<Step>,
    pub expected: Outcome,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Send(Vec<u8>),
    Pause,
    Answer,
    End,
}

/// The result of a case. Its text is the last line of one.
#[derive(PartialEq, Eq)]
pub struct Outcome {
    pub answers: Vec<String>,
    pub end: End,
    pub upstream: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Stays,
    Ends,
    EndsSilently,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_nothing = |words: String| if words.is_empty() { "nothing".to_owned() } else { words };
        let end = match self.end {
            End::Stays => "stays",
            End::Ends => "ends",
            End::EndsSilently => "ends silently",
        };
        let (answers, upstream) = (self.answers.join(", "), self.upstream.join(" "));
        write!(out, "{}, {end}, upstream gets {}", or_nothing(answers), or_nothing(upstream))
    }
}

impl Case {
    /// How many bytes the client sends.
    pub fn length(&self) -> usize {
        let length = |step: &Step| if let Step::Send(bytes) = step { bytes.len() } else { 0 };
        self.steps.iter().map(length).sum()
    }
}

/// Every case of a file.
pub fn parse(file: &str, text: &str) -> Vec<Case> {
    for (number, line) in text.lines().enumerate() {
        let seen = line.bytes().all(|byte| matches!(byte, b' '..=b'~')) && !line.ends_with(' ');
        assert!(seen, "{file}, line {}: something there cannot be seen", number + 1);
    }
    let cases = format!("\n{text}");
    cases.split("\n=== ").skip(1).map(|text| case(file, text)).collect()
}

fn case(file: &str, text: &str) -> Case {
    let mut lines = text.lines().peekable();
    let name = format!("{file}: {}", lines.next().unwrap_or_default());
    let mut settings = String::new();
    while let Some(line) = lines.peek().and_then(|line| line.strip_prefix("settings: ")) {
        settings += &format!("{line}\n");
        lines.next();
    }
    let mut sent = String::new();
    let expected = loop {
        match lines.next() {
            None => panic!("{name}: nothing says what comes of it"),
            Some(line) => match line.strip_prefix("--- ") {
                Some(expected) => break expected,
                None => sent += line,
            },
        }
    };
    for line in lines {
        assert!(line.is_empty() || line.starts_with('#'), "{name}: what is `{line}`?");
    }
    let expected =
        outcome(expected).unwrap_or_else(|what| panic!("{name}: `{expected}` is no outcome: {what}"));
    let steps = steps(&sent).unwrap_or_else(|what| panic!("{name}: {what}"));
    Case { name, settings, steps, expected }
}

fn outcome(text: &str) -> Result<Outcome, String> {
    let (answers, upstream) = text.split_once(", upstream gets ").ok_or("what does upstream get?")?;
    let (answers, end) = answers.rsplit_once(", ").ok_or("what becomes of the connection?")?;
    let end = match end {
        "stays" => End::Stays,
        "ends" => End::Ends,
        "ends silently" => End::EndsSilently,
        _ => return Err(format!("what is `{end}`?")),
    };
    Ok(Outcome { answers: words(answers, ", ")?, end, upstream: words(upstream, " ")? })
}

/// `nothing`, or words, each after its number of repetitions unless that is one.
fn words(text: &str, between: &str) -> Result<Vec<String>, String> {
    if text == "nothing" {
        return Ok(Vec::new());
    }
    let mut words = Vec::new();
    for word in text.split(between) {
        let (times, word) = word.split_once('*').unwrap_or(("1", word));
        let times = times.parse().map_err(|_| format!("what is `{times}`?"))?;
        let is_word = word.starts_with(|first: char| first.is_ascii_digit());
        words.extend(std::iter::repeat_n(word.to_owned(), if is_word { times } else { 0 }));
        if !is_word {
            return Err(format!("what is `{word}`?"));
        }
    }
    Ok(words)
}

fn steps(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let markers = [("{pause}", Step::Pause), ("{answer}", Step::Answer), ("{end}", Step::End)];
        let found = markers.into_iter().filter_map(|(word, step)| Some((rest.find(word)?, word, step)));
        let Some((start, word, step)) = found.min_by_key(|(start, ..)| *start) else {
            steps.push(Step::Send(bytes(rest)?));
            break;
        };
        if start > 0 {
            steps.push(Step::Send(bytes(&rest[..start])?));
        }
        steps.push(step);
        rest = &rest[start + word.len()..];
    }
    Ok(steps)
}

fn bytes(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        if let Some((times, repeated, behind)) = repetition(rest)? {
            bytes.extend(self::bytes(repeated)?.repeat(times));
            rest = behind;
        } else if first == b'\\' {
            let (byte, behind) = escape(rest).ok_or_else(|| format!("what is `{rest:.4}`?"))?;
            bytes.push(byte);
            rest = behind;
        } else {
            bytes.push(first);
            rest = &rest[1..];
        }
    }
    Ok(bytes)
}

/// `{300*a}` at the text's beginning: how often, what, and the text after it.
fn repetition(text: &str) -> Result<Option<(usize, &str, &str)>, String> {
    let head = |text: &str| {
        let (times, _) = text.strip_prefix('{')?.split_once('*')?;
        Some((times.parse::<usize>().ok()?, times.len() + 2))
    };
    let Some((times, start)) = head(text) else {
        return Ok(None);
    };
    let mut open = 0;
    for (place, byte) in text.bytes().enumerate() {
        open += usize::from(head(&text[place..]).is_some());
        // A repetition holds no other brace, so that its closing brace is certain.
        if byte == b'}' {
            open -= 1;
            if open == 0 {
                return Ok(Some((times, &text[start..place], &text[place + 1..])));
            }
        }
    }
    Err(format!("`{text:.10}` is not closed"))
}

fn escape(text: &str) -> Option<(u8, &str)> {
    let byte = match text.as_bytes().get(1)? {
        b'r' => b'\r',
        b'n' => b'\n',
        b't' => b'\t',
        b'0' => 0,
        b'\\' => b'\\',
        b'x' => return Some((u8::from_str_radix(text.get(2..4)?, 16).ok()?, &text[4..])),
        _ => return None,
    };
    Some((byte, &text[2..]))
}

#[test]
fn what_is_written_is_what_is_sent() {
    let bytes = |bytes: &[u8]| Step::Send(bytes.to_vec());
    let written = r#"a\r\n\x00\0{pause}{2*{2*x}\t}{"k":1}\\{end}"#;
    let sent = vec![bytes(b"a\r\n\0\0"), Step::Pause, bytes(b"xx\txx\t{\"k\":1}\\"), Step::End];
    assert_eq!(steps(written), Ok(sent));
    for wrong in [r"\q", r"\x1", "{3*a"] {
        assert!(steps(wrong).is_err(), "{wrong}");
    }
    for line in
        ["2*200, 200 NOOP, ends silently, upstream gets 2*7 8", "nothing, ends, upstream gets nothing"]
    {
        let text = outcome(line).map(|outcome| outcome.to_string());
        assert_eq!(text, Ok(line.replace("2*200", "200, 200").replace("2*7", "7 7")));
    }
    for wrong in
        ["200, ends", "200, upstream gets 7", "ends, upstream gets nothing", "OK, ends, upstream gets 7"]
    {
        assert!(outcome(wrong).is_err(), "{wrong}");
    }
}
