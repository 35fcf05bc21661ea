//! One connection as bytes, served with a handler of its own: the handler gets the requests that stand in the bytes, in
//! their order, and the client gets one answer to each, however the bytes come.
//!
//! The first line of an input says in which pieces the rest comes: `A` is a piece of one byte, `B` of two, `a` is one
//! of a line, `b` of two. The remainder comes at once. After a first line of odd length the client stays connected
//! until a deadline has passed.
#![no_main]

#[path = "http/answers.rs"]
mod answers;
#[path = "http/reference.rs"]
mod reference;
#[path = "http/served.rs"]
mod served;

use answers::{Answer, answers};
use libfuzzer_sys::fuzz_target;
use reference::Due;
use served::{Heard, Talk, talk};
use support::first_line;

/// The most pieces.
const MOST_PIECES: usize = 24;
/// What an HTTP/2 connection begins with.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

fuzz_target!(|input: &[u8]| {
    let (lengths, bytes) = first_line(input);
    let stays = lengths.len() % 2 == 1;
    let whole = talk(&[bytes], stays);
    let in_pieces = talk(&pieces(lengths, bytes), stays);
    // For HTTP/2, and where the bytes may still become HTTP/2, it suffices that the connection has ended.
    if !bytes.starts_with(PREFACE) && !PREFACE.starts_with(bytes) {
        let due = reference::requests(bytes);
        assert_same(&checked(&whole, &due), &checked(&in_pieces, &due));
        assert_eq!(whole.heard, in_pieces.heard, "the same bytes, and other requests");
    }
});

fn pieces<'b>(lengths: &[u8], mut bytes: &'b [u8]) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    for length in lengths.iter().take(MOST_PIECES) {
        let count = usize::from(length % 32);
        let end = if length % 64 < 32 { count } else { lines(bytes, count) };
        let (piece, rest) = bytes.split_at(end.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

/// The length of this many lines.
fn lines(bytes: &[u8], count: usize) -> usize {
    memchr::memchr_iter(b'\n', bytes).take(count).last().map_or(0, |at| at + 1)
}

/// Checks that there is one answer to each request that was handled or refused, and no more; returns the answers.
fn checked(talk: &Talk, due: &[Due<'_>]) -> Vec<Answer> {
    assert!(talk.heard.len() <= due.len(), "{} requests of {}", talk.heard.len(), due.len());
    talk.heard.iter().zip(due).for_each(|(heard, due)| assert_stands(heard, due));
    assert!(talk.refused <= 1, "a connection ends with its first refusal");
    let answers = answers(&talk.wire, |number| talk.heard.get(number).is_some_and(Heard::is_head));
    assert_eq!(answers.len(), talk.heard.len() + talk.refused);
    for (number, answer) in answers.iter().enumerate() {
        let is_handled = number < talk.heard.len();
        assert_eq!(answer.status == 200, is_handled, "the handler says 200 alone, and a refusal never");
        assert!(is_handled || answer.ends, "a refusal that says that the connection stays");
        assert!(!answer.ends || number + 1 == answers.len(), "an answer behind the last one");
    }
    let is_told = answers.last().is_some_and(|answer| answer.ends);
    assert!(is_told || talk.heard.len() == due.len(), "a request without an answer");
    answers
}

/// Checks that a request that was handled is the one at its place in the bytes.
fn assert_stands(heard: &Heard, due: &Due<'_>) {
    let has = |text: &[u8]| memchr::memmem::find(due.line, text).is_some();
    assert!(due.line.starts_with(&[&heard.method[..], b" "].concat()));
    // A URL without a path means this one.
    assert!(heard.path == b"/" || has(&heard.path));
    assert!(heard.query.is_empty() || has(&[b"?", &heard.query[..], b" HTTP/1."].concat()));
    if let Some(body) = &heard.body {
        assert_eq!(Some(body), due.body.as_ref(), "another body than the one that stands there");
    }
}

/// However the bytes came, the answers are equal. Only the bounds are checked before a head is whole, and so before
/// anything else that is wrong with it.
fn assert_same(whole: &[Answer], in_pieces: &[Answer]) {
    assert_eq!(whole.len(), in_pieces.len(), "the same bytes, and more answers");
    for (one, other) in whole.iter().zip(in_pieces) {
        let is_of_bounds = one.ends && other.ends && one.status >= 400 && [414, 431].contains(&other.status);
        assert!(one == other || is_of_bounds, "{one:?} and {other:?}");
    }
}
