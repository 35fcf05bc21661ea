//! Thousands of frames that mean nothing, and requests that are cancelled.

use std::time::Duration;

use tokio::time::timeout;

use super::{BESIDE, PATIENCE, Place};
use crate::slow_clients::serving;
use crate::support::echo::Echo;
use crate::support::frames::{Frames, frame, get};

const END: u8 = 5;

/// This many frames, each made with its number.
fn many(times: u32, frame: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    (0..times).flat_map(frame).collect()
}

/// A good client on a connection of its own is answered while another floods.
async fn is_answered(address: std::net::SocketAddr) {
    let mut neighbour = Frames::connect(address).await;
    neighbour.ask(1, &get(BESIDE)).await;
    let heard = timeout(PATIENCE, neighbour.hear(1)).await.expect("an answer");
    assert_eq!(heard.status(), Some(200));
}

#[tokio::test]
async fn requests_that_are_taken_back_at_once_are_not_sent_and_end_the_connection() {
    let place = Place::start("").await;
    let taken_back = |number: u32| {
        let stream = 2 * number + 1;
        [frame(1, END, stream, &get(7)), frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let mut frames = Frames::connect(place.gateway.address).await;
    frames.write(&many(300, taken_back)).await;
    is_answered(place.gateway.address).await;
    let seen = place.echo.take_seen();
    assert!(seen.keys().all(|uid| *uid == BESIDE.to_string()), "{seen:?}");
}

#[tokio::test]
async fn a_window_that_overflows_while_an_answer_is_due_takes_nothing_from_others() {
    let place = Place::start("").await;
    let made_to_reset = |number: u32| {
        let stream = 2 * number + 1;
        [frame(1, END, stream, &get(7)), frame(8, 0, stream, &0x7fff_ffff_u32.to_be_bytes())].concat()
    };
    let mut frames = Frames::connect(place.gateway.address).await;
    frames.write(&many(300, made_to_reset)).await;
    is_answered(place.gateway.address).await;
}

/// The gateway answers or skips them one by one: they take little of the processor, and no memory.
#[tokio::test]
async fn thousands_of_frames_that_mean_nothing_cost_next_to_nothing() {
    let echo = Echo::start(Duration::ZERO).await;
    let (serving, _folder) = serving(echo.address, "", None);
    is_answered(serving.address).await;
    let before = serving.memory("VmRSS");
    let floods = [
        many(5000, |_| frame(4, 0, 0, b"")),
        many(5000, |number| frame(6, 0, 0, &u64::from(number).to_be_bytes())),
        many(5000, |_| frame(2, 0, 1, &[0, 0, 0, 0, 1])),
        many(5000, |_| frame(8, 0, 0, &1_u32.to_be_bytes())),
        many(5000, |_| frame(0x7f, 0, 0, b"whatever")),
    ];
    for flood in floods {
        let mut frames = Frames::connect(serving.address).await;
        // The write may block, because the client does not read the gateway's replies.
        let _ = timeout(Duration::from_secs(2), frames.write(&flood)).await;
        is_answered(serving.address).await;
    }
    let grown = serving.memory("VmHWM").saturating_sub(before);
    assert!(grown < 32 * 1024, "{grown} KiB");
    assert!(serving.processor_time() < Duration::from_secs(3), "{:?}", serving.processor_time());
}
