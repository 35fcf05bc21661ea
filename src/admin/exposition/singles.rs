//! Metrics of one number, without labels.

use std::fmt::Error;
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType::Counter;

use super::family::Family;
use super::{Sources, single};
use crate::http::shutdown::Stage;
use crate::telemetry::metrics::Count;

pub(super) const FAMILIES: [Family; 21] = [
    Family::counter("mesigate_upstream_connections", "connections", "Connections opened to upstream"),
    Family::counter("mesigate_connections", "connections", "Connections taken from clients"),
    Family::counter(
        "mesigate_not_accepted",
        "connections",
        "Connections from clients that could not be taken",
    ),
    Family::counter(
        "mesigate_dismissed_connections",
        "connections",
        "Connections of clients that were ended to make room for others",
    ),
    Family::counter("mesigate_admin_connections", "connections", "Connections taken by the second listener"),
    Family::counter(
        "mesigate_admin_dismissed_connections",
        "connections",
        "Connections of the second listener that were ended to make room for others",
    ),
    Family::counter(
        "mesigate_admin_refused_heads",
        "requests",
        "Requests to the second listener whose head was refused",
    ),
    Family::counter(
        "mesigate_dropped_parameters",
        "parameters",
        "Parameters of requests that have no place in the JSON",
    ),
    Family::counter(
        "mesigate_stranger_calls",
        "calls",
        "Calls by the old door that did not come before migration.strangers_from",
    ),
    Family::gauge(
        "mesigate_ledger_rows",
        "rows",
        "Rows of the ledger: clients, each with the shapes of their calls by each door",
    ),
    Family::gauge(
        "mesigate_ledger_failing",
        "0 or 1",
        "1 while the ledger's file cannot be written, so that it is in memory alone",
    ),
    Family::counter("mesigate_log_lines_lost", "lines", "Log lines that had no room in the queue"),
    Family::gauge("mesigate_in_flight", "requests", "Requests under way"),
    Family::gauge("mesigate_open_connections", "connections", "Connections of clients that are open"),
    Family::gauge(
        "mesigate_admin_open_connections",
        "connections",
        "Connections of the second listener that are open",
    ),
    Family::gauge(
        "mesigate_upstream_open_connections",
        "connections",
        "Connections to upstream that are open",
    ),
    Family::gauge("mesigate_upstream_calls", "requests", "Requests that upstream has now"),
    Family::gauge("mesigate_upstream_waiting", "requests", "Requests that wait for upstream to have fewer"),
    Family::gauge(
        "mesigate_brownouts_paused",
        "0 or 1",
        "1 while planned pauses of the old door are stopped by hand",
    ),
    Family::gauge("mesigate_workers", "threads", "Worker threads"),
    Family::gauge("mesigate_ready", "0 or 1", "1 while /readyz says yes"),
];

/// The number of each family, in the same order.
const NUMBERS: [fn(&Sources) -> u64; FAMILIES.len()] = [
    |all| all.sum(|worker| worker.connected.get()),
    |all| all.sum(|worker| worker.accepted.get()),
    |all| all.sum(|worker| worker.not_accepted.get()),
    |all| all.sum(|worker| worker.dismissed.get()),
    |all| all.admin.accepted.get(),
    |all| all.admin.dismissed.get(),
    |all| all.admin.refused_heads.0.iter().map(Count::get).sum(),
    |all| all.sum(|worker| worker.dropped.get()),
    |all| all.sum(|worker| worker.strangers.get()),
    |all| all.ledger(|keeper| keeper.count() as u64),
    |all| all.ledger(|keeper| u64::from(keeper.failing().is_some())),
    |all| (all.lines_lost)() as u64,
    |all| all.sum(|worker| worker.in_flight.get()),
    |all| all.sum(|worker| worker.connections.load(Relaxed)),
    |all| all.admin.connections.load(Relaxed),
    |all| all.sum(|worker| worker.upstream_open.load(Relaxed)),
    |all| all.sum(|worker| worker.upstream_calls.get()),
    |all| all.sum(|worker| worker.upstream_waiting.get()),
    |all| u64::from(all.current.load().policies.brownouts.is_paused()),
    |all| all.counters.len() as u64,
    |all| u64::from(all.stop.stage() == Stage::Serving),
];

impl Sources {
    pub(super) fn singles(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        for (family, number) in FAMILIES.iter().zip(NUMBERS) {
            let mut metric = family.begin(encoder)?;
            match family.kind {
                Counter => single(&mut metric, number(self))?,
                _ => metric.encode_gauge(&number(self))?,
            }
        }
        Ok(())
    }
}
