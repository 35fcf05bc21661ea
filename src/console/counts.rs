//! What has come since the gateway began: by operation, from the cache, past limits, and upstream's part of the time.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Call;
use crate::protocol::reject::Label;
use crate::status::Document;
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
    let sources = &call.console.sources;
    let status = sources.status.document();
    let upstream = Sum::of(sources.counters.iter().map(|counters| &counters.upstream));
    json!({
        "since": status.started_unix_s,
        "operations": operations(call),
        "cache": status.cache.reads,
        "limits": limits(&status),
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

/// How many requests each limit has refused.
fn limits(status: &Document) -> Vec<Value> {
    let refusing = status.limits.iter().filter(|limit| limit.refused > 0);
    refusing.map(|limit| json!({ "name": limit.name, "refused": limit.refused })).collect()
}
