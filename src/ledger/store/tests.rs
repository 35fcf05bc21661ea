//! Crashes in the middle of a write, and files that are damaged.

use std::fs;
use std::path::Path;

use super::{Store, beside, read_only};
use crate::ledger::book::{Ledger, Writer};
use crate::ledger::client::{Caller, Client};
use crate::ledger::facts::Batch;
use crate::ledger::row::{Door, RowKey, Shape};
use crate::ledger::text::{Identity, write};

const OWN: Identity = Identity { gateway: 7, key: 9 };

/// A ledger of so many requests.
fn ledger(count: u64) -> Ledger {
    let mut writer = Writer::default();
    let client = Client { caller: Caller::App("bot".to_owned()), program: "okhttp".to_owned() };
    for at in 1..=count {
        let batch = Batch { hour: 0, first: at, last: at, endings: [1, 0, 0, 0, 0], ..Batch::default() };
        writer.add(RowKey { client: client.clone(), shape: Shape::others(Door::Old) }, &batch);
    }
    let mut ledger = Ledger::default();
    ledger.gateways.insert(OWN.gateway, writer.rows().clone());
    ledger
}

fn total(ledger: &Ledger) -> u64 {
    ledger.rows().values().map(|facts| facts.total()).sum()
}

fn store(path: &Path) -> Store {
    Store::take(path).expect("a folder").expect("nobody else's")
}

#[test]
fn a_file_is_one_gateways_until_it_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let first = store(&path);
    assert!(Store::take(&path).expect("a folder").is_none());
    drop(first);
    assert_eq!(store(&path).read().expect("nothing").own, None);
    let nowhere = folder.path().join("nowhere/ledger");
    assert!(Store::take(&nowhere).expect_err("no folder").contains("cannot be opened for writing"));
}

#[test]
fn a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    store(&path).write(&write(&ledger(1), Some(OWN))).expect("written");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_crash_at_any_byte_of_a_write_loses_only_what_is_younger_than_the_last_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let (former, present) = (write(&ledger(3), Some(OWN)), write(&ledger(5), Some(OWN)));
    {
        let store = store(&path);
        store.write(&former).expect("written");
        store.write(&present).expect("written");
    }
    let next = write(&ledger(8), Some(OWN));
    for end in 0..next.len() {
        // The process has ended while it wrote the new file.
        fs::write(beside(&path, "new"), &next[..end]).expect("a file");
        let found = store(&path).read().expect("a ledger");
        assert_eq!((total(&found.ledger), found.own, found.damaged.len()), (5, Some(OWN), 0), "{end}");
    }
    for end in 0..present.len() {
        // The system has ended before the present file was on the disk: the predecessor counts.
        fs::write(&path, &present[..end]).expect("a file");
        let found = store(&path).read().expect("a ledger");
        assert_eq!((total(&found.ledger), found.own, found.damaged.len()), (3, Some(OWN), 1), "{end}");
        assert!(!path.exists());
    }
}

#[test]
fn a_damaged_file_is_put_aside_and_told_and_the_next_write_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    fs::write(&path, "not a ledger\n").expect("a file");
    let store = store(&path);
    let found = store.read().expect("a ledger");
    let aside = beside(&path, "damaged-1");
    assert!(found.damaged[0].contains(&aside.display().to_string()), "{:?}", found.damaged);
    assert_eq!(fs::read_to_string(aside).expect("a file"), "not a ledger\n");
    store.write(&write(&ledger(2), Some(OWN))).expect("written");
    assert_eq!(total(&store.read().expect("a ledger").ledger), 2);
    assert_eq!(read_only(&path).map(|ledger| total(&ledger)), Ok(2));
}

#[test]
fn a_file_of_a_newer_mesigate_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let newer = write(&ledger(2), None).replacen("\"mesigate_ledger\":1", "\"mesigate_ledger\":9", 1);
    fs::write(&path, &newer).expect("a file");
    assert!(store(&path).read().expect_err("newer").contains("of version 9"));
    assert_eq!(fs::read_to_string(&path).expect("a file"), newer);
}
