//! Answers as they arrive, whole and in pieces.

use super::{Coding, MediaType, ReadFault, Reading, WholeAnswer, said};

const MOST: usize = 16;

/// Reads an answer whole and byte by byte, which must give the same status, body and fate of the connection.
fn read(text: &str) -> Result<Option<(u16, String, bool)>, ReadFault> {
    let whole = feed(&[text.as_bytes()]);
    let by_byte: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
    let by_byte = feed(&by_byte);
    match (&whole, &by_byte) {
        // Byte by byte, the answer is whole before anything after it has arrived.
        (Ok(Some(one)), Ok(Some(other))) => assert_eq!((one.0, &one.1), (other.0, &other.1), "{text:?}"),
        _ => assert_eq!(whole, by_byte, "{text:?}"),
    }
    whole
}

fn feed(pieces: &[&[u8]]) -> Result<Option<(u16, String, bool)>, ReadFault> {
    let mut reading = Reading::new(MOST);
    for piece in pieces {
        if let Some(whole) = reading.take(piece)? {
            let text = String::from_utf8(whole.answer.bytes.to_vec()).expect("text");
            return Ok(Some((whole.answer.status, text, whole.stays)));
        }
    }
    Ok(None)
}

#[test]
fn an_answer_has_one_end_and_says_whether_its_connection_stays() {
    for (text, status, body, stays) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood", 200, "good", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nCONTENT-LENGTH: 4\r\n\r\ngood", 200, "good", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoodmore", 200, "good", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\na", 200, "a", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na", 200, "a", false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", 200, "a", true),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\ngo\r\n2;x=y\r\nod\r\n0\r\nA: b\r\n\r\n",
            200,
            "good",
            true,
        ),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil", 204, "", false),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", 204, "", false),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", false),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 101, "", false),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n\
             HTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\na",
            404,
            "a",
            true,
        ),
    ] {
        assert_eq!(read(text), Ok(Some((status, body.to_owned(), stays))), "{text:?}");
    }
}

#[test]
fn without_a_length_the_end_of_the_connection_is_the_end() {
    for (text, end) in [
        ("HTTP/1.1 200 OK\r\n\r\ngood", Ok("good")),
        ("HTTP/1.0 200 OK\r\n\r\n", Ok("")),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngoo", Err(ReadFault::Broken)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n", Err(ReadFault::Broken)),
        ("HTTP/1.1 200 OK\r\nCont", Err(ReadFault::Broken)),
        ("HTTP/1.1 100 Continue\r\n\r\n", Err(ReadFault::Broken)),
        ("", Err(ReadFault::Broken)),
    ] {
        let mut reading = Reading::new(MOST);
        assert!(reading.take(text.as_bytes()).is_ok_and(|whole| whole.is_none()), "{text:?}");
        let ended = reading.end().map(|whole| {
            assert!(!whole.stays);
            whole.answer.bytes
        });
        assert_eq!(ended.as_deref(), end.map(str::as_bytes).as_ref().copied(), "{text:?}");
    }
}

#[test]
fn what_is_in_doubt_or_too_long_is_no_answer() {
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(MOST + 1));
    let long_head = format!("HTTP/1.1 200 OK\r\nX: {}", "a".repeat(super::MOST_HEAD));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: y\r\n".repeat(super::MOST_HEADERS + 1));
    for (text, fault) in [
        ("HTTP/2.0 200 OK\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 20 OK\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 2000 OK\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.2 200 OK\r\n\r\n", ReadFault::Broken),
        ("{\"result\":true}", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: +4\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", ReadFault::Named(said::TRANSFER)),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", ReadFault::TwoLengths),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x4\r\n", ReadFault::Broken),
        ("HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n", ReadFault::Oversize),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n0123456789abcdefg", ReadFault::Oversize),
        (&long, ReadFault::Oversize),
        (&long_head, ReadFault::Broken),
        (&many, ReadFault::Broken),
    ] {
        assert_eq!(read(text), Err(fault), "{text:.80?}");
    }
}

fn whole(headers: &str) -> WholeAnswer {
    let text = format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{headers}\r\n");
    Reading::new(MOST).take(text.as_bytes()).ok().flatten().expect("an answer")
}

#[test]
fn a_coding_is_known_by_its_name_and_an_empty_one_is_none() {
    for (headers, coding) in [
        ("", Coding::None),
        ("Content-Encoding:\r\n", Coding::None),
        ("Content-Encoding: , identity ,\r\n", Coding::None),
        ("Content-Encoding: GZip\r\n", Coding::Gzip),
        ("content-encoding: x-gzip\r\n", Coding::Gzip),
        ("Content-Encoding: identity, deflate\r\n", Coding::Deflate),
        ("Content-Encoding: br\r\n", Coding::Unknown(said::BR)),
        ("Content-Encoding: zstd\r\n", Coding::Unknown(said::ZSTD)),
        ("Content-Encoding: x-compress\r\n", Coding::Unknown(said::COMPRESS)),
        ("Content-Encoding: aes128gcm\r\n", Coding::Unknown(said::ANOTHER)),
        ("Content-Encoding: deflate, gzip\r\n", Coding::Unknown(said::TWO)),
        ("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", Coding::Unknown(said::TWO)),
    ] {
        assert_eq!(whole(headers).coding, coding, "{headers:?}");
    }
}

#[test]
fn a_connection_is_kept_for_a_second_less_than_upstream_keeps_it() {
    for (headers, rests, stays) in [
        ("", None, true),
        ("Keep-Alive: timeout=5\r\n", Some(4), true),
        ("keep-alive: max=100 , Timeout = \"72\"\r\n", Some(71), true),
        ("Keep-Alive: timeout=9\r\nKeep-Alive: timeout=5\r\n", Some(4), true),
        ("Keep-Alive: timeout=1\r\n", Some(0), false),
        ("Keep-Alive: timeout=0\r\n", Some(0), false),
        ("Keep-Alive: timeout=5, max=1\r\n", Some(4), true),
        ("Keep-Alive: timeout=5, max=0\r\n", Some(4), false),
        ("Keep-Alive: timeout=soon, max, 300\r\n", None, true),
        ("Keep-Alive: timeout=99999999999999999999\r\n", None, true),
        ("Connection: close\r\nKeep-Alive: timeout=5\r\n", Some(4), false),
        ("Keep-Aliva: timeout=5\r\n", None, true),
    ] {
        let whole = whole(headers);
        assert_eq!((whole.rests, whole.stays), (rests, stays), "{headers:?}");
    }
}

#[test]
fn of_a_type_the_kind_is_known_and_of_a_redirect_the_host() {
    for (headers, content, host) in [
        ("", MediaType::Unsaid, None),
        ("Content-Type: Application/JSON;charset=utf-8\r\n", MediaType::Json, None),
        ("Content-Type: text/html\r\n", MediaType::Html, None),
        ("Content-Type: application/xhtml+xml\r\n", MediaType::Html, None),
        ("Content-Type: text/plain\r\n", MediaType::Text, None),
        ("Content-Type: x/y\r\n", MediaType::Other, None),
        (
            "Location: https://login.example:8443/in?token=T\r\n",
            MediaType::Unsaid,
            Some("login.example:8443"),
        ),
        ("Location: http://user:word@a.example\r\n", MediaType::Unsaid, Some("a.example")),
        ("Location: //b.example/in\r\n", MediaType::Unsaid, Some("b.example")),
        ("Location: /elsewhere?token=T\r\n", MediaType::Unsaid, Some(said::SAME_HOST)),
        ("Location: \r\n", MediaType::Unsaid, Some(said::SAME_HOST)),
        ("Location: http://a\tb/\r\n", MediaType::Unsaid, Some(said::NO_HOST)),
    ] {
        let manner = whole(headers).manner;
        assert_eq!((manner.content, manner.leads_to.as_deref()), (content, host), "{headers:?}");
    }
}
