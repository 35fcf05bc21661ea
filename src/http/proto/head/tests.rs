use super::{Framing, Head, Hosts, Looked, Rules, empty_lines, end, is_authority, number, trailer};
use crate::http::proto::head_reject::HeadReject;

fn rules() -> Rules {
    Rules { line: 60, headers: 200, count: 3, hosts: Hosts::Any }
}

fn read(head: &str) -> Result<Head<'_>, u16> {
    rules().read(head.as_bytes()).map_err(HeadReject::status)
}

#[test]
fn a_head_says_where_its_query_is_and_how_its_body_is_framed() {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (head, [method, path, query], framing, stays) in [
        (
            "POST /api.php?a=\"b c\" HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\n\r\n",
            ["POST", "/api.php", "a=\"b c\""],
            Framing::Length(5),
            true,
        ),
        (
            "PUT /a HTTP/1.1\r\nhost:g\r\ntransfer-encoding: Chunked\r\n\r\n",
            ["PUT", "/a", ""],
            Framing::Chunks,
            true,
        ),
        ("GET /a? HTTP/1.0\n\n", ["GET", "/a", ""], Framing::Nothing, false),
        ("GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", ["GET", "/a", ""], Framing::Nothing, true),
        ("GET http://g?b HTTP/1.1\r\nHost: g\r\n\r\n", ["GET", "/", "b"], Framing::Nothing, true),
        (
            "OPTIONS * HTTP/1.1\r\nHost: g\r\nConnection: x, close\r\n\r\n",
            ["OPTIONS", "*", ""],
            Framing::Nothing,
            false,
        ),
    ] {
        let read = read(head).unwrap_or_else(|status| panic!("{head:?}: {status}"));
        assert_eq!([read.method, read.path, read.query].map(text), [method, path, query].map(str::to_owned));
        assert_eq!((read.framing, read.stays), (framing, stays), "{head:?}");
    }
}

#[test]
fn headers_that_mean_something_are_found_in_any_case() {
    let head = "GET /a HTTP/1.1\r\nHOST: g\r\nExpect: 100-Continue\r\nX-Forwarded-For: a, b\r\n\r\n";
    let read = read(head).expect("sound");
    assert!(read.expects && read.fields.x_forwarded_for[..] == [b"a, b"]);
    let head = "GET /a HTTP/1.0\r\norigin: o\r\nContent-ENCODING: gzip\r\nCache-Control: x,No-Cache\r\n\r\n";
    let read = self::read(head).expect("sound");
    assert!(!read.expects && read.fields.coding == Some("gzip") && read.fields.no_cache);
    assert_eq!(read.fields.origin, Some(&b"o"[..]));
}

#[test]
fn every_doubt_is_a_refusal() {
    for (head, status) in [
        ("GET /a\r\n\r\n", 400),
        (" GET /a HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET  HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET /a b HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET /a?\x01 HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET /a HTTP/2.0\r\nHost: g\r\n\r\n", 505),
        ("GET /a http/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: g\r\nHost: g\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: a@g\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: g:0\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nHost: g\nContent-Length: 5\r\n\r\n", 400),
        ("POST /a HTTP/1.1\nHost: g\nContent-Length: 0\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nHost: g\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET * HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("CONNECT g:80 HTTP/1.1\r\nHost: g:80\r\n\r\n", 400),
        ("GET http://a@g/a HTTP/1.1\r\nHost: g\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost : g\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: g\r\n fold\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: g\r\nX: a\rb\r\n\r\n", 400),
        ("GET /a HTTP/1.1\r\nHost: g\r\nExpect: x\r\n\r\n", 417),
        ("GET /a HTTP/1.1\r\nHost: g\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", 431),
        ("POST /a HTTP/1.1\r\nHost: g\r\nContent-Length: +5\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /a HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ] {
        assert_eq!(read(head).map(|head| head.framing), Err(status), "{head:?}");
    }
}

#[test]
fn a_url_is_taken_when_it_names_the_host_that_is_asked() {
    for (target, host) in [("http://g/a?b=1", "G"), ("HTTP://g:80/a", "g"), ("https://[::1]/", "[::1]:443")] {
        assert!(read(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n")).is_ok(), "{target}");
    }
}

#[test]
fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
    for host in [
        "g",
        "g:",
        "g:80",
        "a.b-c_d",
        "gate%20way",
        "[::1]",
        "[::1]:",
        "[2001:db8::1]:8080",
        "[::ffff:1.2.3.4]",
    ] {
        assert!(is_authority(host.as_bytes()), "{host}");
    }
    for host in [
        "",
        ":",
        ":80",
        "[:::]",
        "[]",
        "[::1",
        "[1.2.3.4]",
        "[::1]80",
        "[::1%25eth0]",
        "gate%zzway",
        "gate%",
        "gate%2",
        "g:x",
        "g:65536",
        "g:80:80",
        "a b",
        "a@b",
        "a/b",
        "ä",
    ] {
        assert!(!is_authority(host.as_bytes()), "{host}");
    }
}

#[test]
fn empty_lists_say_nothing() {
    let head = "POST /a HTTP/1.1\r\nHost: g\r\nExpect:\r\nContent-Encoding: , identity,\r\n\r\n";
    let read = read(head).expect("sound");
    assert!(!read.expects && read.fields.coding.is_none() && read.stays);
    let head = "POST /a HTTP/1.1\r\nHost: g\r\nContent-Type:\r\nContent-Type: x\r\n\r\n";
    assert_eq!(self::read(head).expect("sound").fields.content_type, Some(&b"x"[..]));
}

#[test]
fn a_body_is_packed_by_a_coding_that_there_is() {
    for (value, coding) in [
        ("gzip", Some("gzip")),
        ("X-GZIP", Some("x-gzip")),
        ("identity, br", Some("br")),
        ("UTF-8, deflate", Some("deflate")),
        ("zstd", Some("zstd")),
        ("compress", Some("compress")),
        ("UTF-8", None),
        ("none", None),
        ("identity", None),
        ("gzip2", None),
    ] {
        let head = format!("POST /a HTTP/1.1\r\nHost: g\r\nContent-Encoding: {value}\r\n\r\n");
        assert_eq!(read(&head).expect("sound").fields.coding, coding, "{value}");
    }
}

#[test]
fn an_end_is_found_once_whatever_was_seen_before() {
    let head = b"GET / HTTP/1.1\r\nHost: g\r\n\r\nbody";
    for seen in 0..25 {
        assert_eq!(end(head, seen), Some(27), "{seen}");
    }
    assert_eq!(end(b"GET / HTTP/1.1\n\nbody", 0), Some(16));
    assert_eq!(end(&head[..26], 0), None);
    assert_eq!(empty_lines(b"\r\n\nGET"), Ok(3));
    assert!(empty_lines(b"\n\n\n").is_err());
}

#[test]
fn what_has_no_end_is_refused_as_soon_as_it_is_too_long() {
    let status = |bytes: Vec<u8>| {
        let (mut looked, mut piecewise) = (Looked::default(), Looked::default());
        assert_eq!(looked.on(&bytes), None);
        (0..=bytes.len()).for_each(|length| assert_eq!(piecewise.on(&bytes[..length]), None));
        assert_eq!(looked, piecewise, "whatever the pieces in which it comes");
        rules().may_go_on(&looked).map_err(|refusal: HeadReject| refusal.status())
    };
    assert_eq!(status(vec![b'a'; 60]), Ok(()));
    assert_eq!(status(vec![b'a'; 61]), Err(414));
    assert_eq!(status([b"GET / HTTP/1.1\n".as_slice(), &[b'a'; 200]].concat()), Err(431));
}

#[test]
fn a_trailer_is_a_header_that_frames_nothing() {
    assert!(trailer(b"X-Sum: 1").is_ok());
    for line in [b"Content-Length: 1".as_slice(), b"host: g", b"no colon", b" X: 1", b"X : 1"] {
        assert!(trailer(line).is_err());
    }
}

#[test]
fn a_number_is_digits_and_nothing_else_and_fits() {
    for (text, is) in [
        ("0", Some(0)),
        ("007", Some(7)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("99999999999999999999999", None),
        ("", None),
        ("+1", None),
        ("-0", None),
        ("1 ", None),
        ("0x1", None),
        ("1,1", None),
    ] {
        assert_eq!(number(text.as_bytes()), is, "{text:?}");
    }
}
