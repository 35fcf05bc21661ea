//! How many bytes and entries the cache holds at most.

use super::*;
use crate::config::Kept;

fn brings_bytes(bytes: usize) -> impl FnOnce() -> std::future::Ready<Brought> + Send + 'static {
    move || std::future::ready(Ok(Filled { status: 200, bytes: vec![b'x'; bytes].into(), keep: true }))
}

#[tokio::test]
async fn an_entry_over_its_limit_is_served_and_not_kept() {
    let (cache, _clock) = cache(Kept { entry_bytes: 101, ..SETTINGS });
    let read = |bytes| cache.read(key(), brings_bytes(bytes));
    assert_eq!(read(101).await.expect("an answer").bytes.len(), 101);
    assert_eq!(cache.entries(), 0);
    read(100).await.expect("an answer");
    assert_eq!(cache.entries(), 1, "100 bytes and a group of one letter");
}

#[tokio::test]
async fn a_long_key_counts_as_bytes_of_its_entry() {
    let (cache, _clock) = cache(Kept { entry_bytes: 100, ..SETTINGS });
    let long = ReadKey { variant: "v".repeat(100), ..key() };
    read(&cache, long, brings("")).await;
    assert_eq!(cache.entries(), 0);
}

#[tokio::test]
async fn an_entrys_size_is_that_of_its_key_and_twice_its_answer() {
    let (cache, _clock) = cache(SETTINGS);
    let long = ReadKey { variant: "v".repeat(100), ..key() };
    cache.read(key(), brings_bytes(0)).await.expect("an answer");
    let least = cache.bytes();
    cache.read(long, brings_bytes(1_000)).await.expect("an answer");
    // The value derived from the answer counts too.
    assert_eq!(cache.bytes(), 2 * least + 2 * 1_000 + 100);
}

#[tokio::test]
async fn bytes_in_all_are_bounded_and_the_oldest_give_way() {
    let settings = Kept { bytes: 40_000, ..SETTINGS };
    let (cache, _clock) = cache(settings);
    let numbered = |number: usize| ReadKey { group: number.to_string(), ..key() };
    for number in 0..1_000 {
        cache.read(numbered(number), brings_bytes(500)).await.expect("an answer");
        let served = cache.read(numbered(number), fails()).await.expect("an answer");
        let made: Result<_, Reject> = served.derived.expect("a place").get_or_make(|| Ok(vec![b'y'; 500]));
        assert_eq!(made.expect("what was made").len(), 500);
        assert!(cache.inner.store.held() <= 40_000, "{}", cache.inner.store.held());
    }
    assert!(cache.bytes() <= settings.bytes);
    assert!(cache.entries() >= 10, "the room is used: {}", cache.entries());
    let last = cache.read(numbered(999), fails()).await.expect("an answer");
    assert_eq!(last.state, Provenance::Hit);
    assert_eq!(error(cache.read(numbered(0), fails()).await), DOWN);
}

#[tokio::test]
async fn an_entry_does_not_hold_the_buffer_it_came_in() {
    let (cache, _clock) = cache(SETTINGS);
    let buffer = Bytes::from(vec![b'x'; 1 << 20]);
    let part = buffer.slice(..10);
    cache
        .read(key(), move || std::future::ready(Ok(Filled { status: 200, bytes: part, keep: true })))
        .await
        .ok();
    assert_eq!(cache.entries(), 1);
    assert!(buffer.is_unique(), "the entry has a copy of its ten bytes");
}

#[tokio::test]
async fn no_room_keeps_nothing_and_still_answers() {
    let (cache, _clock) = cache(Kept { bytes: 0, ..SETTINGS });
    assert_eq!(read(&cache, key(), brings("one")).await, is("one", Provenance::Miss));
    assert_eq!(cache.bytes(), 0);
}

// ------------------------------------------------------------------------ one token beside another

/// Adds twenty entries of a token, of about a thousand bytes each; returns how many stay.
async fn kept(cache: &Cache, app: Fingerprint) -> usize {
    let mut kept = 0;
    for number in 0..20 {
        let key = ReadKey { app, group: format!("of {number}"), ..key() };
        kept += usize::from(cache.read(key, fails()).await.is_ok());
    }
    kept
}

#[tokio::test]
async fn one_token_pushes_out_nothing_of_another_however_much_it_asks_for() {
    let settings = Kept { bytes: 40_000, ..SETTINGS };
    let (cache, _clock) = cache(settings);
    for number in 0..10 {
        let key = ReadKey { app: OTHER, group: format!("of {number}"), ..key() };
        cache.read(key, brings_bytes(500)).await.expect("an answer");
    }
    assert_eq!(kept(&cache, OTHER).await, 10);
    for number in 0..1_000 {
        let hostile = ReadKey { group: number.to_string(), ..key() };
        cache.read(hostile.clone(), brings_bytes(500)).await.expect("an answer");
        assert_eq!(cache.read(hostile, fails()).await.expect("kept").state, Provenance::Hit);
        assert!(cache.inner.store.of(APP).0 <= 20_000, "half of it");
    }
    assert_eq!(kept(&cache, OTHER).await, 10);
    assert!(cache.inner.store.of(APP).1 >= 10, "the half is used");
    // The token's own oldest entries were evicted.
    assert_eq!(error(cache.read(ReadKey { group: "0".to_owned(), ..key() }, fails()).await), DOWN);
}

#[tokio::test]
async fn many_tokens_push_out_nothing_of_one_who_has_less_than_each_of_them() {
    let settings = Kept { bytes: 100_000, ..SETTINGS };
    let known = Arc::<KnownTokens>::default();
    known.settle((1..=6).map(Fingerprint));
    let cache = Cache::new(settings, Arc::new(FakeClock::default()), known);
    for number in 0..10 {
        let key = ReadKey { app: OTHER, group: format!("of {number}"), ..key() };
        cache.read(key, brings_bytes(500)).await.expect("an answer");
    }
    for number in 0..2_000 {
        for hostile in [1, 3, 4, 5, 6] {
            let key = ReadKey { app: Fingerprint(hostile), group: number.to_string(), ..key() };
            cache.read(key, brings_bytes(500)).await.expect("an answer");
        }
    }
    assert!(kept(&cache, OTHER).await == 10 && cache.bytes() <= 100_000);
    assert!(cache.entries() > 60, "the room is used");
}

#[tokio::test]
async fn what_writes_have_ended_makes_room_for_what_is_asked_for_now() {
    let (cache, _clock) = cache(Kept { bytes: 40_000, ..SETTINGS });
    for _ in 0..200 {
        cache.read(key(), brings_bytes(500)).await.expect("an answer");
        assert_eq!(cache.read(key(), fails()).await.expect("kept").state, Provenance::Hit);
        drop(cache.write(APP, group()));
    }
    let (bytes, entries) = cache.inner.store.of(APP);
    assert!(bytes <= 20_000 && entries as u64 == cache.entries() && bytes == cache.bytes());
}

#[tokio::test]
async fn what_a_token_has_taken_is_given_back_however_it_goes() {
    let (cache, _clock) = cache(Kept { bytes: 40_000, ..SETTINGS });
    for _ in 0..3 {
        // Replaced by a fuller page, then by an answer that may not be cached.
        for count in [1, 2, 3] {
            cache.read(counted(count), brings_bytes(500)).await.expect("an answer");
            assert_eq!(cache.inner.store.of(APP).1, 1);
        }
        cache.read(counted(4), refuses("no")).await.expect("an answer");
        assert_eq!(cache.inner.store.of(APP), (0, 0));
    }
}
