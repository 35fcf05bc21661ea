//! Upstream's answer → what an old client gets.

use std::hint::black_box;

use criterion::Criterion;
use mesigate::protocol::ops::Table;
use mesigate::protocol::translate::reply_context::ReplyContext;

use crate::exchanges::{groupgetmembers, message, message_with_app};
use crate::translating;

pub fn bench(criterion: &mut Criterion) {
    let table = Table::shipped().expect("a sound table");
    let mut group = criterion.benchmark_group("answer");
    for exchange in [message(), message_with_app(), groupgetmembers()] {
        let form = translating::form(&exchange.incoming());
        let (operation, understood) = translating::understood(&table, &form);
        let own = ReplyContext::of(operation, &understood);
        let says = exchange.upstream_says.as_bytes();
        translating::assert_same(&translating::answer(operation, &own, says), &exchange.client_gets);
        group.bench_function(exchange.name, |bencher| {
            bencher.iter(|| translating::answer(operation, &own, black_box(says)));
        });
    }
}
