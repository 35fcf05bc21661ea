//! Query and body → parameters → the JSON for upstream.

use std::hint::black_box;

use criterion::Criterion;
use mesigate::protocol::ops::Table;

use crate::exchanges::{groupeditmembers, message, useradd};
use crate::translating;

pub fn bench(criterion: &mut Criterion) {
    forms(criterion);
    requests(criterion);
}

fn forms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("form");
    for exchange in [message(), useradd(), groupeditmembers()] {
        let incoming = exchange.incoming();
        group.bench_function(exchange.name, |bencher| {
            bencher.iter(|| translating::form(black_box(&incoming)));
        });
    }
}

/// The whole translation, the form included.
fn requests(criterion: &mut Criterion) {
    let table = Table::shipped().expect("a sound table");
    let mut group = criterion.benchmark_group("request");
    for exchange in [message(), useradd(), groupeditmembers()] {
        let incoming = exchange.incoming();
        translating::assert_same(&translating::request(&table, &incoming), &exchange.json);
        group.bench_function(exchange.name, |bencher| {
            bencher.iter(|| translating::request(&table, black_box(&incoming)));
        });
    }
}
