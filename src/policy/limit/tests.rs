//! The limits, on a clock that the tests move.

mod exact;
mod memory;
mod own;
mod texts;
mod trial;

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::FakeRelativeClock;

use super::*;
use crate::config::limits::{Cost, Rate};

const SECOND: Duration = Duration::from_secs(1);

/// An enforced rule for every operation.
fn rule(name: &str, per: Per, rate: &str, burst: u32) -> Rule {
    Rule {
        name: name.to_owned(),
        operations: Vec::new(),
        per,
        rate: Rate::parse(rate).expect("a rate"),
        burst: NonZeroU32::new(burst).expect("a burst"),
        cost: Cost::One,
        mode: Mode::Enforce,
        on_premise: true,
    }
}

fn limits(rules: Vec<Rule>) -> (FakeRelativeClock, Limits<FakeRelativeClock>) {
    let clock = FakeRelativeClock::default();
    (clock.clone(), Limits::new(rules, MOST_KEYS, clock))
}

/// A request of a proven app from one address.
fn ask(app: u128) -> Query<'static> {
    Query {
        operation: Some("useradd"),
        // Spread over all bits, like fingerprints of tokens.
        app: Fingerprint(app << 64 | app),
        token: Fingerprint(!(app << 64 | app)),
        proven: true,
        client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        group: None,
        members: 0,
        on_premise: false,
    }
}

fn from(client: &str) -> Query<'static> {
    Query { client: client.parse().expect("an address"), ..ask(1) }
}

fn stranger(token: u128, client: &str) -> Query<'static> {
    Query { app: Fingerprint(token), proven: false, ..from(client) }
}

fn in_group(app: u128, group: &str) -> Query<'_> {
    Query { group: Some(group), ..ask(app) }
}

/// How many of `most` requests pass.
fn passing(limits: &Limits<FakeRelativeClock>, ask: &Query<'_>, most: usize) -> usize {
    (0..most).filter(|_| limits.check(ask).refusal.is_none()).count()
}

fn refuser(verdict: &Ruling) -> Option<&str> {
    verdict.refusal.as_ref().map(|refusal| &*refusal.rule)
}
