//! Which entries a write ends, and which a reload keeps.

use super::*;
use crate::config::Kept;

#[tokio::test]
async fn a_write_ends_its_group_and_no_other() {
    let (cache, _clock) = cache(SETTINGS);
    let other = || ReadKey { group: "8".to_owned(), ..key() };
    read(&cache, key(), brings("one")).await;
    read(&cache, other(), brings("other")).await;
    drop(cache.write(APP, group()));
    assert_eq!(read(&cache, key(), brings("two")).await, is("two", Provenance::Miss));
    assert_eq!(read(&cache, other(), fails()).await, is("other", Provenance::Hit));
}

#[tokio::test]
async fn a_write_to_the_app_ends_all_its_groups_and_no_other_apps() {
    let (cache, _clock) = cache(SETTINGS);
    let keys = || [key(), ReadKey { group: "8".to_owned(), ..key() }];
    let foreign = || ReadKey { app: Fingerprint(2), ..key() };
    for key in keys().into_iter().chain([foreign()]) {
        read(&cache, key, brings("one")).await;
    }
    drop(cache.write(APP, Touches::App));
    for key in keys() {
        assert_eq!(read(&cache, key, brings("two")).await, is("two", Provenance::Miss));
    }
    assert_eq!(read(&cache, foreign(), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn a_write_counts_when_it_begins_and_when_it_ends() {
    let (cache, _clock) = cache(SETTINGS);
    read(&cache, key(), brings("before")).await;
    let write = cache.write(APP, group());
    assert_eq!(read(&cache, key(), brings("meanwhile")).await, is("meanwhile", Provenance::Miss));
    assert_eq!(read(&cache, key(), fails()).await, is("meanwhile", Provenance::Hit));
    drop(write);
    assert_eq!(read(&cache, key(), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn a_write_whose_future_is_dropped_has_ended() {
    let (cache, _clock) = cache(SETTINGS);
    let mut sending = Box::pin(async {
        let _write = cache.write(APP, group());
        std::future::pending::<()>().await;
    });
    waits(&mut sending).await;
    read(&cache, key(), brings("meanwhile")).await;
    drop(sending);
    assert_eq!(read(&cache, key(), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn a_fill_of_before_a_write_is_neither_joined_nor_seen() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut early = Box::pin(cache.read(key(), slow.brings("before")));
    waits(&mut early).await;
    settle().await;
    drop(cache.write(APP, group()));
    assert_eq!(read(&cache, key(), brings("after")).await, is("after", Provenance::Miss));
    slow.answer();
    assert_eq!(told(early.await), is("before", Provenance::Miss));
    assert_eq!(read(&cache, key(), fails()).await, is("after", Provenance::Hit));
}

#[tokio::test]
async fn a_reload_without_a_change_keeps_the_entries() {
    let (cache, _clock) = cache(SETTINGS);
    read(&cache, key(), brings("one")).await;
    assert_eq!(read(&cache.reloaded(SETTINGS, true), key(), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn a_reload_keeps_generations_and_applies_settings() {
    let (before, clock) = cache(SETTINGS);
    read(&before, key(), brings("one")).await;
    let write = before.write(APP, group());
    let after = before.reloaded(Kept { fresh: seconds(1), ..SETTINGS }, true);
    assert_eq!(read(&after, key(), brings("meanwhile")).await, is("meanwhile", Provenance::Miss));
    drop(write);
    assert_eq!(read(&after, key(), brings("two")).await, is("two", Provenance::Miss));
    clock.advance(seconds(1));
    assert_eq!(read(&after, key(), brings("three")).await, is("two", Provenance::Stale));
}
