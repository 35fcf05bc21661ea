//! A cached answer that is served again.

use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use criterion::Criterion;
use mesigate::config::Kept;
use mesigate::config::Layers;
use mesigate::policy::cache::{Cache, Filled, MonotonicClock, Provenance, ReadKey, Served};
use mesigate::policy::fingerprint::Fingerprint;
use mesigate::policy::known::KnownTokens;
use mesigate::protocol::reject::Reject;

use crate::exchanges::groupgetmembers;

pub fn bench(criterion: &mut Criterion) {
    let shipped = Layers::shipped().and_then(|layers| layers.config()).expect("sound settings").cache.kept;
    // Fresh for longer than any bench runs, so that hits are measured, and no refill.
    let settings = Kept { fresh: Duration::from_hours(1), ..shipped };
    let known = Arc::<KnownTokens>::default();
    known.settle([Fingerprint(1)]);
    let cache = Cache::new(settings, Arc::new(MonotonicClock::new()), known);
    let key = ReadKey {
        app: Fingerprint(1),
        upstream: 0,
        operation: 8,
        group: "97284".to_owned(),
        variant: String::new(),
        count: Some(20),
    };
    fill(&cache, key.clone());
    criterion.benchmark_group("cache").bench_function("a hit", |bencher| {
        // Every request makes a key of its own.
        bencher.iter(|| hit(&cache, black_box(&key).clone()));
    });
}

fn fill(cache: &Cache, key: ReadKey) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let bytes = groupgetmembers().upstream_says.into();
    let filled =
        runtime.block_on(cache.read(key, || async { Ok(Filled { status: 200, bytes, keep: true }) }));
    assert!(filled.is_ok(), "nothing to keep");
}

/// A hit waits for nothing, so it needs no runtime.
fn hit(cache: &Cache, key: ReadKey) -> Served {
    let read = pin!(cache.read(key, || async { Err(Reject::Internal) }));
    match read.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(served)) if served.state == Provenance::Hit => served,
        _ => panic!("no hit"),
    }
}
