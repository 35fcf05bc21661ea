//! The workers' cells, summed and written as a Prometheus exposition (`OpenMetrics` text).

mod resilience;

use std::fmt::{self, Error};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::http::shutdown::{Stage, Stop};
use crate::policy::cache::State;
use crate::policy::policies::Spoke;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::telemetry::metrics::{Cells, Eras, HEAD_STATUSES, Labels, NoLabels, Sum};

/// Everything there is to count, as `/metrics` shows it.
pub struct Exposition {
    registry: Registry,
}

/// What there is to sum.
pub struct Fleet {
    /// The counters of each worker.
    pub cells: Vec<Arc<Cells>>,
    /// The requests by operation.
    pub eras: Arc<Eras>,
    /// How far the end of serving has come.
    pub stop: Arc<Stop>,
    /// How many log lines had no room.
    pub lines_lost: Box<dyn Fn() -> usize + Send + Sync>,
    /// What is in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// What becomes of new settings.
    pub reloader: Arc<Reloader>,
}

impl Exposition {
    /// Shows a fleet.
    #[must_use]
    pub fn new(fleet: Fleet) -> Self {
        let mut registry = Registry::with_prefix("mesigate");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
        registry.register_collector(Box::new(fleet));
        Self { registry }
    }

    /// The exposition's text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = text::encode(&mut out, &self.registry);
        out
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} workers", self.cells.len())
    }
}

impl Collector for Fleet {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        self.requests(&mut encoder)?;
        self.upstream(&mut encoder)?;
        self.policies(&mut encoder)?;
        self.rim(&mut encoder)?;
        self.reloads(&mut encoder)?;
        self.resilience(&mut encoder)?;
        let counters = [
            (
                "upstream_connections",
                "Connections opened to upstream",
                self.sum(|cells| cells.connected.get()),
            ),
            ("connections", "Connections taken from clients", self.sum(|cells| cells.accepted.get())),
            (
                "not_accepted",
                "Connections from clients that could not be taken",
                self.sum(|cells| cells.not_accepted.get()),
            ),
            (
                "dropped_parameters",
                "Parameters of requests that have no place in the JSON",
                self.sum(|cells| cells.dropped.get()),
            ),
            ("log_lines_lost", "Log lines that had no room in the queue", (self.lines_lost)() as u64),
        ];
        for (name, help, value) in counters {
            let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            metric.encode_counter::<NoLabels, _, u64>(&value, None)?;
        }
        let ready = u64::from(self.stop.stage() == Stage::Serving);
        let gauges = [
            ("in_flight", "Requests under way", self.sum(|cells| cells.in_flight.get())),
            (
                "open_connections",
                "Connections of clients that are open",
                self.sum(|cells| cells.connections.load(Relaxed)),
            ),
            (
                "upstream_open_connections",
                "Connections to upstream that are open",
                self.sum(|cells| cells.upstream_open.load(Relaxed)),
            ),
            (
                "upstream_calls",
                "Requests that upstream has now",
                self.sum(|cells| cells.upstream_calls.get()),
            ),
            (
                "upstream_waiting",
                "Requests that wait for upstream to have fewer",
                self.sum(|cells| cells.upstream_waiting.get()),
            ),
            ("workers", "Worker threads", self.cells.len() as u64),
            ("ready", "1 while /readyz says yes", ready),
        ];
        for (name, help, value) in gauges {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
        }
        Ok(())
    }
}

impl Fleet {
    pub(super) fn sum(&self, cell: impl Fn(&Cells) -> u64) -> u64 {
        self.cells.iter().map(|cells| cell(cells)).sum()
    }

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let sums = self.eras.sums();
        let labels = |(door, op, outcome): &Labels| {
            [("door", (*door).to_owned()), ("op", op.clone()), ("outcome", (*outcome).to_owned())]
        };
        let help = "Requests answered";
        let mut metric = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for (series, sum) in &sums {
            metric.encode_family(&labels(series))?.encode_counter::<NoLabels, _, u64>(&sum.count(), None)?;
        }
        let help = "Seconds from a request's head to its answer";
        let mut metric =
            encoder.encode_descriptor("request_duration_seconds", help, None, MetricType::Histogram)?;
        for (series, sum) in &sums {
            sum.encode(metric.encode_family(&labels(series))?)?;
        }
        Ok(())
    }

    fn upstream(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let sum = Sum::of(self.cells.iter().map(|cells| &cells.upstream));
        let help = "Seconds that upstream took, connecting included";
        sum.encode(encoder.encode_descriptor(
            "upstream_duration_seconds",
            help,
            None,
            MetricType::Histogram,
        )?)
    }

    fn rim(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Requests whose head was refused before anything else saw it";
        let mut metric = encoder.encode_descriptor("refused_heads", help, None, MetricType::Counter)?;
        for (place, status) in HEAD_STATUSES.into_iter().enumerate() {
            let count = self.sum(|cells| cells.refused_heads[place].get());
            metric.encode_family(&[("status", status)])?.encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        Ok(())
    }

    fn reloads(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut metric =
            encoder.encode_descriptor("reloads", "Reloads by how they ended", None, MetricType::Counter)?;
        for (outcome, count) in self.reloader.outcomes() {
            metric
                .encode_family(&[("outcome", outcome)])?
                .encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        let help = "0 when the settings as they are written are not those in use";
        encoder
            .encode_descriptor("last_reload_success", help, None, MetricType::Gauge)?
            .encode_gauge(&self.reloader.last())
    }

    fn policies(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Reads by where their answer came from";
        let mut metric = encoder.encode_descriptor("cache_reads", help, None, MetricType::Counter)?;
        for state in State::ALL {
            let count = self.sum(|cells| cells.cache[state as usize].get());
            metric
                .encode_family(&[("state", state.text())])?
                .encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        let help = "Requests that a limit refused, or in shadow mode would have refused";
        let mut metric = encoder.encode_descriptor("limited", help, None, MetricType::Counter)?;
        let current = self.current.load();
        for ((rule, spoke), count) in current.policies.spoken() {
            let mode = match spoke {
                Spoke::Refused => "enforce",
                Spoke::WouldRefuse => "shadow",
            };
            let labels = [("rule", &*rule), ("mode", mode)];
            metric.encode_family(&labels)?.encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        let gauges = [
            ("cache_bytes", "Bytes that kept answers take", current.policies.cache.bytes()),
            ("limit_keys", "Keys for which limits keep count", current.policies.limit_keys() as u64),
        ];
        for (name, help, value) in gauges {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
        }
        Ok(())
    }
}
