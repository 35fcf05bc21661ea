//! What has come since the gateway began: by operation, from the cache, past limits, and upstream's part of the time.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::Call;
use crate::policy::cache::Provenance;
use crate::policy::policies::Decision;
use crate::protocol::reject::Label;
use crate::snapshot::Snapshot;
use crate::telemetry::metrics::Sum;

/// The calls of one operation, by how they ended.
#[derive(Default)]
struct Came {
    calls: u64,
    ok: u64,
    /// Those that did not end well, by the label of the log and the metrics.
    others: BTreeMap<&'static str, u64>,
}

pub fn counts(call: &Call<'_>) -> Value {
    let (console, snapshot) = (call.console, call.console.current());
    let sources = &console.sources;
    let upstream = Sum::of(sources.counters.iter().map(|counters| &counters.upstream));
    json!({
        "since": console.sources.status.started(),
        "operations": operations(call),
        "cache": cache(call),
        "limits": limits(&snapshot),
        "upstream": {
            "calls": upstream.count(),
            "p50_us": upstream.quantile(50),
            "p99_us": upstream.quantile(99),
        },
    })
}

/// Every operation that has been called, the most called first.
fn operations(call: &Call<'_>) -> Vec<Value> {
    let mut all: BTreeMap<String, Came> = BTreeMap::new();
    for ((_, (_, name, label)), count) in call.console.sources.request_counters.sums().counts {
        let came = all.entry(name).or_default();
        came.calls += count;
        if label == Label::Ok.text() {
            came.ok += count;
        } else {
            *came.others.entry(label).or_default() += count;
        }
    }
    let mut all: Vec<(String, Came)> = all.into_iter().collect();
    all.sort_by_key(|(_, came)| std::cmp::Reverse(came.calls));
    let told = |(name, came): (String, Came)| json!({ "name": name, "calls": came.calls, "ok": came.ok, "others": came.others });
    all.into_iter().map(told).collect()
}

/// Reads by where their answer came from.
fn cache(call: &Call<'_>) -> Value {
    let counters = &call.console.sources.counters;
    let of =
        |state: Provenance| counters.iter().map(|counters| counters.cache[state as usize].get()).sum::<u64>();
    let states = Provenance::ALL.into_iter().map(|state| (state.text().to_owned(), of(state).into()));
    Value::Object(states.collect())
}

/// How many requests each limit has refused.
fn limits(snapshot: &Snapshot) -> Vec<Value> {
    let refused = |((rule, decision), count): ((Arc<str>, Decision), u64)| {
        (decision == Decision::Refused && count > 0).then(|| json!({ "name": &*rule, "refused": count }))
    };
    snapshot.policies.decisions().into_iter().filter_map(refused).collect()
}
