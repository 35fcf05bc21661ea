//! Faults of TLS: before the handshake has ended, the gateway sends no request.

use super::row::End::{BadAnswer, NotSent, Yes};
use super::row::{Odds, Row};
use crate::support::chaos::Identity;
use crate::support::chaos::Step::{Answer, Await, Close, Cut, Hang, Read, Reset, Send};
use crate::support::chaos::words::{good, html, http, yes};

pub const HANDSHAKES: &[Row] = &[
    Row::identity("a certificate that has expired", Identity::Expired),
    Row::identity("a certificate for another name", Identity::Elsewhere),
    Row::identity("a certificate of an unknown CA", Identity::Unknown),
    Row::accept("the end before a word", &[Close], &[NotSent]).mended_by_repeating(),
    Row::accept("a reset before a word", &[Reset], &[NotSent]).mended_by_repeating(),
    Row::accept("a reset in mid-handshake", &[Await, Reset], &[NotSent]).mended_by_repeating(),
    Row::accept("the end in mid-handshake", &[Await, Close], &[NotSent]).mended_by_repeating(),
    Row::accept("a reset within TLS's own words", &[Await, Send(|_| vec![0x16, 3, 3, 0]), Reset], &[NotSent])
        .mended_by_repeating(),
    // RFC 2246, section 7.4.1.3, with TLS_RSA_WITH_AES_128_CBC_SHA.
    Row::accept(
        "TLS 1.0 chosen",
        &[
            Await,
            Send(|_| {
                let random = [7; 32];
                [&[0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1][..], &random[..], &[0, 0, 0x2f, 0][..]].concat()
            }),
            Hang,
        ],
        &[NotSent],
    ),
    // The alert protocol_version.
    Row::accept(
        "none but TLS 1.0 offered",
        &[Await, Send(|_| vec![0x15, 3, 1, 0, 2, 2, 70]), Close],
        &[NotSent],
    ),
    Row::accept("plain text", &[Await, Send(|_| html("400 Bad Request")), Close], &[NotSent]),
    Row::accept("plain text before it is asked", &[Send(|_| html("400 Bad Request")), Hang], &[NotSent]),
];

/// A handshake that never ends.
pub const STALLED: &[Row] = &[
    Row::accept("silence", &[Hang], &[NotSent]).odds(Odds::Rarely),
    Row::accept("silence in mid-handshake", &[Await, Send(|_| vec![0x16, 3, 3]), Hang], &[NotSent])
        .odds(Odds::Rarely),
];

/// `close_notify` says where the bytes end: without it anybody may have cut them short.
pub const ENDS: &[Row] = &[
    Row::request("no close_notify behind an answer with a length", &[Read, Answer(good), Cut], &[Yes], 1),
    Row::request(
        "no close_notify behind an answer without a length",
        &[Read, Send(|call| http("200 OK", "", yes(call))), Cut],
        &[BadAnswer],
        1,
    )
    .mended_by_repeating(),
    Row::request(
        "close_notify behind an answer without a length",
        &[Read, Answer(|call| http("200 OK", "", yes(call))), Close],
        &[Yes],
        1,
    ),
];
