//! DATA and trailers, and the lengths that they state.

use super::End::{Gone, Refused, Reset, Served};
use super::{End, Place};
use crate::support::frames::{
    DATA, END_HEADERS, END_STREAM, Frames, HEADERS, PADDED, block, frame, get, post,
};

const FORM: &[u8] = b"op=userdel&token=T&uid=7";

/// A POST whose body is still to come.
fn begins(more: &[(&str, &str)]) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, 1, &post(more))
}

fn length(value: &str) -> Vec<u8> {
    begins(&[("content-length", value)])
}

fn ends(data: &[u8]) -> Vec<u8> {
    frame(DATA, END_STREAM, 1, data)
}

#[tokio::test]
async fn a_length_that_is_not_the_datas_is_an_error() {
    let broken = Reset;
    let goes_on = |data: &[u8]| frame(DATA, 0, 1, data);
    let no_data = frame(HEADERS, END_HEADERS | END_STREAM, 1, &post(&[("content-length", "24")]));
    let two = begins(&[("content-length", "24"), ("content-length", "24")]);
    let others = begins(&[("content-length", "24"), ("content-length", "2")]);
    let swapped = begins(&[("content-length", "2"), ("content-length", "24")]);
    Place::start("")
        .await
        .hold(vec![
            ("the right length", [length("24"), ends(FORM)].concat(), Served),
            ("no length", [begins(&[]), ends(FORM)].concat(), Served),
            ("more than was said", [length("23"), ends(FORM)].concat(), broken),
            ("more in two pieces", [length("24"), goes_on(FORM), ends(b"x")].concat(), broken),
            ("less than was said", [length("25"), ends(FORM)].concat(), broken),
            ("a length and no data", no_data, broken),
            ("a length of nothing and data", [length("0"), ends(FORM)].concat(), broken),
            ("two lengths that are one", [two, ends(FORM)].concat(), Served),
            ("two lengths", [others, ends(FORM)].concat(), broken),
            ("the same in the other order", [swapped, ends(FORM)].concat(), broken),
            ("a list of lengths", [length("24, 24"), ends(FORM)].concat(), broken),
            ("a length with a sign", [length("+24"), ends(FORM)].concat(), broken),
            ("a length below nothing", [length("-1"), ends(FORM)].concat(), broken),
            ("a length beyond 64 bits", [length("18446744073709551640"), ends(FORM)].concat(), broken),
            ("an empty length", [length(""), ends(FORM)].concat(), broken),
            (
                "a body over the cap, by its length",
                [length("999999999"), goes_on(FORM)].concat(),
                Refused(200),
            ),
        ])
        .await;
}

#[tokio::test]
async fn data_is_data_however_it_is_cut_and_padded_and_nothing_behind_its_end() {
    let cut: Vec<u8> = FORM.iter().flat_map(|byte| frame(DATA, 0, 1, &[*byte])).collect();
    let padded = frame(DATA, PADDED | END_STREAM, 1, &[&[9][..], FORM, &[0; 9]].concat());
    let too_padded = frame(DATA, PADDED | END_STREAM, 1, &[25, b'x', b'y']);
    let empty = frame(DATA, 0, 1, b"").repeat(10);
    Place::start("")
        .await
        .hold(vec![
            ("byte by byte", [begins(&[]), cut, ends(b"")].concat(), Served),
            ("padded", [begins(&[]), padded].concat(), Served),
            ("some that is empty", [begins(&[]), empty, ends(FORM)].concat(), Served),
            ("more padding than there is", [begins(&[]), too_padded].concat(), Gone),
            ("behind its end", [begins(&[]), ends(FORM), ends(b"x")].concat(), Gone),
        ])
        .await;
}

#[tokio::test]
async fn data_that_says_nothing_is_ended_after_a_while() {
    let place = Place::start("").await;
    let empty = frame(DATA, 0, 1, b"").repeat(20_000);
    let padding = frame(DATA, PADDED, 1, &[&[200][..], &[0; 200]].concat()).repeat(20_000);
    for sent in [empty, padding] {
        let mut frames = Frames::connect(place.gateway.address).await;
        frames.write(&begins(&[])).await;
        frames.write(&sent).await;
        assert_eq!(End::of(&frames.hear(1).await), Gone);
    }
}

#[tokio::test]
async fn data_behind_an_answer_is_dropped() {
    let place = Place::start("").await;
    let mut frames = Frames::connect(place.gateway.address).await;
    frames
        .write(&frame(
            HEADERS,
            END_HEADERS,
            1,
            &block(&[
                (":method", "POST"),
                (":scheme", "http"),
                (":authority", "gateway"),
                (":path", "/nowhere"),
            ]),
        ))
        .await;
    assert_eq!(frames.hear(1).await.status(), Some(404));
    for number in 0..50 {
        frames.write(&frame(DATA, 0, 1, &[b'x'; 1000])).await;
        let stream = 3 + 2 * number;
        frames.ask(stream, &get(u64::from(stream))).await;
        assert_eq!(frames.hear(stream).await.status(), Some(200), "behind {number} pieces");
    }
    assert_eq!(place.echo.take_seen().len(), 50);
}

#[tokio::test]
async fn trailers_end_a_request_and_say_nothing() {
    let broken = Reset;
    let data = frame(DATA, 0, 1, FORM);
    let trailers = |fields: &[(&str, &str)]| frame(HEADERS, END_HEADERS | END_STREAM, 1, &block(fields));
    let begun = |rest: Vec<u8>| [begins(&[]), data.clone(), rest].concat();
    let no_end = frame(HEADERS, END_HEADERS, 1, &block(&[("x-sum", "1")]));
    let sized = [length("24"), data.clone(), trailers(&[("x-sum", "1")])].concat();
    let short = [length("25"), data.clone(), trailers(&[("x-sum", "1")])].concat();
    Place::start("")
        .await
        .hold(vec![
            ("some", begun(trailers(&[("x-sum", "1")])), Served),
            ("some behind a length", sized, Served),
            ("some behind too little", short, broken),
            ("parameters", begun(trailers(&[("uid", "8"), ("op", "groupdel"), ("token", "U")])), Served),
            ("a length", begun(trailers(&[("content-length", "2")])), Served),
            ("a host", begun(trailers(&[("host", "evil.example")])), Served),
            ("a path", begun(trailers(&[(":path", "/nowhere")])), Served),
            ("a coding", begun(trailers(&[("transfer-encoding", "chunked")])), broken),
            ("no end", begun(no_end), broken),
        ])
        .await;
}
