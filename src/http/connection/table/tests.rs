use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance};

use super::{Connections, PATIENCE_WITH_ANSWER, PATIENCE_WITH_BODY, PATIENCE_WITH_HEAD};
use crate::http::connection::memory::{Full, Link, Reservation};
use crate::http::connection::phase::Phase;
use crate::http::connection::share::OWN;
use crate::http::connection::state::ConnectionState;

/// A connection that stays until it is ended.
fn come(connections: &Connections, phase: Phase) -> (Arc<ConnectionState>, JoinHandle<()>) {
    let place = connections.enter().expect("a place");
    let number = place.number();
    let state = Arc::new(ConnectionState::new(Ipv4Addr::LOCALHOST.into()));
    state.enter(phase);
    let task = tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(place);
    });
    connections.know(number, state.clone(), task.abort_handle());
    (state, task)
}

#[tokio::test(start_paused = true)]
async fn whoever_has_kept_us_waiting_longest_makes_room_and_nobody_who_is_served() {
    let connections = Connections::new(3, || {});
    let (_, served) = come(&connections, Phase::Serving);
    advance(Duration::from_secs(1)).await;
    let (_, first) = come(&connections, Phase::Silent);
    advance(Duration::from_millis(1)).await;
    let (_, second) = come(&connections, Phase::Resting);
    assert!(connections.is_full() && connections.has_room());
    let (third, _) = come(&connections, Phase::Serving);
    assert!(first.await.is_err_and(|ended| ended.is_cancelled()));
    let (fourth, _) = come(&connections, Phase::Serving);
    assert!(second.await.is_err_and(|ended| ended.is_cancelled()));
    yield_now().await;
    assert!(!connections.has_room() && connections.enter().is_none(), "all are served");
    third.enter(Phase::Body);
    fourth.enter(Phase::Head);
    assert!(!connections.has_room(), "a head and a body may take a moment");
    advance(PATIENCE_WITH_HEAD).await;
    let (fifth, _) = come(&connections, Phase::Serving);
    yield_now().await;
    assert!(!connections.has_room(), "the head has gone, and the body has its time");
    advance(PATIENCE_WITH_BODY).await;
    assert!(connections.has_room());
    fifth.enter(Phase::Resting);
    let (_, _) = come(&connections, Phase::Serving);
    assert!(!served.is_finished());
}

#[tokio::test(start_paused = true)]
async fn whoever_lets_an_answer_lie_makes_room_after_a_moment() {
    let connections = Connections::new(1, || {});
    let (_, lies) = come(&connections, Phase::Taking);
    assert!(!connections.has_room());
    advance(PATIENCE_WITH_ANSWER).await;
    let (_, _) = come(&connections, Phase::Serving);
    assert!(lies.await.is_err_and(|ended| ended.is_cancelled()));
}

#[tokio::test(start_paused = true)]
async fn an_http_2_connection_makes_room_unless_a_request_of_its_waits_for_us() {
    let connections = Connections::new(1, || {});
    let (state, task) = come(&connections, Phase::Silent);
    state.speaks_h2();
    let later = Instant::now() + Duration::from_hours(1);
    let [body, other] = [(); 2].map(|()| state.open(Phase::Body, later));
    state.go_on(other, Phase::Serving, later);
    advance(PATIENCE_WITH_BODY).await;
    assert!(!connections.has_room(), "one of its requests is served");
    state.close(other);
    assert!(connections.has_room(), "what is left has kept us waiting for its body");
    state.open(Phase::Body, later);
    assert!(connections.has_room(), "one more does not make the first one young");
    state.close(body);
    assert!(!connections.has_room());
    advance(PATIENCE_WITH_BODY).await;
    let (_, _) = come(&connections, Phase::Serving);
    assert!(task.await.is_err_and(|ended| ended.is_cancelled()));
}

#[tokio::test(start_paused = true)]
async fn whoever_has_kept_us_waiting_longest_with_a_long_request_makes_room_for_the_next() {
    let connections = Connections::new(9, || {});
    let hold = |state: &Arc<ConnectionState>, bytes| {
        let mut held = Reservation::nothing(Link { state: state.clone(), connections: connections.clone() });
        held.grow(bytes, MOST).map(|()| held)
    };
    let (_, _silent) = come(&connections, Phase::Silent);
    let (short, short_task) = come(&connections, Phase::Body);
    let _short = hold(&short, OWN).expect("its own");
    advance(Duration::from_millis(1)).await;
    let (first, first_task) = come(&connections, Phase::Body);
    let first_held = hold(&first, OWN + MOST).expect("all there is");
    let (second, _) = come(&connections, Phase::Body);
    assert_eq!(hold(&second, OWN + 1).err(), Some(Full), "a body may take a moment");
    assert!(hold(&second, OWN).is_ok(), "its own is always there");
    advance(PATIENCE_WITH_BODY).await;
    let second_held = hold(&second, OWN + MOST).expect("room was made");
    first.evicted().await;
    assert!(!first_task.is_finished() && !short_task.is_finished(), "it is told, and tells its client");
    drop(first_held);
    assert_eq!(connections.memory.load(Relaxed), MOST, "it was given back once");
    drop(second_held);
    assert_eq!(connections.memory.load(Relaxed), 0);
    assert!(hold(&short, OWN + MOST + 1).is_err(), "more than there ever is");
}

const MOST: usize = 1000;

#[tokio::test(start_paused = true)]
async fn newcomers_have_their_time_from_the_end_of_their_handshake() {
    let (connections, time) = (Connections::new(9, || {}), Duration::from_secs(1));
    let (state, _) = come(&connections, Phase::Shaking);
    advance(9 * time).await;
    assert!(connections.has_newcomers(time));
    state.enter(Phase::Silent);
    assert!(connections.has_newcomers(time));
    advance(time).await;
    assert!(!connections.has_newcomers(time));
    let (_, _) = come(&connections, Phase::Serving);
    assert!(!connections.has_newcomers(time));
}
