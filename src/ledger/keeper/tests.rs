//! A gateway's ledger over restarts, crashes and files that cannot be used.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::Method;

use super::{Keeper, Kept};
use crate::ledger::book::{Decided, Decision};
use crate::ledger::client::{Caller, Client};
use crate::ledger::facts::Ending;
use crate::ledger::row::{Door, RowKey, Shape};
use crate::ledger::sight::Sight;
use crate::ledger::store::read_only;
use crate::ledger::tally::{Named, Tally};

fn bot() -> Client {
    Client { caller: Caller::App("bot".to_owned()), program: "okhttp".to_owned() }
}

fn ask(tally: &Tally, at: u64) {
    let sight = Sight {
        era: 1,
        caller: 7,
        agent: b"okhttp",
        door: Door::Old,
        operation: None,
        shape: None,
        style: (&Method::GET, b"/api.php", 1),
        at,
        ending: Ending::Ok,
    };
    tally.add(&sight, || {
        Named::new(RowKey { client: bot(), shape: Shape::others(Door::Old) }, Vec::new(), 0, &[])
    });
}

fn started(path: &Path) -> (Keeper, Arc<Tally>) {
    let (keeper, tally) = (Keeper::new(Some(path.to_owned()), None), Arc::new(Tally::default()));
    keeper.start(vec![tally.clone()]);
    (keeper, tally)
}

fn total(keeper: &Keeper) -> u64 {
    keeper.ledger().rows().values().map(|facts| facts.total()).sum()
}

fn written(path: &Path) -> u64 {
    read_only(path).expect("a ledger").rows().values().map(|facts| facts.total()).sum()
}

#[test]
fn a_restart_goes_on_where_the_end_was_and_a_crash_where_the_last_write_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let (keeper, tally) = started(&path);
    let key = keeper.key();
    (1..=3).for_each(|at| ask(&tally, at));
    keeper.finish();
    drop(keeper);
    let (keeper, tally) = started(&path);
    assert_eq!((total(&keeper), keeper.key()), (3, key));
    ask(&tally, 4);
    keeper.tick(Instant::now() + Duration::from_secs(11));
    ask(&tally, 5);
    // The process ends without a word.
    drop(keeper);
    let (keeper, _) = started(&path);
    assert_eq!(total(&keeper), 4);
    assert_eq!(keeper.ledger().gateways.len(), 1);
}

#[test]
fn a_new_client_is_written_at_once_and_more_of_the_same_every_ten_seconds() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let (keeper, tally) = started(&path);
    let start = Instant::now();
    ask(&tally, 1);
    keeper.tick(start);
    assert_eq!(written(&path), 1);
    ask(&tally, 2);
    keeper.tick(start + Duration::from_secs(9));
    assert_eq!(written(&path), 1);
    keeper.tick(start + Duration::from_secs(10));
    assert_eq!(written(&path), 2);
    keeper.decide(bot(), Decision { at: 3, what: Decided::Done, reason: "moved".to_owned() });
    keeper.tick(start + Duration::from_secs(11));
    assert_eq!(read_only(&path).expect("a ledger").decisions[&bot()].what, Decided::Done);
    keeper.decide(bot(), Decision { at: 3, what: Decided::Open, reason: String::new() });
    assert_eq!(
        keeper.ledger().decisions[&bot()].what,
        Decided::Open,
        "the last word counts, within a second too"
    );
}

#[test]
fn while_another_gateway_has_the_file_this_one_counts_in_memory_and_adds_it_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let (first, one) = started(&path);
    ask(&one, 1);
    first.tick(Instant::now());
    let (second, other) = started(&path);
    assert!(second.failing().expect("a reason").contains("another gateway's"));
    ask(&other, 2);
    ask(&one, 3);
    first.finish();
    drop(first);
    assert_eq!(total(&second), 1);
    second.tick(Instant::now() + Duration::from_secs(11));
    assert_eq!((second.failing(), total(&second), written(&path)), (None, 3, 3));
}

#[test]
fn gateways_with_one_secret_know_a_token_as_the_same_client_and_count_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let keepers = ["one", "other"].map(|name| Keeper::new(Some(folder.path().join(name)), Some(42)));
    assert_eq!(keepers.each_ref().map(Keeper::key), [42, 42]);
    let tallies = keepers.each_ref().map(|keeper| {
        let tally = Arc::new(Tally::default());
        keeper.start(vec![tally.clone()]);
        tally
    });
    for tally in &tallies {
        ask(tally, 1);
    }
    let mut all = keepers[0].ledger();
    all.join(&keepers[1].ledger());
    all.join(&keepers[0].ledger());
    assert_eq!(all.gateways.len(), 2);
    assert_eq!(all.rows().values().map(|facts| facts.total()).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_ledger_without_a_file_is_in_memory() {
    let keeper = Keeper::new(None, None);
    let tally = Arc::new(Tally::default());
    keeper.start(vec![tally.clone()]);
    ask(&tally, 1);
    keeper.tick(Instant::now());
    assert_eq!(keeper.kept_in(), Kept::Memory);
    assert_eq!((keeper.failing(), total(&keeper)), (None, 1));
    keeper.finish();
}
