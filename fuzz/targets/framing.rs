//! Requests as bytes: they end at the same place however the bytes come, and an accepted one is one request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mesigate::http::proto::chunks::Chunks;
use mesigate::http::proto::head::{self, Framing, Hosts, Looked, Rules};

fuzz_target!(|bytes: &[u8]| {
    chunks(bytes);
    heads(bytes);
});

/// A chunked body ends at one byte with one text, or is refused, whatever the pieces in which it comes.
fn chunks(bytes: &[u8]) {
    let (mut data, mut data_in_pieces) = (Vec::new(), Vec::new());
    let whole = Chunks::default().walk(bytes, &mut data);
    let mut walker = Chunks::default();
    let mut in_pieces = Ok(None);
    let mut start = 0;
    // The input itself gives the lengths of the pieces.
    while start < bytes.len() && in_pieces == Ok(None) {
        let end = bytes.len().min(start + 1 + usize::from(bytes[start] % 7));
        in_pieces = walker
            .walk(&bytes[start..end], &mut data_in_pieces)
            .map(|found| found.map(|found| start + found));
        start = end;
    }
    assert_eq!((whole, data), (in_pieces, data_in_pieces));
}

/// A head that is accepted has its query within it, its end at its end, and one meaning.
fn heads(bytes: &[u8]) {
    let rules = Rules { line: 2048, headers: 2048, count: 16, hosts: Hosts::Any };
    let Ok(empty) = head::empty_lines(bytes) else {
        return;
    };
    let bytes = &bytes[empty..];
    let Some(end) = head::end(bytes, 0) else {
        let (mut looked, mut piecewise) = (Looked::default(), Looked::default());
        assert_eq!(looked.on(bytes), None);
        // However the bytes come, the result is the same.
        for length in 0..=bytes.len() {
            assert_eq!(piecewise.on(&bytes[..length]), None);
        }
        assert_eq!(looked, piecewise);
        _ = rules.may_go_on(&looked);
        return;
    };
    for seen in 0..end {
        assert_eq!(head::end(bytes, seen), Some(end), "the end does not depend on what was seen before it");
    }
    let Ok(read) = rules.read(&bytes[..end]) else {
        return;
    };
    let text = bytes[..end].to_ascii_lowercase();
    let count = |name: &[u8]| memchr::memmem::find_iter(&text, name).count();
    match read.framing {
        Framing::Nothing => {}
        Framing::Length(_) => {
            assert!(count(b"\ncontent-length:") == 1 && count(b"\ntransfer-encoding:") == 0);
        }
        Framing::Chunks => assert!(count(b"\ntransfer-encoding:") == 1 && count(b"\ncontent-length:") == 0),
    }
    assert!(count(b"\nhost:") <= 1);
    assert!(!read.path.is_empty() && !read.path.contains(&b'?'));
    assert!(!read.query.iter().any(u8::is_ascii_control));
    let line = memchr::memchr(b'\n', bytes).expect("a line");
    let place = |part: &[u8]| part.as_ptr() as usize - bytes.as_ptr() as usize;
    assert!(read.query.is_empty() || (bytes[place(read.query) - 1] == b'?' && place(read.query) < line));
}
