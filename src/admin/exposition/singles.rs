//! Metrics of one number, without labels.

use std::fmt::Error;
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType::{self, Counter, Gauge};

use super::Sources;
use crate::http::shutdown::Stage;
use crate::telemetry::metrics::{Count, NoLabels};

/// A family of one series.
struct Single {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    value: fn(&Sources) -> u64,
}

const fn counter(name: &'static str, help: &'static str, value: fn(&Sources) -> u64) -> Single {
    Single { name, help, kind: Counter, value }
}

const fn gauge(name: &'static str, help: &'static str, value: fn(&Sources) -> u64) -> Single {
    Single { name, help, kind: Gauge, value }
}

/// All metrics without labels, in the order of the exposition.
const ALL: [Single; 21] = [
    counter("upstream_connections", "Connections opened to upstream", |all| {
        all.sum(|worker| worker.connected.get())
    }),
    counter("connections", "Connections taken from clients", |all| all.sum(|worker| worker.accepted.get())),
    counter("not_accepted", "Connections from clients that could not be taken", |all| {
        all.sum(|worker| worker.not_accepted.get())
    }),
    counter(
        "dismissed_connections",
        "Connections of clients that were ended to make room for others",
        |all| all.sum(|worker| worker.dismissed.get()),
    ),
    counter("admin_connections", "Connections taken by the second listener", |all| all.admin.accepted.get()),
    counter(
        "admin_dismissed_connections",
        "Connections of the second listener that were ended to make room for others",
        |all| all.admin.dismissed.get(),
    ),
    counter("admin_refused_heads", "Requests to the second listener whose head was refused", |all| {
        all.admin.refused_heads.0.iter().map(Count::get).sum()
    }),
    counter("dropped_parameters", "Parameters of requests that have no place in the JSON", |all| {
        all.sum(|worker| worker.dropped.get())
    }),
    counter(
        "stranger_calls",
        "Calls by the old door that did not come before migration.strangers_from",
        |all| all.sum(|worker| worker.strangers.get()),
    ),
    gauge(
        "ledger_rows",
        "Rows of the ledger: clients, each with the shapes of their calls by each door",
        |all| all.ledger(|keeper| keeper.count() as u64),
    ),
    gauge(
        "ledger_failing",
        "1 while the ledger's file cannot be written, so that it is in memory alone",
        |all| all.ledger(|keeper| u64::from(keeper.failing().is_some())),
    ),
    counter("log_lines_lost", "Log lines that had no room in the queue", |all| (all.lines_lost)() as u64),
    gauge("in_flight", "Requests under way", |all| all.sum(|worker| worker.in_flight.get())),
    gauge("open_connections", "Connections of clients that are open", |all| {
        all.sum(|worker| worker.connections.load(Relaxed))
    }),
    gauge("admin_open_connections", "Connections of the second listener that are open", |all| {
        all.admin.connections.load(Relaxed)
    }),
    gauge("upstream_open_connections", "Connections to upstream that are open", |all| {
        all.sum(|worker| worker.upstream_open.load(Relaxed))
    }),
    gauge("upstream_calls", "Requests that upstream has now", |all| {
        all.sum(|worker| worker.upstream_calls.get())
    }),
    gauge("upstream_waiting", "Requests that wait for upstream to have fewer", |all| {
        all.sum(|worker| worker.upstream_waiting.get())
    }),
    gauge("brownouts_paused", "1 while planned pauses of the old door are stopped by hand", |all| {
        u64::from(all.current.load().policies.brownouts.is_paused())
    }),
    gauge("workers", "Worker threads", |all| all.counters.len() as u64),
    gauge("ready", "1 while /readyz says yes", |all| u64::from(all.stop.stage() == Stage::Serving)),
];

impl Sources {
    pub(super) fn singles(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        for Single { name, help, kind, value } in &ALL {
            let mut metric = encoder.encode_descriptor(name, help, None, *kind)?;
            let value = value(self);
            match kind {
                Counter => metric.encode_counter::<NoLabels, _, u64>(&value, None)?,
                _ => metric.encode_gauge(&value)?,
            }
        }
        Ok(())
    }
}
