//! Checks, before anything is measured, that a subject does what it is measured for.

use anyhow::{Context, Result, ensure};
use memchr::memmem;
use serde_json::Value;

use crate::backend::{Asked, Backend};
use crate::http::{self, BLANK_LINE};
use crate::scenario::{Door, Scenario};
use crate::subject::{Kind, Subject};

/// Compares what upstream and the client get with the scenario. `started` is what upstream was asked while the subject
/// came up. Returns the bytes after the head of a right answer.
///
/// # Errors
/// When anything is not as it must be.
pub fn check(subject: &Subject, scenario: &Scenario, backend: &Backend, started: Asked) -> Result<Vec<u8>> {
    let kind = subject.kind;
    let tail = answer(subject, scenario).with_context(|| format!("{}: the answer", kind.name()))?;
    let sent = match started.first {
        // There is no proxy, so upstream was asked nothing while it came up.
        first if first.is_empty() => backend.asked()?.first,
        first => first,
    };
    request(kind, scenario, &sent).with_context(|| format!("{}: upstream's request", kind.name()))?;
    if scenario.door == Door::FormCached && kind != Kind::Direct {
        let before = backend.asked()?.requests;
        answer(subject, scenario)?;
        ensure!(backend.asked()?.requests == before, "{}: it keeps no answer", kind.name());
    }
    Ok(tail)
}

fn answer(subject: &Subject, scenario: &Scenario) -> Result<Vec<u8>> {
    let answer = http::ask(subject.address, &scenario.request)?;
    ensure!(answer.head.starts_with(b"HTTP/1.1 200 "), "it is no success");
    let body = String::from_utf8(answer.body)?;
    if is_translated(subject.kind, scenario) {
        let came: Value = serde_json::from_str(&body)?;
        ensure!(came == scenario.legacy, "it is {body}");
    } else {
        ensure!(body == scenario.answer, "it is {body}");
    }
    Ok(answer.tail)
}

fn request(kind: Kind, scenario: &Scenario, sent: &[u8]) -> Result<()> {
    let (line, body) = parts(sent)?;
    let (asked_line, asked_body) = parts(&scenario.request)?;
    if is_translated(kind, scenario) {
        ensure!(line == b"POST /backend/ HTTP/1.1", "{}", String::from_utf8_lossy(line));
        let came: Value = serde_json::from_slice(body)?;
        ensure!(came == scenario.translated, "it is {came}");
    } else {
        ensure!(line == asked_line, "{}", String::from_utf8_lossy(line));
        ensure!(body == asked_body, "the body has changed");
    }
    Ok(())
}

fn is_translated(kind: Kind, scenario: &Scenario) -> bool {
    kind.translates() && scenario.door != Door::Json
}

fn parts(request: &[u8]) -> Result<(&[u8], &[u8])> {
    let line = memmem::find(request, b"\r\n").context("upstream got no request")?;
    let head = memmem::find(request, BLANK_LINE).context("a request without an end")?;
    Ok((&request[..line], &request[head + BLANK_LINE.len()..]))
}
