//! Which entry serves which `count`, and which reads share a fill.

use super::*;

#[tokio::test]
async fn fewer_rows_are_served_from_a_fuller_page_and_more_are_not() {
    let (cache, _clock) = cache(SETTINGS);
    read(&cache, counted(10), brings("ten")).await;
    assert_eq!(read(&cache, counted(10), fails()).await, is("ten", Provenance::Hit));
    assert_eq!(read(&cache, counted(3), fails()).await, is("ten", Provenance::Hit));
    assert_eq!(read(&cache, counted(11), brings("eleven")).await, is("eleven", Provenance::Miss));
    assert_eq!(read(&cache, counted(10), fails()).await, is("eleven", Provenance::Hit));
    assert_eq!(cache.entries(), 1);
}

#[tokio::test]
async fn a_read_without_count_stands_alone() {
    let (cache, _clock) = cache(SETTINGS);
    read(&cache, key(), brings("all")).await;
    assert_eq!(read(&cache, counted(1), brings("one")).await, is("one", Provenance::Miss));
    assert_eq!(read(&cache, key(), fails()).await, is("all", Provenance::Hit));
    assert_eq!(read(&cache, counted(1), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn a_fill_is_joined_by_those_who_want_no_more_rows() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut ten = Box::pin(cache.read(counted(10), slow.brings("ten")));
    waits(&mut ten).await;
    let mut three = Box::pin(cache.read(counted(3), slow.brings("three")));
    waits(&mut three).await;
    let mut twenty = Box::pin(cache.read(counted(20), slow.brings("twenty")));
    waits(&mut twenty).await;
    settle().await;
    assert_eq!(slow.asked(), 2);
    slow.answer();
    slow.answer();
    assert_eq!(told(ten.await), is("ten", Provenance::Miss));
    assert_eq!(told(three.await), is("ten", Provenance::Miss));
    assert_eq!(told(twenty.await), is("twenty", Provenance::Miss));
}

#[tokio::test]
async fn a_fuller_page_is_not_replaced_by_an_older_shorter_one() {
    let (cache, _clock) = cache(SETTINGS);
    let slow = Slow::new();
    let mut three = Box::pin(cache.read(counted(3), slow.brings("three")));
    waits(&mut three).await;
    settle().await;
    read(&cache, counted(20), brings("twenty")).await;
    slow.answer();
    assert_eq!(told(three.await), is("three", Provenance::Miss));
    assert_eq!(read(&cache, counted(20), fails()).await, is("twenty", Provenance::Hit));
}

#[tokio::test]
async fn every_part_of_the_key_tells_reads_apart() {
    let (cache, _clock) = cache(SETTINGS);
    let others = [
        key(),
        ReadKey { app: Fingerprint(2), ..key() },
        ReadKey { upstream: 1, ..key() },
        ReadKey { operation: 4, ..key() },
        ReadKey { group: "8".to_owned(), ..key() },
        ReadKey { variant: "x".to_owned(), ..key() },
        ReadKey { group: String::new(), variant: "7".to_owned(), ..key() },
    ];
    for other in &others {
        assert_eq!(
            read(&cache, other.clone(), brings("new")).await,
            is("new", Provenance::Miss),
            "{other:?}"
        );
    }
    for other in &others {
        assert_eq!(read(&cache, other.clone(), fails()).await, is("new", Provenance::Hit), "{other:?}");
    }
}
