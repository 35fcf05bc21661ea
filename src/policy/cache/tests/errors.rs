//! Answers that are never cached, and entries that are served instead of an error.

use super::*;

#[tokio::test]
async fn an_error_is_not_kept() {
    let (cache, _clock) = cache(SETTINGS);
    assert_eq!(error(cache.read(key(), fails()).await), DOWN);
    assert_eq!(cache.entries(), 0);
    assert_eq!(read(&cache, key(), brings("one")).await, is("one", Provenance::Miss));
}

#[tokio::test]
async fn all_who_wait_get_the_error() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut first = Box::pin(cache.read(key(), slow.fill(Err(DOWN))));
    waits(&mut first).await;
    let mut second = Box::pin(cache.read(key(), slow.fill(Err(DOWN))));
    waits(&mut second).await;
    slow.answer();
    assert_eq!(error(first.await), DOWN);
    assert_eq!(error(second.await), DOWN);
    assert_eq!(slow.asked(), 1);
}

#[tokio::test]
async fn an_old_entry_stands_in_for_an_error_for_its_time() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    clock.advance(seconds(69));
    let served = cache.read(key(), fails()).await.expect("the old answer");
    assert_eq!(served.state, Provenance::Stale);
    assert_eq!(served.age, seconds(69));
    clock.advance(seconds(1));
    assert_eq!(error(cache.read(key(), fails()).await), DOWN);
}

#[tokio::test]
async fn an_old_entry_with_too_few_rows_stands_in_for_nothing() {
    let (cache, _clock) = cache(SETTINGS);
    read(&cache, counted(3), brings("three")).await;
    assert_eq!(error(cache.read(counted(4), fails()).await), DOWN);
}

#[tokio::test]
async fn an_entry_of_before_a_write_stands_in_for_nothing() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    drop(cache.write(APP, group()));
    assert_eq!(error(cache.read(key(), fails()).await), DOWN);
    clock.advance(seconds(15));
    assert_eq!(error(cache.read(key(), fails()).await), DOWN);
}

#[tokio::test]
async fn a_refusal_of_upstreams_is_told_and_not_kept() {
    let (cache, _clock) = cache(SETTINGS);
    assert_eq!(read(&cache, key(), refuses("no")).await, is("no", Provenance::Miss));
    assert_eq!(cache.entries(), 0);
    assert_eq!(read(&cache, key(), brings("one")).await, is("one", Provenance::Miss));
}

#[tokio::test]
async fn a_refusal_ends_what_stood_there_before() {
    let (cache, clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    clock.advance(seconds(15));
    assert_eq!(read(&cache, key(), refuses("no")).await, is("one", Provenance::Stale));
    settle().await;
    assert_eq!(error(cache.read(key(), fails()).await), DOWN);
}
