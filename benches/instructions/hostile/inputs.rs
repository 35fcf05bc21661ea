//! Requests of HTTP/1. What `fuzz/run 600 dearest` finds to cost most belongs here.

use super::{End, FORWARDED, Input, LIMITED, REFUSED, TO_LIMIT, TO_TOKEN, X_FORWARDED_FOR};

const MIB: usize = 1_048_000;
/// Enough for a long request, and quickly counted.
const LONG: usize = 100_000;
/// Nearly the most that headers may take.
const HEADERS: usize = 32_000;

type Named = (&'static str, Vec<u8>);

/// All inputs.
pub fn all() -> Vec<Input> {
    let input = |settings, most| move |(name, bytes)| Input { name, bytes, end: End::Answer, settings, most };
    let to_token = refused().into_iter().map(input(REFUSED, TO_TOKEN));
    let to_limit = limited().into_iter().map(input(LIMITED, TO_LIMIT));
    let forwarded = [
        ("Forwarded: nobody", headers("Forwarded:", ",")),
        ("Forwarded: proxies", headers("Forwarded:", "for=127.0.0.1,")),
    ];
    let forwarded = forwarded.into_iter().map(input(FORWARDED, TO_TOKEN));
    let hops = ("X-Forwarded-For: proxies", headers("X-Forwarded-For:", "::1,"));
    let hops = std::iter::once(hops).map(input(X_FORWARDED_FOR, TO_TOKEN));
    to_token.chain(to_limit).chain(forwarded).chain(hops).collect()
}

/// Requests that are refused for their token, if not before.
fn refused() -> Vec<Named> {
    vec![
        ("the shortest request", b"GET / HTTP/1.1\r\nHost:g\r\n\r\n".to_vec()),
        ("the shortest request to the API", b"GET /backend HTTP/1.1\r\nHost:g\r\n\r\n".to_vec()),
        ("a key that is none", get("op=otp&token=x&addr=1")),
        ("an operation near to many, 64 KiB", get(&format!("op={}", "a".repeat(65_536)))),
        ("an operation near to one, 1 MiB", form(MIB, "op=", "groupgetmembers", "")),
        ("percent signs", form(MIB, "op=otp&token=x&addr=", "%41", "")),
        ("parameters without a place", post("", pairs().as_bytes())),
        ("a list of nothing", form(MIB, "op=groupeditmembers&token=x&gid=1&m=", ",", "")),
        ("parts", parts(&filled(MIB, "", PART, "--b--\r\n"))),
        ("JSON: a read with many members", form(MIB, READ, r#","a":1"#, "}")),
        ("JSON: many members of a group", form(MIB, EDIT, r#""u",1,"#, "0]}}}")),
        ("JSON: names that are escaped", form(MIB, r#"{"op":"x","token":"t""#, r#","\u0061":1"#, "}")),
        ("JSON: a tower of brackets", form(MIB, r#"{"op":"x","token":"t","a":"#, "[", "")),
        ("JSON: a text of escapes", form(MIB, r#"{"op":"x","token":""#, r"\u0061", r#""}"#)),
        ("small chunks", chunks("1\r\na\r\n")),
    ]
}

/// Requests that the first limit refuses, if not before.
fn limited() -> Vec<Named> {
    vec![
        ("limited: a list of nothing", form(LONG, "op=groupeditmembers&token=x&gid=1&m=", ",", "")),
        ("limited: a list of blanks", form(LONG, "op=groupeditmembers&token=x&gid=1&m=", "+,", "")),
        ("limited: JSON, members of a group", form(LONG, EDIT, r#""u",1,"#, "0]}}}")),
        ("limited: JSON, members that are escaped", form(LONG, EDIT, r#""\n","#, "0]}}}")),
        ("limited: JSON, names in a group", form(LONG, GROUP, r#","a":1"#, "}}}")),
        ("limited: JSON, escaped names in a group", form(LONG, GROUP, r#","\n":1"#, "}}}")),
        ("limited: JSON, names of nothing", form(LONG, EDITS, r#","":1"#, "}")),
        ("limited: JSON, escaped names", form(LONG, EDITS, r#","\n":1"#, "}")),
        ("limited: JSON, a name of blanks", form(LONG, &format!("{EDITS},\""), " ", "\":1}")),
        ("limited: JSON, a long way", form(LONG, WAY, "n", WAY_END)),
        ("limited: JSON, a read with names of nothing", form(LONG, READ, r#","":1"#, "}")),
    ]
}

const PART: &str = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
const READ: &str = r#"{"op":"groupgetmembers","token":"t","group":{"gid":1}"#;
const EDIT: &str = r#"{"op":"groupeditmembers","token":"t","group":{"gid":1,"members":{"m":["#;
const GROUP: &str = r#"{"op":"groupeditmembers","token":"t","group":{"gid":1,"members":{"m":"a""#;
const EDITS: &str = r#"{"op":"groupeditmembers","token":"t""#;
const WAY: &str = r#"{"op":"groupgetmembers","token":"t","group":{"gid":1,""#;
const WAY_END: &str = r#"":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}"#;

/// A text of about this many bytes.
fn filled(size: usize, start: &str, part: &str, end: &str) -> String {
    let times = (size - start.len() - end.len()) / part.len();
    format!("{start}{}{end}", part.repeat(times))
}

fn get(query: &str) -> Vec<u8> {
    format!("GET /api.php?{query} HTTP/1.1\r\nHost:g\r\n\r\n").into_bytes()
}

fn post(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("POST /backend HTTP/1.1\r\nHost:g\r\n{headers}Content-Length:{}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn form(size: usize, start: &str, part: &str, end: &str) -> Vec<u8> {
    post("", filled(size, start, part, end).as_bytes())
}

/// A header with a long list; it ends in an item if it has any.
fn headers(start: &str, part: &str) -> Vec<u8> {
    let end = part.trim_end_matches(',');
    post(&(filled(HEADERS, start, part, end) + "\r\n"), b"op=otp&token=x&addr=1")
}

/// As many parameters as the gateway takes, each with a long name that no operation has.
fn pairs() -> String {
    let pair = |number: usize| format!("{}{number}=x&", "n".repeat(8000));
    (0..126).map(pair).collect::<Vec<_>>().concat() + "op=otp&token=x"
}

fn parts(body: &str) -> Vec<u8> {
    post("Content-Type: multipart/form-data; boundary=b\r\n", body.as_bytes())
}

fn chunks(chunk: &str) -> Vec<u8> {
    let head = "POST /backend HTTP/1.1\r\nHost:g\r\nTransfer-Encoding:chunked\r\n\r\n";
    format!("{head}{}0\r\n\r\n", chunk.repeat(50_000)).into_bytes()
}
