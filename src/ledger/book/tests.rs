//! The ledger's bounds, and how ledgers are joined.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Decided, Decision, Ledger, MOST_CLIENTS, MOST_PROGRAMS, MOST_ROWS, MOST_SHAPES, Window, Writer};
use crate::ledger::client::{Caller, Client};
use crate::ledger::facts::{Batch, Bits};
use crate::ledger::row::{Door, RowKey, Shape};
use crate::protocol::habits::Habits;

fn key(caller: Caller, program: &str, operation: &str) -> RowKey {
    let shape = Shape {
        door: Door::Old,
        operation: operation.to_owned(),
        params: vec!["uid".to_owned()],
        habits: Habits::default(),
        style: "GET /api.php query".to_owned(),
    };
    RowKey { client: Client { caller, program: program.to_owned() }, shape }
}

fn batch(at: u64) -> Batch {
    let seen = BTreeMap::from([("flag".to_owned(), Bits::of(at, 7))]);
    Batch { hour: at / 3600, first: at, last: at, endings: [1, 0, 0, 0, 0], seen }
}

fn total(writer: &Writer) -> u64 {
    writer.rows().values().map(|facts| facts.total()).sum()
}

#[test]
fn callers_beyond_the_most_are_counted_in_a_row_that_says_so() {
    let mut writer = Writer::default();
    let many = 100_000;
    for caller in 0..many {
        writer.add(key(Caller::Token(caller), "okhttp", "userdel"), &batch(9));
    }
    assert_eq!(writer.shapes.len(), MOST_CLIENTS + 1);
    assert_eq!(total(&writer), many);
    let others = RowKey { client: Client::others(), shape: Shape::others(Door::Old) };
    assert_eq!(writer.rows()[&others].total(), many - MOST_CLIENTS as u64);
    // Who is known stays known.
    assert!(!writer.add(key(Caller::Token(0), "okhttp", "userdel"), &batch(10)));
    assert!(writer.add(key(Caller::Token(0), "okhttp", "useradd"), &batch(10)));
}

#[test]
fn shapes_and_programs_beyond_the_most_are_counted_for_their_client() {
    let mut writer = Writer::default();
    for number in 0..2 * MOST_SHAPES {
        writer.add(key(Caller::App("bot".to_owned()), "okhttp", &format!("op{number}")), &batch(9));
    }
    assert_eq!(writer.rows().len(), MOST_SHAPES + 1);
    for number in 0..2 * MOST_PROGRAMS {
        writer.add(key(Caller::App("web".to_owned()), &format!("p{number}"), "userdel"), &batch(9));
    }
    let web = writer.shapes.keys().filter(|client| client.caller == Caller::App("web".to_owned()));
    assert_eq!(web.count(), MOST_PROGRAMS + 1);
    assert_eq!(total(&writer), 2 * (MOST_SHAPES + MOST_PROGRAMS) as u64);
}

#[test]
fn rows_are_bounded_whatever_comes() {
    let mut writer = Writer::default();
    let (callers, shapes) = (MOST_ROWS as u64 / 16, 20);
    for caller in 0..callers {
        for number in 0..shapes {
            writer.add(key(Caller::Token(caller), "okhttp", &format!("op{number}")), &batch(9));
        }
    }
    assert_eq!(writer.rows().len(), MOST_ROWS + 1);
    assert_eq!(total(&writer), callers * shapes);
}

/// A gateway's history, as states that it has written.
fn history(gateway: u64, events: &[(u8, u64)]) -> Vec<Ledger> {
    let mut writer = Writer::default();
    let mut states = vec![Ledger::default()];
    for (caller, at) in events {
        writer.add(key(Caller::Token(u64::from(*caller)), "okhttp", "userdel"), &batch(*at));
        let mut ledger = Ledger::default();
        ledger.gateways.insert(gateway, writer.rows().clone());
        let client = Client { caller: Caller::Token(u64::from(*caller)), program: "okhttp".to_owned() };
        let what = if at % 2 == 0 { Decided::Done } else { Decided::Open };
        ledger.decide(client.clone(), Decision { at: *at, what, reason: format!("{caller}") });
        ledger.meet(
            &Window { from: at - at % 10, to: at + 10, name: "w".to_owned(), ..Window::default() },
            Some(client),
        );
        states.push(ledger);
    }
    states
}

fn joined<'l>(ledgers: impl IntoIterator<Item = &'l Ledger>) -> Ledger {
    let mut all = Ledger::default();
    ledgers.into_iter().for_each(|ledger| all.join(ledger));
    all
}

fn events() -> impl Strategy<Value = Vec<(u8, u64)>> {
    // Times over five years, so that days and months fall out.
    proptest::collection::vec((0_u8..4, 1_u64..157_680_000), 1..12)
}

proptest! {
    #[test]
    fn joining_is_commutative_associative_and_idempotent(
        one in events(), other in events(), picks in proptest::collection::vec(any::<proptest::sample::Index>(), 3..8),
    ) {
        let (one, other) = (history(1, &one), history(2, &other));
        let all: Vec<Ledger> = one.into_iter().chain(other).collect();
        let some: Vec<&Ledger> = picks.iter().map(|pick| pick.get(&all)).collect();
        let [first, second, third] = [some[0], some[1], some[2]];
        prop_assert_eq!(joined([first, second]), joined([second, first]));
        let left = joined([&joined([first, second]), third]);
        let right = joined([first, &joined([second, third])]);
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(&joined([&left, &left, first, third]), &left);
    }

    #[test]
    fn whatever_states_are_joined_the_last_ones_count_and_nothing_counts_twice(
        one in events(), other in events(), picks in proptest::collection::vec(any::<proptest::sample::Index>(), 0..20),
    ) {
        let expected = (one.len() + other.len()) as u64;
        let (one, other) = (history(1, &one), history(2, &other));
        let all: Vec<&Ledger> = one.iter().chain(&other).collect();
        let some = picks.iter().map(|pick| *pick.get(&all));
        let last = [one.last().expect("a state"), other.last().expect("a state")];
        let rows = joined(some.chain(last)).rows();
        prop_assert_eq!(rows.values().map(|facts| facts.total()).sum::<u64>(), expected);
    }
}
