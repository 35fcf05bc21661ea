//! Unknown tokens, which may be invented, beside known ones.

use super::*;
use crate::config::Kept;
use crate::policy::known::{PROVEN_IDLE, Proven};
use tokio::time::Instant;

/// A cache with one known token, [`APP`], and the set of known tokens.
fn strange() -> (Cache, Arc<KnownTokens>) {
    let known = Arc::new(KnownTokens::with(Proven::new(16, PROVEN_IDLE)));
    known.settle([APP]);
    (Cache::new(SETTINGS, Arc::new(FakeClock::default()), known.clone()), known)
}

fn of(app: u128) -> ReadKey {
    ReadKey { app: Fingerprint(app), ..key() }
}

/// A fill that proves its token, as a success of upstream's does.
fn proves(
    known: &Arc<KnownTokens>,
    app: u128,
    text: &'static str,
) -> impl FnOnce() -> std::future::Ready<Brought> + use<> {
    let known = known.clone();
    move || {
        known.accept(Fingerprint(app), Instant::now());
        brings(text)()
    }
}

#[tokio::test]
async fn nothing_that_tokens_do_which_are_made_up_ends_what_is_kept_for_a_known_one() {
    let (cache, known) = strange();
    read(&cache, key(), brings("one")).await;
    for invented in 100..20_000 {
        known.refuse(Fingerprint(invented));
        drop(cache.write(Fingerprint(invented), Touches::App));
        drop(cache.write(Fingerprint(invented), group()));
    }
    assert_eq!(read(&cache, key(), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn nothing_that_another_known_token_does_ends_it_either() {
    let (cache, known) = strange();
    known.settle([APP, OTHER]);
    read(&cache, key(), brings("one")).await;
    for number in 0..20_000 {
        drop(cache.write(OTHER, Touches::Group(number.to_string())));
        drop(cache.write(OTHER, Touches::App));
    }
    known.refuse(OTHER);
    assert_eq!(read(&cache, key(), fails()).await, is("one", Provenance::Hit));
}

#[tokio::test]
async fn what_a_strangers_read_brings_is_kept_if_it_has_proven_the_token() {
    let (cache, known) = strange();
    assert_eq!(read(&cache, of(7), brings("not proven")).await, is("not proven", Provenance::Miss));
    assert_eq!(cache.entries(), 0);
    assert_eq!(read(&cache, of(7), proves(&known, 7, "proven")).await, is("proven", Provenance::Miss));
    assert_eq!(read(&cache, of(7), fails()).await, is("proven", Provenance::Hit));
}

#[tokio::test]
async fn strangers_who_ask_the_same_at_once_are_one_question() {
    let (cache, _) = strange();
    let slow = Slow::new();
    let mut first = Box::pin(cache.read(of(7), slow.brings("one")));
    waits(&mut first).await;
    let mut second = Box::pin(cache.read(of(7), slow.brings("two")));
    waits(&mut second).await;
    slow.answer();
    assert_eq!(
        (told(first.await), told(second.await)),
        (is("one", Provenance::Miss), is("one", Provenance::Miss))
    );
}

#[tokio::test]
async fn a_token_that_is_proven_while_it_writes_does_not_find_what_was_read_before_the_writes_end() {
    for touches in [group(), Touches::App] {
        let (cache, known) = strange();
        let write = cache.write(Fingerprint(7), touches);
        read(&cache, of(7), proves(&known, 7, "before")).await;
        assert_eq!(read(&cache, of(7), fails()).await, is("before", Provenance::Hit), "it is under way");
        drop(write);
        assert_eq!(read(&cache, of(7), brings("after")).await, is("after", Provenance::Miss));
    }
}

#[tokio::test]
async fn what_a_stranger_began_to_read_before_a_write_ended_is_not_kept_once_it_is_proven() {
    let (cache, known) = strange();
    let slow = Slow::new();
    let mut early = Box::pin(cache.read(of(7), slow.brings("before")));
    waits(&mut early).await;
    settle().await;
    drop(cache.write(Fingerprint(7), group()));
    known.accept(Fingerprint(7), Instant::now());
    slow.answer();
    assert_eq!(told(early.await), is("before", Provenance::Miss));
    assert_eq!(read(&cache, of(7), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn the_end_of_a_strangers_write_is_seen_after_a_reload_too() {
    let (before, known) = strange();
    let write = before.write(Fingerprint(7), group());
    let cache = before.reloaded(Kept { fresh: seconds(9), ..SETTINGS }, true);
    let slow = Slow::new();
    let mut early = Box::pin(cache.read(of(7), slow.brings("before")));
    waits(&mut early).await;
    settle().await;
    drop(write);
    known.accept(Fingerprint(7), Instant::now());
    slow.answer();
    assert_eq!(told(early.await), is("before", Provenance::Miss));
    assert_eq!(read(&cache, of(7), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn an_apps_write_ends_what_was_kept_for_its_token_when_it_was_only_proven() {
    let (cache, known) = strange();
    known.accept(Fingerprint(7), Instant::now());
    read(&cache, of(7), brings("before")).await;
    known.settle([Fingerprint(7)]);
    drop(cache.write(Fingerprint(7), group()));
    known.settle([]);
    assert_eq!(read(&cache, of(7), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn a_token_that_was_pushed_out_while_it_wrote_does_not_find_what_it_had() {
    let (cache, known) = strange();
    let accept = || known.accept(Fingerprint(7), Instant::now());
    accept();
    read(&cache, of(7), brings("before")).await;
    known.push_out(Fingerprint(7));
    drop(cache.write(Fingerprint(7), group()));
    accept();
    assert_eq!(read(&cache, of(7), brings("after")).await, is("after", Provenance::Miss));
}

#[tokio::test]
async fn a_token_that_upstream_refuses_loses_what_is_kept_for_it() {
    let (cache, known) = strange();
    known.accept(Fingerprint(7), Instant::now());
    for app in [APP.0, 7] {
        read(&cache, of(app), brings("before")).await;
        known.refuse(Fingerprint(app));
        known.accept(Fingerprint(7), Instant::now());
        assert_eq!(read(&cache, of(app), brings("after")).await, is("after", Provenance::Miss));
    }
}
