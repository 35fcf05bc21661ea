//! One fill for all waiting reads, also if one of them leaves.

use super::*;

#[tokio::test]
async fn a_thousand_misses_at_once_are_one_fill() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut reads = Vec::new();
    for _ in 0..1_000 {
        let mut read = Box::pin(cache.read(key(), slow.brings("one")));
        waits(&mut read).await;
        reads.push(read);
    }
    slow.answer();
    for read in reads {
        assert_eq!(told(read.await), is("one", Provenance::Miss));
    }
    assert_eq!(slow.asked(), 1);
    assert_eq!(cache.inner.flights.slots(), 0);
}

#[tokio::test]
async fn a_leader_that_leaves_hurts_nobody() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut leader = Box::pin(cache.read(key(), slow.brings("one")));
    waits(&mut leader).await;
    let mut follower = Box::pin(cache.read(key(), slow.brings("two")));
    waits(&mut follower).await;
    drop(leader);
    slow.answer();
    assert_eq!(told(follower.await), is("one", Provenance::Miss));
    assert_eq!(slow.asked(), 1);
}

#[tokio::test]
async fn a_fill_that_all_have_left_is_kept_for_the_next() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut only = Box::pin(cache.read(key(), slow.brings("one")));
    waits(&mut only).await;
    drop(only);
    slow.answer();
    settle().await;
    assert_eq!(read(&cache, key(), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn a_fill_that_panics_is_an_error_for_all_who_wait() {
    let (cache, _clock) = cache(SETTINGS);
    let mut first = Box::pin(cache.read(key(), || async { panic!("a fault of the fill's own") }));
    waits(&mut first).await;
    let mut second = Box::pin(cache.read(key(), brings("not asked")));
    waits(&mut second).await;
    assert_eq!(error(first.await), Reject::Internal);
    assert_eq!(error(second.await), Reject::Internal);
    assert_eq!(cache.inner.flights.slots(), 0);
    assert_eq!(read(&cache, key(), brings("one")).await, is("one", Provenance::Miss));
}

#[test]
fn states_have_texts_of_their_own_in_their_order() {
    let texts = Provenance::ALL.map(Provenance::text);
    assert_eq!(texts, ["hit", "stale", "miss", "bypass"]);
    assert!(Provenance::ALL.iter().enumerate().all(|(number, state)| *state as usize == number));
}
