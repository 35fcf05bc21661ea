//! Answers whose framing is odd, ambiguous or broken.

use super::row::End::{BadAnswer, Yes};
use super::row::{Odds, Row};
use crate::support::chaos::MARK;
use crate::support::chaos::Step::{Answer, Close, Read, Send};
use crate::support::chaos::words::{chunked, good, html, http, sized, yes};

/// Odd but whole: one answer, whose end is certain.
pub const WHOLE: &[Row] = &[
    Row::request(
        "in chunks",
        &[
            Read,
            Answer(|call| http("200 OK", "Transfer-Encoding: chunked\r\n", chunked(&yes(call), "0\r\n\r\n"))),
        ],
        &[Yes],
        1,
    ),
    Row::request(
        "in chunks with a trailer",
        &[
            Read,
            Answer(|call| {
                let end = format!("0\r\nX-Mark: {MARK}\r\n\r\n");
                http("200 OK", "Transfer-Encoding: chunked\r\n", chunked(&yes(call), &end))
            }),
        ],
        &[Yes],
        1,
    ),
    Row::request(
        "from HTTP/1.0, without length, until the connection ends",
        &[Read, Answer(|call| format!("HTTP/1.0 200 OK\r\n\r\n{}", yes(call)).into_bytes()), Close],
        &[Yes],
        1,
    ),
    Row::request(
        "from HTTP/1.1, without length, until the connection ends",
        &[Read, Answer(|call| http("200 OK", "", yes(call))), Close],
        &[Yes],
        1,
    ),
    Row::request(
        "behind 100 Continue and 103 Early Hints",
        &[
            Read,
            Answer(|call| {
                let early = "HTTP/1.1 100 Continue\r\n\r\n".repeat(2);
                let hints = format!("HTTP/1.1 103 Early Hints\r\nLink: <{MARK}>\r\n\r\n");
                [early.as_bytes(), hints.as_bytes(), &good(call)].concat()
            }),
        ],
        &[Yes],
        1,
    ),
];

/// Whole too, but with bytes after it, or with two statements of its length.
pub const MORE: &[Row] = &[
    Row::request(
        "bytes behind the Content-Length",
        &[Read, Answer(|call| [&good(call), MARK.as_bytes()].concat())],
        &[Yes],
        1,
    )
    .never_reused(),
    Row::request(
        "line ends behind the Content-Length",
        &[Read, Answer(|call| [&good(call)[..], b"\r\n\r\n"].concat())],
        &[Yes],
        1,
    )
    .never_reused(),
    Row::request("the answer twice", &[Read, Answer(|call| good(call).repeat(2))], &[Yes], 1).never_reused(),
    Row::request("the answer again while the connection rests", &[Read, Answer(good), Send(good)], &[Yes], 1)
        .never_reused()
        .odds(Odds::Never),
    Row::request(
        "another's answer behind the last chunk",
        &[
            Read,
            Answer(|call| {
                let end = format!("0\r\n\r\n{}", String::from_utf8_lossy(&good(call)));
                http("200 OK", "Transfer-Encoding: chunked\r\n", chunked(&yes(call), &end))
            }),
        ],
        &[Yes],
        1,
    )
    .never_reused(),
    // RFC 9110, section 8.6: the repeated length counts as one, or the answer is refused.
    Row::request(
        "with the same Content-Length twice",
        &[
            Read,
            Answer(|call| {
                let body = yes(call);
                sized("200 OK", &format!("Content-Length: {}\r\n", body.len()), body)
            }),
        ],
        &[Yes, BadAnswer],
        1,
    )
    .odds(Odds::Never),
    // RFC 9112, section 6.3: such an answer may be an attempt at response splitting.
    Row::request(
        "both Content-Length and Transfer-Encoding",
        &[
            Read,
            Answer(|call| {
                let body = chunked(&yes(call), "0\r\n\r\n");
                sized("200 OK", "Transfer-Encoding: chunked\r\n", body)
            }),
        ],
        &[Yes, BadAnswer],
        1,
    )
    .never_reused()
    .odds(Odds::Never),
];

/// Answers that are not whole.
pub const BROKEN: &[Row] = &[
    Row::request(
        "a Content-Length too long, and the end",
        &[Read, Send(|call| http("200 OK", "Content-Length: 5000\r\n", yes(call))), Close],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    broken(
        "a Content-Length too short",
        &[Read, Send(|call| http("200 OK", "Content-Length: 20\r\n", yes(call)))],
    ),
    broken(
        "a Content-Length below zero",
        &[Read, Send(|call| http("200 OK", "Content-Length: -1\r\n", yes(call)))],
    ),
    broken(
        "a Content-Length with a sign",
        &[Read, Send(|call| http("200 OK", &format!("Content-Length: +{}\r\n", yes(call).len()), yes(call)))],
    ),
    broken(
        "a Content-Length in words",
        &[Read, Send(|call| http("200 OK", &format!("Content-Length: {MARK}\r\n"), yes(call)))],
    ),
    broken(
        "a Content-Length beyond 64 bits",
        &[Read, Send(|call| http("200 OK", "Content-Length: 18446744073709551617\r\n", yes(call)))],
    ),
    broken(
        "two different Content-Lengths",
        &[Read, Send(|call| sized("200 OK", "Content-Length: 20\r\n", yes(call)))],
    ),
    Row::request(
        "chunks without the last one, and the end",
        &[
            Read,
            Send(|call| http("200 OK", "Transfer-Encoding: chunked\r\n", chunked(&yes(call), ""))),
            Close,
        ],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    broken("a chunk's size in words", &[Read, Send(|call| in_chunk(MARK, &yes(call)))]),
    broken("a chunk's size below zero", &[Read, Send(|call| in_chunk("-5", &yes(call)))]),
    broken("a chunk's size beyond 64 bits", &[Read, Send(|call| in_chunk("10000000000000001", &yes(call)))]),
    broken("a chunk longer than its size", &[Read, Send(|call| in_chunk("5", &yes(call)))]),
    broken(
        "chunks in HTTP/1.0",
        &[
            Read,
            Send(|call| {
                let body = chunked(&yes(call), "0\r\n\r\n");
                format!("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}").into_bytes()
            }),
        ],
    ),
    broken("no HTTP at all", &[Read, Send(|_| format!("{MARK} {MARK} {MARK}\r\n\r\n").into_bytes())]),
    broken("only a body, as HTTP/0.9 has it", &[Read, Send(|call| yes(call).into_bytes())]),
    broken(
        "HTTP/2.0 in the status line",
        &[Read, Send(|call| String::from_utf8_lossy(&good(call)).replacen("/1.1", "/2.0", 1).into_bytes())],
    ),
    broken("the preface of HTTP/2", &[Read, Send(|_| b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec())]),
    // RFC 9113, sections 6.5 and 6.8: an empty SETTINGS frame, and GOAWAY with PROTOCOL_ERROR.
    broken(
        "the frames SETTINGS and GOAWAY of HTTP/2",
        &[
            Read,
            Send(|_| {
                let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
                let goaway = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
                [&settings[..], &goaway[..]].concat()
            }),
        ],
    ),
    broken("a status of two digits", &[Read, Send(|call| sized("20 OK", "", yes(call)))]),
    broken(
        "a header without a colon",
        &[Read, Send(|call| sized("200 OK", &format!("{MARK}\r\n"), yes(call)))],
    ),
    broken("a header with a NUL", &[Read, Send(|call| sized("200 OK", "X-Nul: \0\r\n", yes(call)))]),
    broken(
        "10,000 headers",
        &[Read, Send(|call| sized("200 OK", &format!("X-Mark: {MARK}\r\n").repeat(10_000), yes(call)))],
    )
    .odds(Odds::Rarely),
    broken(
        "a header of 1 MB",
        &[Read, Send(|call| sized("200 OK", &format!("X-Mark: {}\r\n", "a".repeat(1 << 20)), yes(call)))],
    )
    .odds(Odds::Rarely),
    Row::request(
        "101 Switching Protocols",
        &[Read, Send(|_| http("101 Switching Protocols", "Upgrade: x\r\nConnection: Upgrade\r\n", MARK))],
        &[BadAnswer],
        1,
    )
    .never_reused(),
    Row::request(
        "an error page twice",
        &[Read, Send(|_| html("502 Bad Gateway").repeat(2))],
        &[BadAnswer],
        1,
    )
    .never_reused()
    .mended_by_repeating(),
    Row::request(
        "204 No Content with a body",
        &[Read, Send(|call| sized("204 No Content", "", yes(call)))],
        &[BadAnswer],
        1,
    )
    .never_reused(),
];

const fn broken(name: &'static str, steps: &'static [crate::support::chaos::Step]) -> Row {
    Row::request(name, steps, &[BadAnswer], 1).never_reused().mended_by_repeating()
}

fn in_chunk(size: &str, body: &str) -> Vec<u8> {
    http("200 OK", "Transfer-Encoding: chunked\r\n", format!("{size}\r\n{body}\r\n0\r\n\r\n"))
}
