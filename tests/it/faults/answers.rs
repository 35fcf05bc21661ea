//! Bodies that arrive whole, and are no answers of the API's, or odd ones.

use super::row::End::{BadAnswer, No, Yes};
use super::row::{Odds, Row};
use crate::support::chaos::Step::{Answer, Read, Send};
use crate::support::chaos::words::{Call, html, http, no, ok, sized, yes};
use crate::support::chaos::{MARK, Step};

/// HTTP statuses that are no success.
pub const STATUSES: &[Row] = &[
    none("500 with a page", &[Read, Send(|_| html(&format!("500 {MARK}")))]).mended_by_repeating(),
    none("502 with a page", &[Read, Send(|_| html("502 Bad Gateway"))]).mended_by_repeating(),
    none("503 with a page", &[Read, Send(|_| html("503 Service Unavailable"))]).mended_by_repeating(),
    none("504 with a page", &[Read, Send(|_| html("504 Gateway Timeout"))]).mended_by_repeating(),
    none("500 with JSON", &[Read, Send(|call| sized("500 Oops", "", yes(call)))]).mended_by_repeating(),
    none("a status beyond all", &[Read, Send(|call| sized("999 Oops", "", yes(call)))]),
    none("404 with a page", &[Read, Send(|_| html("404 Not Found"))]),
    none("407 with a page", &[Read, Send(|_| html("407 Proxy Authentication Required"))]),
    none("429 with a page", &[Read, Send(|_| html("429 Too Many Requests"))]),
    Row::request(
        "429 with an answer of the API's",
        &[Read, Answer(|call| sized("429 Too Many Requests", "Retry-After: 1\r\n", no(call)))],
        &[No],
        1,
    )
    .odds(Odds::Never),
    none("204 without a body", &[Read, Send(|_| http("204 No Content", "", ""))]),
    none("300 to another host", &[Read, Send(|call| redirect(call, "300 Multiple Choices"))]),
    none("301 to another host", &[Read, Send(|call| redirect(call, "301 Moved Permanently"))]),
    none("302 to another host", &[Read, Send(|call| redirect(call, "302 Found"))]),
    none("303 to another host", &[Read, Send(|call| redirect(call, "303 See Other"))]),
    none("307 to another host", &[Read, Send(|call| redirect(call, "307 Temporary Redirect"))]),
    none("308 to another host", &[Read, Send(|call| redirect(call, "308 Permanent Redirect"))]),
];

/// A status of success, with a body that is no answer of the API's.
pub const BODIES: &[Row] = &[
    none("a page with 200, as captive portals send it", &[Read, Send(|_| html("200 OK"))])
        .mended_by_repeating(),
    none("an empty object", &[Read, Send(|_| ok("{}"))]),
    none("an array", &[Read, Send(|call| ok(format!("[{}]", yes(call))))]),
    none("a number", &[Read, Send(|_| ok("200"))]),
    none("a text", &[Read, Send(|_| ok(format!("\"{MARK}\"")))]),
    none("null", &[Read, Send(|_| ok("null"))]),
    none("nothing", &[Read, Send(|_| ok(""))]).mended_by_repeating(),
    none("JSON cut short", &[Read, Send(|call| ok(&yes(call)[..60]))]).mended_by_repeating(),
    none("bytes behind the JSON", &[Read, Send(|call| ok(yes(call) + MARK))]).mended_by_repeating(),
    none("two answers as one", &[Read, Send(|call| ok(yes(call).repeat(2)))]).mended_by_repeating(),
    none("a byte order mark", &[Read, Send(|call| ok(format!("\u{feff}{}", yes(call))))])
        .mended_by_repeating(),
    none(
        "bytes that are not UTF-8",
        &[Read, Send(|call| ok([&b"{\"a\":\"\xff\","[..], &yes(call).as_bytes()[1..]].concat()))],
    )
    .mended_by_repeating(),
    // The first bytes of any gzip stream.
    none(
        "what gzip made of an answer, and nobody asked for",
        &[
            Read,
            Send(|_| {
                let body = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], MARK.as_bytes()].concat();
                sized("200 OK", "Content-Encoding: gzip\r\n", body)
            }),
        ],
    )
    .mended_by_repeating(),
    none(
        "a depth of 100,000",
        &[
            Read,
            Send(|_| {
                let (open, close) = ("{\"a\":".repeat(100_000), "}".repeat(100_000));
                ok(format!("{{\"result\":true,\"a\":{open}1{close}}}"))
            }),
        ],
    )
    .odds(Odds::Rarely),
    none("a result that is a text", &[Read, Send(|call| ok(yes(call).replacen(":true", ":\"false\"", 1)))]),
    none("a result that is a number", &[Read, Send(|call| ok(yes(call).replacen(":true", ":1", 1)))]),
    none(
        "an error without a result",
        &[Read, Send(|call| ok(no(call).replacen("\"result\":false,", "", 1)))],
    ),
];

/// Odd answers that count all the same.
pub const ODD: &[Row] = &[
    Row::request("why it is not done", &[Read, Answer(|call| ok(no(call)))], &[No], 1),
    Row::request(
        "two results, of which the last counts",
        &[Read, Answer(|call| ok(yes(call).replacen("\"result\"", "\"result\":false,\"result\"", 1)))],
        &[Yes],
        1,
    ),
    Row::request(
        "another op, where the caller gets its own",
        &[Read, Answer(|call| ok(yes(call).replacen(&call.op, MARK, 1)))],
        &[Yes],
        1,
    )
    .odds(Odds::Never),
    Row::request(
        "another id, where the caller gets its own",
        &[Read, Answer(|call| ok(yes(call).replacen(&format!("\"id\":{}", call.id), "\"id\":1", 1)))],
        &[Yes],
        1,
    )
    .odds(Odds::Never),
    Row::request(
        "white space around the JSON",
        &[Read, Answer(|call| ok(format!("\r\n\t {}\n\n", yes(call))))],
        &[Yes],
        1,
    ),
];

const fn none(name: &'static str, steps: &'static [Step]) -> Row {
    Row::request(name, steps, &[BadAnswer], 1)
}

fn redirect(call: &Call, status: &str) -> Vec<u8> {
    sized(status, &format!("Location: http://{}/backend/?{MARK}\r\n", call.elsewhere), yes(call))
}
