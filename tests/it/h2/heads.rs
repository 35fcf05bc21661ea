//! Fields: their values, and how HPACK may write them.

use super::End::{Gone, Refused, Reset, Served};
use super::{End, Place};
use crate::support::frames::{
    CONTINUATION, END_HEADERS, END_STREAM, HEADERS, block, field, frame, get, with,
};

const TARGET: &str = "/api.php?op=userdel&token=T&uid=7";

/// A request without a body on the first stream.
fn asks(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, 1, block)
}

/// A request with these fields alone.
fn of(fields: &[(&str, &str)]) -> Vec<u8> {
    asks(&block(fields))
}

/// A GET with these fields after its own.
fn more(fields: &[(&str, &str)]) -> Vec<u8> {
    asks(&with(TARGET, fields))
}

/// A GET for this path.
fn path(path: &str) -> Vec<u8> {
    asks(&with(path, &[]))
}

const METHOD: (&str, &str) = (":method", "GET");
const SCHEME: (&str, &str) = (":scheme", "http");
const PATH: (&str, &str) = (":path", TARGET);

fn authority(name: &str, hosts: &[(&str, &str)]) -> Vec<u8> {
    of(&[&[METHOD, SCHEME, (":authority", name), PATH], hosts].concat())
}

#[tokio::test]
async fn one_authority_is_named_and_no_host_beside_it() {
    let host = |name| ("host", name);
    let cases: Vec<(&str, Vec<u8>, End)> = vec![
        ("the authority alone", authority("gateway", &[]), Served),
        ("the same host beside it", authority("gateway", &[host("gateway")]), Served),
        ("the same host in capitals", authority("gateway", &[host("GATEWAY")]), Served),
        ("another host", authority("gateway", &[host("evil.example")]), Refused(400)),
        ("another port", authority("gateway", &[host("gateway:81")]), Refused(400)),
        ("two hosts", authority("gateway", &[host("gateway"), host("gateway")]), Refused(400)),
        ("an empty host beside it", authority("gateway", &[host("")]), Refused(400)),
        ("a list of hosts", authority("gateway", &[host("gateway, evil.example")]), Refused(400)),
        ("a host alone", of(&[METHOD, SCHEME, PATH, host("gateway")]), Served),
        ("two hosts alone", of(&[METHOD, SCHEME, PATH, host("gateway"), host("evil.example")]), Refused(400)),
        ("neither", of(&[METHOD, SCHEME, PATH]), Refused(400)),
        ("a user in the authority", authority("gateway@evil.example", &[]), Refused(400)),
        ("a user and a password", authority("a:b@gateway", &[]), Refused(400)),
        ("an empty authority", authority("", &[]), Reset),
        ("a path in the authority", authority("gateway/x", &[]), Reset),
        ("a query in the authority", authority("gateway?x", &[]), Reset),
        ("a space in the authority", authority("gate way", &[]), Reset),
        ("two hosts in the authority", authority("gateway,evil.example", &[]), Refused(400)),
        ("an impossible port", authority("gateway:99999", &[]), Refused(400)),
    ];
    Place::start("").await.hold(cases).await;
    let ours = Place::start("listen.hosts = ['gateway']").await;
    ours.hold(vec![
        ("our authority", authority("gateway", &[]), Served),
        ("another one", authority("evil.example", &[]), Refused(421)),
        ("another host alone", of(&[METHOD, SCHEME, PATH, ("host", "evil.example")]), Refused(421)),
        ("one that begins like ours", authority("gateway.evil.example", &[]), Refused(421)),
    ])
    .await;
}

#[tokio::test]
async fn fields_that_belong_to_http_1_are_errors() {
    let broken = Reset;
    Place::start("")
        .await
        .hold(vec![
            ("connection", more(&[("connection", "close")]), broken),
            ("connection that names others", more(&[("connection", "host, content-length")]), broken),
            ("keep-alive", more(&[("keep-alive", "timeout=5")]), broken),
            ("proxy-connection", more(&[("proxy-connection", "keep-alive")]), broken),
            ("transfer-encoding", more(&[("transfer-encoding", "chunked")]), broken),
            ("an empty transfer-encoding", more(&[("transfer-encoding", "")]), broken),
            ("upgrade", more(&[("upgrade", "h2c")]), broken),
            ("te", more(&[("te", "gzip")]), broken),
            ("te of trailers, which may be", more(&[("te", "trailers")]), Served),
            ("a field that is almost one", more(&[("transfer-encodin", "chunked")]), Served),
        ])
        .await;
}

#[tokio::test]
async fn no_line_end_gets_through_in_a_field_or_a_path() {
    // An error in HPACK itself ends the connection, since its table can no longer be trusted.
    let (broken, gone) = (Reset, Gone);
    let value = |value: &str| more(&[("x-a", value)]);
    let name = |name: &str| more(&[(name, "a")]);
    let bytes = |value: &[u8]| asks(&[with(TARGET, &[]), field("x-a", value)].concat());
    Place::start("")
        .await
        .hold(vec![
            ("CR LF in a value", value("a\r\nX-B: b"), gone),
            ("LF in a value", value("a\nX-B: b"), gone),
            ("CR in a value", value("a\rX-B: b"), gone),
            ("NUL in a value", value("a\0b"), gone),
            ("a byte beyond ASCII in a value, which may be", bytes(b"\xff"), Served),
            ("a capital letter in a name", name("X-A"), gone),
            ("a space in a name", name("x a"), gone),
            ("a colon in a name", name("x:a"), gone),
            ("CR LF in a name", name("x\r\na"), gone),
            ("NUL in a name", name("x\0a"), gone),
            ("a byte beyond ASCII in a name", name("x\u{e9}a"), gone),
            ("a name of nothing", name(""), gone),
            ("CR LF in a path", path("/api.php?op=userdel&token=T&uid=7\r\nX-A: b"), broken),
            ("LF in a path", path("/api.php?op=userdel&token=T\n&uid=7"), broken),
            ("NUL in a path", path("/api.php?op=userdel&token=T&uid=7\0"), broken),
            ("a space in a path", path("/api.php ?op=userdel&token=T&uid=7"), broken),
            ("a space in a query", path("/api.php?op=userdel&token=T&uid=7 HTTP/1.1"), broken),
            ("a tab in a query", path("/api.php?op=userdel&token=T&uid=7\t"), broken),
            ("CR LF in a method", of(&[(":method", "GET / HTTP/1.1\r\n\r\nGET"), SCHEME, PATH]), gone),
            ("a space in a method", of(&[(":method", "GET /"), SCHEME, PATH]), gone),
            ("CR LF in a scheme", of(&[METHOD, (":scheme", "http\r\n"), PATH]), broken),
            (
                "line ends that are encoded in a query",
                path(&format!("{TARGET}&x=%0D%0A%0D%0AGET%20/")),
                Served,
            ),
        ])
        .await;
}

#[tokio::test]
async fn what_frames_a_request_stands_once_and_in_front() {
    let broken = Reset;
    let host = (":authority", "gateway");
    Place::start("")
        .await
        .hold(vec![
            ("two methods", of(&[METHOD, (":method", "POST"), SCHEME, host, PATH]), broken),
            ("two schemes", of(&[METHOD, SCHEME, (":scheme", "https"), host, PATH]), broken),
            ("two authorities", of(&[METHOD, SCHEME, host, (":authority", "evil.example"), PATH]), broken),
            ("two paths", of(&[METHOD, SCHEME, host, PATH, (":path", "/nowhere")]), broken),
            ("a path behind a field", of(&[METHOD, SCHEME, host, ("x-a", "b"), PATH]), broken),
            ("a second path behind a field", more(&[("x-a", "b"), (":path", "/nowhere")]), broken),
            ("an unknown one", of(&[METHOD, SCHEME, host, PATH, (":evil", "b")]), Gone),
            ("one of an answer", of(&[METHOD, SCHEME, host, PATH, (":status", "200")]), broken),
            ("no method", of(&[SCHEME, host, PATH]), broken),
            ("no scheme", of(&[METHOD, host, PATH]), broken),
            ("no path", of(&[METHOD, SCHEME, host]), broken),
            ("an empty path", of(&[METHOD, SCHEME, host, (":path", "")]), broken),
            ("a path without its slash", path("api.php?op=userdel&token=T&uid=7"), broken),
            ("a whole URL for a path", path("http://gateway/api.php?op=userdel&token=T&uid=7"), broken),
            (
                "a protocol without CONNECT",
                of(&[METHOD, SCHEME, host, PATH, (":protocol", "websocket")]),
                broken,
            ),
            (
                "an extended CONNECT",
                of(&[(":method", "CONNECT"), (":protocol", "websocket"), SCHEME, host, PATH]),
                broken,
            ),
            ("CONNECT", of(&[(":method", "CONNECT"), (":authority", "evil.example:443")]), Refused(404)),
            ("nothing at all", asks(b""), broken),
        ])
        .await;
}

#[tokio::test]
async fn hpack_that_does_not_decode_ends_the_connection_and_what_is_too_long_its_stream() {
    let broken = Gone;
    let behind = |bytes: &[u8]| asks(&[bytes, &get(7)].concat());
    let plus = |bytes: &[u8]| asks(&[&get(7), bytes].concat());
    // 20 KB of fields; 4,000 references to a table entry of 4,000 bytes.
    let long: Vec<u8> = (0..10).flat_map(|number| field(format!("x-{number}"), "a".repeat(1000))).collect();
    let long = [
        frame(HEADERS, END_STREAM, 1, &get(7)),
        frame(CONTINUATION, 0, 1, &long),
        frame(CONTINUATION, END_HEADERS, 1, &long),
    ]
    .concat();
    let bomb = [&[0x40][..], &field("x-bomb", "a".repeat(3900))[1..], &[0xbe; 4000]].concat();
    let huffman = [&[0, 1, b'x', 0x84][..], &[0xff; 4]].concat();
    Place::start("")
        .await
        .hold(vec![
            ("index 0", plus(&[0x80]), broken),
            ("an index behind the table", plus(&[0xff, 0x80, 0x01]), broken),
            ("an index without end", plus(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), broken),
            ("a table larger than was offered", behind(&[0x3f, 0xe1, 0xff, 0x03]), broken),
            ("a table of four gigabytes", behind(&[0x3f, 0xe0, 0xff, 0xff, 0xff, 0x0f]), broken),
            ("a table that changes behind a field", plus(&[0x20]), broken),
            ("a name that ends behind the block", plus(&[0, 5, b'x']), broken),
            ("a value that ends behind the block", plus(&[0, 1, b'x', 0x7f]), broken),
            ("the end of Huffman's code within a value", plus(&huffman), broken),
            ("20 KB of fields", long, Refused(431)),
            ("16 MB out of four thousand bytes", plus(&bomb), Gone),
        ])
        .await;
}
