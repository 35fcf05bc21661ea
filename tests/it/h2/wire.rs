//! Stream numbers, frame sizes and windows.

use super::End::{Gone, Reset, Served};
use super::Place;
use crate::support::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, Frames, GOAWAY, HEADERS, Heard, PING, PRIORITY,
    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, frame, get, post,
};

/// The error code of a request that was not processed, and may be sent again (RFC 9113, section 8.7).
const REFUSED_STREAM: u32 = 7;

fn asks(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &get(7))
}

/// A setting's number and its value.
fn setting(number: u8, value: u32) -> Vec<u8> {
    let value = value.to_be_bytes();
    frame(SETTINGS, 0, 0, &[&[0, number][..], &value].concat())
}

fn window(stream: u32, more: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &more.to_be_bytes())
}

#[tokio::test]
async fn streams_have_numbers_of_their_own_in_order() {
    let broken = Gone;
    let form = b"op=userdel&token=T&uid=7";
    let begins = frame(HEADERS, END_HEADERS, 1, &post(&[]));
    Place::start("")
        .await
        .hold(vec![
            ("an even number", asks(2), broken),
            ("number 0", asks(0), broken),
            (
                "one below the last",
                [frame(HEADERS, END_HEADERS | END_STREAM, 5, &get(8)), asks(3)].concat(),
                broken,
            ),
            ("data before a head", frame(DATA, END_STREAM, 1, form), broken),
            ("data on number 0", frame(DATA, END_STREAM, 0, form), broken),
            ("an end before a head", frame(RST_STREAM, 0, 1, &[0, 0, 0, 8]), broken),
            ("an end on number 0", frame(RST_STREAM, 0, 0, &[0, 0, 0, 8]), broken),
            (
                "a push by the client",
                frame(PUSH_PROMISE, END_HEADERS, 1, &[&[0, 0, 0, 2][..], &get(7)].concat()),
                broken,
            ),
            (
                "a push within a request",
                [begins, frame(PUSH_PROMISE, END_HEADERS, 1, &[0, 0, 0, 2])].concat(),
                broken,
            ),
            ("settings on a stream", frame(SETTINGS, 0, 1, b""), broken),
            ("a ping on a stream", frame(PING, 0, 1, b"12345678"), broken),
            ("a stream that waits for itself", frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 0]), Reset),
        ])
        .await;
}

#[tokio::test]
async fn frames_have_the_sizes_that_they_must_have() {
    let broken = Gone;
    Place::start("")
        .await
        .hold(vec![
            (
                "a head over the size that was offered",
                frame(HEADERS, END_HEADERS | END_STREAM, 1, &[0; 16_385]),
                broken,
            ),
            (
                "data over it",
                [frame(HEADERS, END_HEADERS, 1, &post(&[])), frame(DATA, 0, 1, &[0; 16_385])].concat(),
                broken,
            ),
            (
                "16 MB that only begin to come",
                [&[0xff, 0xff, 0xff, DATA, 0, 0, 0, 0, 1][..], &[0; 100]].concat(),
                broken,
            ),
            ("a setting of five bytes", frame(SETTINGS, 0, 0, &[0; 5]), broken),
            ("an acknowledgement that says something", frame(SETTINGS, 1, 0, &[0; 6]), broken),
            ("a ping of seven bytes", frame(PING, 0, 0, &[0; 7]), broken),
            ("an end of three bytes", [asks(1), frame(RST_STREAM, 0, 1, &[0; 3])].concat(), broken),
            ("a window of three bytes", frame(WINDOW_UPDATE, 0, 0, &[0; 3]), broken),
            (
                "an unknown frame, which is passed over",
                [frame(0xfa, 0xff, 1, b"what?"), asks(1)].concat(),
                Served,
            ),
        ])
        .await;
}

#[tokio::test]
async fn a_window_neither_runs_over_nor_grows_by_nothing() {
    let broken = Gone;
    let open = || [frame(HEADERS, END_HEADERS, 1, &post(&[]))].concat();
    let full = 0x7fff_ffff;
    Place::start("")
        .await
        .hold(vec![
            ("the connection's runs over", window(0, full), broken),
            ("the connection's grows by nothing", window(0, 0), Gone),
            ("a stream's runs over", [open(), window(1, full)].concat(), Reset),
            ("a stream's grows by nothing", [open(), window(1, 0)].concat(), Gone),
            ("first windows that run over", setting(4, 0x8000_0000), broken),
            ("frames below the least size", setting(5, 100), Gone),
            ("frames over the greatest size", setting(5, 0x0100_0000), Gone),
            ("pushes that are neither off nor on", setting(2, 2), Gone),
            ("an unknown setting, which is passed over", [setting(0xfa, 1), asks(1)].concat(), Served),
        ])
        .await;
}

#[tokio::test]
async fn a_head_that_does_not_end_ends_the_connection() {
    let begins = |flags| frame(HEADERS, flags, 1, &get(7));
    let goes_on = |flags, bytes: &[u8]| frame(CONTINUATION, flags, 1, bytes);
    let ping = frame(PING, 0, 0, b"12345678");
    let long = goes_on(0, &[0, 0, 1].repeat(5000)).repeat(100);
    Place::start("")
        .await
        .hold(vec![
            ("in two pieces", [begins(END_STREAM), goes_on(END_HEADERS, b"")].concat(), Served),
            (
                "in five, some empty",
                [begins(END_STREAM), goes_on(0, b"").repeat(3), goes_on(END_HEADERS, b"")].concat(),
                Served,
            ),
            ("another frame within it", [begins(END_STREAM), ping].concat(), Gone),
            (
                "another stream's piece",
                [begins(END_STREAM), frame(CONTINUATION, END_HEADERS, 3, b"")].concat(),
                Gone,
            ),
            ("a piece of none", goes_on(END_HEADERS, &get(7)), Gone),
            ("a piece behind its end", [asks(1), goes_on(END_HEADERS, b"")].concat(), Gone),
            ("empty pieces without end", [begins(END_STREAM), goes_on(0, b"").repeat(10_000)].concat(), Gone),
            ("long pieces without end", [begins(END_STREAM), long].concat(), Gone),
        ])
        .await;
}

#[tokio::test]
async fn a_client_that_says_goodbye_still_gets_its_answers() {
    let place = Place::start("").await;
    let goodbye = frame(GOAWAY, 0, 0, &[0; 8]);
    let heard = place.play_alone(&[asks(1), goodbye].concat()).await;
    assert_eq!(heard.status(), Some(200));
}

#[tokio::test]
async fn of_a_hundred_requests_at_once_as_many_are_served_as_the_gateway_offers() {
    let place = Place::start("").await;
    let mut frames = Frames::connect(place.gateway.address).await;
    let most = usize::try_from(frames.most_streams).expect("a number");
    assert!((1..100).contains(&most), "{most} are offered");
    let streams = || (0..100_u32).map(|number| 2 * number + 1);
    // The bodies are held back, so that all streams are open at once.
    let heads: Vec<u8> =
        streams().flat_map(|stream| frame(HEADERS, END_HEADERS, stream, &post(&[]))).collect();
    frames.write(&heads).await;
    for stream in streams().take(most) {
        let form = format!("op=userdel&token=T&uid={stream}");
        frames.send(DATA, END_STREAM, stream, form.as_bytes()).await;
    }
    let mut served = 0;
    for stream in streams() {
        match frames.hear(stream).await {
            Heard::Answer(200, text) => {
                assert!(text.contains(&format!("\"uid\":{stream}}}")), "another's answer: {text}");
                served += 1;
            }
            other => assert_eq!(other, Heard::Reset(REFUSED_STREAM), "{stream}"),
        }
    }
    assert_eq!((served, place.echo.take_seen().len()), (most, most));
}
