use std::time::Duration;

use tokio::time::advance;

use super::{Breaches, HeldBack, MOST, Standing};
use crate::config::Layers;
use crate::config::secret::Environment;
use crate::policy::apps::{Apps, Caller};
use crate::policy::fingerprint::Fingerprints;
use crate::protocol::ops::Table;
use crate::protocol::reject::Reject;

const COOL_DOWN: Duration = Duration::from_mins(15);

/// Two apps, the first with two keys, whose real token is `token`.
fn apps(token: &str) -> Apps {
    let toml = "[[app]]\nname = 'shop'\nkeys = [{ env = 'K1' }, { env = 'K2' }]\ntoken = { env = 'T' }\n\
                [[app]]\nname = 'bank'\nkeys = [{ env = 'K3' }]\ntoken = { env = 'B' }";
    let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
    let config = layers.config().expect("sound settings");
    let variables = [("K1", "key-1"), ("K2", "key-2"), ("K3", "key-3"), ("T", token), ("B", "bank-real")];
    let environment =
        Environment::new(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
    Apps::load(&config.apps, false, environment, &Table::shipped().expect("a table"), Fingerprints::default())
        .expect("secrets")
}

fn caller(apps: &Apps, token: &str) -> Caller {
    apps.caller(token).expect("a caller")
}

fn remember(breaches: &Breaches, apps: &Apps, caller: &Caller) {
    let standing = match apps.names_of(caller.fingerprint) {
        names if names.is_empty() => Standing::Stranger,
        names => Standing::Apps(names),
    };
    breaches.remember(caller.fingerprint, standing, COOL_DOWN);
}

fn wait(breaches: &Breaches, caller: &Caller) -> Option<u64> {
    match breaches.check(caller) {
        Ok(()) => None,
        Err(Reject::TokenBreach { wait }) => Some(wait),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn all_keys_of_an_app_are_held_back_and_nobody_else() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let [one, two, other] = ["key-1", "key-2", "key-3"].map(|key| caller(&apps, key));
    assert_eq!(wait(&breaches, &one), None);
    remember(&breaches, &apps, &one);
    assert_eq!([&one, &two, &other].map(|caller| wait(&breaches, caller)), [Some(900), Some(900), None]);
    advance(Duration::from_millis(899_500)).await;
    assert_eq!(wait(&breaches, &two), Some(1));
    advance(Duration::from_millis(500)).await;
    assert!(breaches.list().is_empty());
    assert_eq!(wait(&breaches, &two), None);
    assert_eq!(breaches.clear(None), 0, "forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_token_without_an_app_is_held_back_by_itself_and_never_shown() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let [one, other] = ["token-1", "token-2"].map(|token| caller(&apps, token));
    remember(&breaches, &apps, &one);
    assert_eq!([&one, &other].map(|caller| wait(&breaches, caller)), [Some(900), None]);
    remember(&breaches, &apps, &caller(&apps, "key-1"));
    let held = |app: Option<&str>| HeldBack { app: app.map(str::to_owned), seconds: 900 };
    assert_eq!(breaches.list(), [held(Some("shop")), held(None)]);
}

#[tokio::test(start_paused = true)]
async fn an_operator_clears_one_or_all() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let callers = ["key-1", "key-3", "token"].map(|token| caller(&apps, token));
    for caller in &callers {
        remember(&breaches, &apps, caller);
    }
    assert_eq!(breaches.clear(Some("nobody")), 0);
    assert_eq!(breaches.clear(Some("shop")), 1);
    assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None, Some(900), Some(900)]);
    assert_eq!(breaches.clear(None), 2);
    assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None; 3]);
}

#[tokio::test(start_paused = true)]
async fn it_is_new_once_until_it_has_ended() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let caller = caller(&apps, "key-1");
    let seen = |breaches: &Breaches| breaches.seen().get("shop").copied();
    remember(&breaches, &apps, &caller);
    advance(COOL_DOWN / 2).await;
    remember(&breaches, &apps, &caller);
    assert_eq!((seen(&breaches), wait(&breaches, &caller)), (Some(1), Some(900)));
    advance(COOL_DOWN).await;
    remember(&breaches, &apps, &caller);
    assert_eq!(seen(&breaches), Some(2));
    breaches.clear(None);
    remember(&breaches, &apps, &caller);
    assert_eq!(seen(&breaches), Some(3));
}

#[tokio::test(start_paused = true)]
async fn all_who_reach_one_token_of_upstreams_are_held_back_together() {
    let (breaches, apps) = (Breaches::default(), apps("bank-real"));
    let callers = ["key-1", "key-3", "bank-real"].map(|key| caller(&apps, key));
    remember(&breaches, &apps, &callers[1]);
    assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [Some(900); 3]);
    let held = ["bank", "shop"].map(|app| HeldBack { app: Some(app.to_owned()), seconds: 900 });
    assert_eq!((breaches.list(), breaches.clear(Some("shop"))), (held.to_vec(), 2));
    assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_new_real_token_is_another_matter() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let [before, after] = ["real", "new"].map(|token| caller(&apps, token).fingerprint);
    breaches.remember(before, Standing::Apps(vec!["shop".to_owned()]), COOL_DOWN);
    breaches.remember(after, Standing::Stranger, COOL_DOWN);
    breaches.settle(|token| token == before);
    assert_eq!(breaches.list().len(), 2);
    breaches.settle(|token| token == after);
    assert_eq!(breaches.list(), [HeldBack { app: None, seconds: 900 }]);
}

#[tokio::test(start_paused = true)]
async fn the_memory_is_bounded_and_what_ends_first_makes_room() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let callers: Vec<_> = (0..=MOST).map(|number| caller(&apps, &format!("token-{number}"))).collect();
    for caller in &callers {
        remember(&breaches, &apps, caller);
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(breaches.list().len(), MOST);
    assert_eq!(wait(&breaches, &callers[0]), None);
    assert!(wait(&breaches, &callers[1]).is_some() && wait(&breaches, &callers[MOST]).is_some());
}

#[tokio::test(start_paused = true)]
async fn strangers_push_out_neither_an_app_nor_a_token_that_was_proven() {
    let (breaches, apps) = (Breaches::default(), apps("real"));
    let [app, proven] = ["key-1", "proven"].map(|token| caller(&apps, token));
    remember(&breaches, &apps, &app);
    breaches.remember(proven.fingerprint, Standing::Proven, COOL_DOWN);
    for number in 0..3 * MOST {
        advance(Duration::from_millis(1)).await;
        remember(&breaches, &apps, &caller(&apps, &format!("token-{number}")));
    }
    assert!([&app, &proven].iter().all(|caller| wait(&breaches, caller).is_some()));
    assert_eq!(breaches.list().len(), MOST + 2);
}
