//! Connections that end too early, too late, or not at all.

use super::row::End::{self, BadAnswer, NotSent, Timeout, Yes};
use super::row::{Odds, Row};
use crate::support::chaos::MARK;
use crate::support::chaos::Step::{Answer, Close, Cut, Flood, Hang, Read, ReadPart, Reset, Send, Trickle};
use crate::support::chaos::words::{Call, chunked, good, good_until, html, http, sized, yes};

/// Where upstream closes before it reads a byte, both are true: the gateway may see the close before it sends, or may
/// have sent already.
const UNREAD: &[End] = &[NotSent, BadAnswer];

/// Connections that end.
pub const ENDED: &[Row] = &[
    Row::accept("it accepts and closes at once", &[Close], UNREAD).mended_by_repeating(),
    Row::accept("it accepts and resets at once", &[Reset], UNREAD).mended_by_repeating(),
    Row::accept(
        "it says that it is busy before it is asked, and closes",
        &[Send(|_| html("503 Service Unavailable")), Close],
        UNREAD,
    )
    .mended_by_repeating(),
    Row::request("it closes just as the request comes in", &[Close], &[BadAnswer], 0).mended_by_repeating(),
    Row::request("it resets just as the request comes in", &[Reset], &[BadAnswer], 0).mended_by_repeating(),
    Row::request("it reads a part of the request and closes", &[ReadPart, Close], &[BadAnswer], 0)
        .mended_by_repeating(),
    Row::request("it reads a part of the request and resets", &[ReadPart, Reset], &[BadAnswer], 0)
        .mended_by_repeating(),
    Row::request("it reads the request and closes", &[Read, Close], &[BadAnswer], 1).mended_by_repeating(),
    Row::request("it reads the request and resets", &[Read, Reset], &[BadAnswer], 1).mended_by_repeating(),
    Row::request(
        "it closes in mid-head",
        &[Read, Send(|call| good_until(call, "Content-Type")), Close],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    Row::request(
        "it resets in mid-head",
        &[Read, Send(|call| good_until(call, "Content-Type")), Reset],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    Row::request(
        "it closes in mid-body",
        &[Read, Send(|call| good_until(call, "\"group\"")), Close],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    Row::request(
        "it resets in mid-body",
        &[Read, Send(|call| good_until(call, "\"group\"")), Reset],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    Row::request("it closes the connection behind a good answer", &[Read, Answer(good), Close], &[Yes], 1),
    Row::request("it breaks the connection off behind a good answer", &[Read, Answer(good), Cut], &[Yes], 1),
    // The reset may destroy the answer.
    Row::request(
        "it resets the connection behind a good answer",
        &[Read, Answer(good), Reset],
        &[Yes, BadAnswer],
        1,
    )
    .odds(Odds::Never),
    // As load balancers close a connection that has been idle for too long.
    Row::request(
        "it says behind a good answer that nobody asked in time, and closes",
        &[Read, Answer(good), Send(|_| html("408 Request Timeout")), Close],
        &[Yes],
        1,
    )
    .never_reused()
    .odds(Odds::Never),
    Row::request(
        "it says that it closes the connection, and does not",
        &[Read, Answer(|call| sized("200 OK", "Connection: close\r\n", yes(call)))],
        &[Yes],
        1,
    )
    .never_reused(),
    Row::request(
        "it answers before it has read the request, and reads on",
        &[ReadPart, Answer(good), Read],
        &[Yes],
        1,
    ),
    Row::request(
        "it answers before it has read the request, and closes",
        &[ReadPart, Answer(good), Close],
        &[Yes, BadAnswer],
        0,
    )
    .odds(Odds::Never),
];

/// Connections on which upstream says nothing, or next to nothing, for ever.
pub const SILENT: &[Row] = &[
    Row::accept("it accepts and is silent", &[Hang], &[Timeout]).odds(Odds::Rarely),
    Row::request("it reads a part of the request and is silent", &[ReadPart, Hang], &[Timeout], 0)
        .odds(Odds::Rarely),
    Row::request("it reads the request and is silent", &[Read, Hang], &[Timeout], 1).odds(Odds::Rarely),
    Row::request(
        "it is silent in mid-head",
        &[Read, Send(|call| good_until(call, "Content-Type")), Hang],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "it is silent in mid-body",
        &[Read, Send(|call| good_until(call, "\"group\"")), Hang],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "a Content-Length too long, and silence",
        &[Read, Send(|call| http("200 OK", "Content-Length: 5000\r\n", yes(call))), Hang],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "chunks without the last one, and silence",
        &[Read, Send(|call| http("200 OK", "Transfer-Encoding: chunked\r\n", chunked(&yes(call), ""))), Hang],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its head trickles, byte by byte",
        &[Read, Send(|_| b"HTTP/1.1 200 OK\r\nX-Slow: ".to_vec()), Trickle(|_| b"a".to_vec())],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its body trickles, byte by byte",
        &[
            Read,
            Send(|_| http("200 OK", "Content-Length: 1000000\r\n", "{\"a\":\"")),
            Trickle(|_| b"a".to_vec()),
        ],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its body has no length and trickles",
        &[Read, Send(|_| http("200 OK", "", "{\"a\":\"")), Trickle(|_| b"a".to_vec())],
        &[Timeout],
        1,
    )
    .odds(Odds::Rarely),
];

/// Connections on which upstream never stops sending.
pub const ENDLESS: &[Row] = &[
    Row::request(
        "its head has no end",
        &[
            Read,
            Send(|_| b"HTTP/1.1 200 OK\r\n".to_vec()),
            Flood(|_| format!("X-Mark: {MARK}\r\n").repeat(1000).into_bytes()),
        ],
        &[BadAnswer],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "it announces 100 MB, and sends them",
        &[Read, Send(|_| http("200 OK", "Content-Length: 100000000\r\n", "{\"a\":\"")), Flood(letters)],
        &[BadAnswer],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its body has no length and no end",
        &[Read, Send(|_| http("200 OK", "", "{\"result\":true,\"a\":\"")), Flood(letters)],
        &[BadAnswer],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its chunks have no end",
        &[
            Read,
            Send(|_| http("200 OK", "Transfer-Encoding: chunked\r\n", "")),
            Flood(|_| format!("10000\r\n{}\r\n", "a".repeat(1 << 16)).into_bytes()),
        ],
        &[BadAnswer],
        1,
    )
    .odds(Odds::Rarely),
    Row::request(
        "its chunks are of one byte and have no end",
        &[
            Read,
            Send(|_| http("200 OK", "Transfer-Encoding: chunked\r\n", "")),
            Flood(|_| "1\r\na\r\n".repeat(1000).into_bytes()),
        ],
        &[BadAnswer],
        1,
    )
    .odds(Odds::Rarely),
];

fn letters(_: &Call) -> Vec<u8> {
    vec![b'a'; 1 << 16]
}
