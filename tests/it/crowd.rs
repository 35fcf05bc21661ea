//! More clients than a ledger has room for: nobody is served worse for them, none is left out of the counts, and the
//! memory that they take has a bound.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use hyper::Method;
use mesigate::ledger::book::{Ledger, MOST_CLIENTS, MOST_ROWS, Writer};
use mesigate::ledger::calendar::HOUR;
use mesigate::ledger::client::{Caller, Client};
use mesigate::ledger::facts::{Batch, Bits, Ending, Facts};
use mesigate::ledger::naming::{IN_QUERY, named};
use mesigate::ledger::row::{Door, RowKey, Shape};
use mesigate::ledger::sight::Sight;
use mesigate::ledger::tally::Tally;
use mesigate::ledger::text::{self, Identity};
use mesigate::protocol::ops::Table;
use serde_json::Value;

use crate::support::client::Client as Connection;
use crate::support::program::{Serving, Signal, out, run};

const MIB: u64 = 1024;

fn sight(caller: u64, at: u64) -> Sight<'static> {
    Sight {
        era: 0,
        caller,
        agent: b"okhttp/4",
        door: Door::Old,
        operation: Some(0),
        shape: None,
        style: (&Method::GET, b"/api.php", IN_QUERY),
        at,
        ending: Ending::Ok,
    }
}

#[test]
fn of_a_million_tokens_each_call_is_counted_in_no_more_rows_than_there_is_room_for() {
    const MANY: u64 = 1_000_000;
    let (table, tally, mut writer) =
        (Table::shipped().expect("a table"), Tally::default(), Writer::default());
    for number in 0..MANY {
        let sight = sight(number | 1 << 63, 500_000 * HOUR);
        tally.add(&sight, || named(&table, Caller::Token(number), &sight));
        // A worker's table is emptied each second.
        if number % 3_000 == 2_999 || number == MANY - 1 {
            tally.take().rows.into_iter().for_each(|(key, batch)| {
                writer.add(key, &batch);
            });
        }
    }
    let rows = writer.rows();
    assert!(rows.len() <= MOST_CLIENTS + 1, "{} rows", rows.len());
    assert_eq!(rows.values().map(|facts| facts.total()).sum::<u64>(), MANY);
    let others = rows.iter().find(|(key, _)| key.client == Client::others()).expect("a row of all others");
    assert_eq!(others.1.total(), MANY - MOST_CLIENTS as u64);
}

/// Calls with each of these tokens, of which the sandbox takes none.
async fn calls(gateway: &Serving, tokens: impl Iterator<Item = String>) {
    let mut client = Connection::connect(gateway.address).await;
    for token in tokens {
        let target = format!("/api.php?op=userdel&token={token}&uid=5");
        client.send(format!("GET {target} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!(answer.json()["result"], false, "{}", answer.json());
    }
}

/// A gateway in front of a sandbox, with a ledger in this folder.
fn gateway(folder: &Path) -> Serving {
    let settings = folder.join("mesigate.toml");
    std::fs::write(&settings, "ledger.file = 'ledger'\nlisten.workers = 1\nlimit = []\n").expect("a file");
    Serving::start(&["--config", &settings.display().to_string()], &folder.join("log"))
}

#[tokio::test]
async fn all_tokens_that_upstream_never_took_are_one_client() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = gateway(folder.path());
    calls(&serving, (0..3_000).map(|number| format!("invented{number}"))).await;
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
    let ledger = folder.path().join("ledger").display().to_string();
    let report: Value =
        serde_json::from_str(&out(&run(&["report", "--merge", &ledger, "--format", "json"]))).expect("JSON");
    assert_eq!(
        (&report["clients"], &report["unproven_calls"]),
        (&serde_json::json!([]), &3_000.into()),
        "{report}"
    );
    assert!(std::fs::metadata(&ledger).expect("a file").len() < 8 * 1024);
}

/// A ledger with as many rows as there is room for, and in each all that a row can hold.
fn full() -> Ledger {
    let mut facts = Facts::default();
    for hour in (500_000 - 2 * 365 * 24..500_000).step_by(5) {
        let seen: BTreeMap<_, _> = ["flag", "active"].map(|name| (name.to_owned(), Bits::of(hour, 3))).into();
        facts.add(&Batch { hour, first: hour * HOUR, last: hour * HOUR, endings: [1; 5], seen });
    }
    assert_eq!((facts.days.len(), facts.hours.len()), (90, 168));
    let key = |number: usize| {
        let caller = Caller::Token((number % MOST_CLIENTS) as u64);
        let client = Client { caller, program: "a-program-with-a-name-of-32-bytes"[..32].to_owned() };
        let params = ["name", "flag", "active", "expiry"].map(str::to_owned).to_vec();
        let style = format!("GET /a/path/of/some/length/{number}/api.php query");
        RowKey {
            client,
            shape: Shape { operation: "groupadd".to_owned(), params, style, ..Shape::others(Door::Old) },
        }
    };
    let mut ledger = Ledger::default();
    ledger.gateways.insert(7, (0..MOST_ROWS).map(|number| (key(number), Arc::new(facts.clone()))).collect());
    ledger
}

#[tokio::test]
async fn a_full_ledger_takes_no_more_memory_than_is_said() {
    let empty = tempfile::tempdir().expect("a folder");
    let serving = gateway(empty.path());
    calls(&serving, ["one".to_owned()].into_iter()).await;
    let without = serving.memory("VmRSS");
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));

    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("ledger"), text::write(&full(), Some(Identity { gateway: 7, key: 9 })))
        .expect("a ledger");
    let serving = gateway(folder.path());
    calls(&serving, ["one".to_owned()].into_iter()).await;
    let with = serving.memory("VmRSS");
    println!("a full ledger takes {} MiB", (with - without) / MIB);
    assert!(with - without < 144 * MIB, "{} KiB", with - without);
}
