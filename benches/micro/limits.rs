//! The checks before a request goes on: whether its app is held back, and every limit.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use criterion::Criterion;
use mesigate::config::secret::Environment;
use mesigate::config::{Config, Layers, UpstreamKind};
use mesigate::policy::apps::Caller;
use mesigate::policy::fingerprint::Fingerprints;
use mesigate::policy::policies::{Admission, Policies};
use mesigate::protocol::ops::{Operation, Table};
use mesigate::protocol::translate::facts::Facts;
use mesigate::protocol::translate::response::{TokenVerdict, Verdict};
use tokio::time::Instant;

use crate::exchanges::{Exchange, groupgetmembers, message};
use crate::translating;

/// The shipped limit with a budget that no bench can spend.
const ENDLESS: &str = "limit = [{ name = 'members', operations = ['groupgetmembers'], per = 'app', \
                       rate = '1000000/s', burst = 4000000000, on_premise = false }]";

pub fn bench(criterion: &mut Criterion) {
    let table = Table::shipped().expect("a sound table");
    admitted(criterion, &table, "message, which no limit is about", &message(), "");
    admitted(criterion, &table, "groupgetmembers, which one is about", &groupgetmembers(), ENDLESS);
}

fn admitted(criterion: &mut Criterion, table: &Table, name: &str, exchange: &Exchange, toml: &str) {
    let policies = policies(table, toml);
    let form = translating::form(&exchange.incoming());
    let (operation, understood) = translating::understood(table, &form);
    let facts = Facts::of_form(operation, &understood);
    let caller = proven(&policies, understood.token);
    criterion.benchmark_group("limits").bench_function(name, |bencher| {
        bencher.iter(|| admit(&policies, black_box(&caller), operation, &facts));
    });
}

fn policies(table: &Table, toml: &str) -> Policies {
    let config: Result<Config, _> =
        Layers::shipped().and_then(|layers| layers.text("the bench", toml)?.config());
    Policies::load(&config.expect("sound settings"), table, Environment::default(), Fingerprints::default())
        .expect("policies")
}

/// A caller whose token upstream has accepted, as is usual.
fn proven(policies: &Policies, token: &str) -> Caller {
    let caller = policies.apps.caller(token).expect("a caller");
    policies.learn(
        &caller,
        true,
        &Verdict { error: None, result: true, token: TokenVerdict::Taken },
        Instant::now(),
    );
    caller
}

fn admit(policies: &Policies, caller: &Caller, operation: &Operation, facts: &Facts) -> Admission {
    let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut said = Admission::default();
    let admitted = policies.admit(caller, Some(operation), facts, (client, UpstreamKind::Cloud), &mut said);
    assert!(admitted.is_ok(), "refused, and that is not what is measured");
    said
}
