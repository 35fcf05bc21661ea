//! Entries that are fresh, stale while revalidated, and too old.

use super::*;
use crate::config::Kept;

#[tokio::test]
async fn a_fresh_entry_is_served_without_asking() {
    let (cache, clock) = cache(SETTINGS);
    assert_eq!(read(&cache, key(), brings("one")).await, is("one", Provenance::Miss));
    clock.advance(seconds(9));
    let served = cache.read(key(), fails()).await.expect("an answer");
    assert_eq!(served.state, Provenance::Hit);
    assert_eq!(served.age, seconds(9));
}

#[tokio::test]
async fn age_counts_from_the_question() {
    let (cache, clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut first = Box::pin(cache.read(key(), slow.brings("one")));
    waits(&mut first).await;
    settle().await;
    clock.advance(seconds(8));
    slow.answer();
    assert_eq!(told(first.await), is("one", Provenance::Miss));
    clock.advance(seconds(2));
    assert_eq!(read(&cache, key(), brings("two")).await, is("one", Provenance::Stale));
}

#[tokio::test]
async fn a_stale_entry_is_served_while_one_refill_runs() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    clock.advance(seconds(10));
    let slow = Slow::new();
    for _ in 0..100 {
        assert_eq!(read(&cache, key(), slow.brings("two")).await, is("one", Provenance::Stale));
        settle().await;
    }
    assert_eq!(slow.asked(), 1);
    slow.answer();
    settle().await;
    assert_eq!(read(&cache, key(), fails()).await, is("two", Provenance::Hit));
}

#[tokio::test]
async fn a_refill_that_fails_leaves_the_entry_and_lets_the_next_begin() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    clock.advance(seconds(15));
    assert_eq!(read(&cache, key(), fails()).await, is("one", Provenance::Stale));
    settle().await;
    assert_eq!(read(&cache, key(), brings("two")).await, is("one", Provenance::Stale));
    settle().await;
    assert_eq!(read(&cache, key(), fails()).await, is("two", Provenance::Hit));
}

#[tokio::test]
async fn what_is_too_old_waits_for_a_fill() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    clock.advance(seconds(30));
    assert_eq!(read(&cache, key(), brings("two")).await, is("two", Provenance::Miss));
}

#[tokio::test]
async fn times_of_zero_keep_nothing_and_the_longest_do_no_harm() {
    let none = Kept {
        fresh: Duration::ZERO,
        stale_while_revalidate: Duration::ZERO,
        stale_if_error: Duration::ZERO,
        ..SETTINGS
    };
    let (empty, _clock) = cache(none);
    read(&empty, key(), brings("one")).await;
    assert_eq!(read(&empty, key(), brings("two")).await, is("two", Provenance::Miss));

    let (endless, clock) = cache(Kept { fresh: Duration::MAX, stale_if_error: Duration::MAX, ..SETTINGS });
    read(&endless, key(), brings("one")).await;
    clock.advance(Duration::from_hours(24));
    assert_eq!(read(&endless, key(), brings("two")).await, is("one", Provenance::Hit));
}
