//! The workers' counters, summed and written as an exposition for Prometheus.

mod brownouts;
mod calls;
mod certificates;
mod console;
pub mod family;
pub mod list;
mod policies;
mod process;
mod resilience;
mod settings;
mod spans;
mod singles;
mod text;

use std::fmt::{self, Error};
use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, MetricEncoder, text as openmetrics};
use prometheus_client::registry::Registry;

use crate::console::Console;
use crate::http::shutdown::Shutdown;
use crate::ledger::keeper::Keeper;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::telemetry::metrics::{NoLabels, RequestCounters, WorkerCounters};
use crate::telemetry::trace::Spans;
use crate::telemetry::trace::exemplars::Exemplars;
pub use text::Format;

/// All metrics of the process, as `/metrics` shows them.
pub struct Exposition {
    registry: Registry,
    exemplars: Arc<Exemplars>,
}

/// The sources of the metrics.
pub struct Sources {
    /// The counters of each worker.
    pub counters: Vec<Arc<WorkerCounters>>,
    /// The counters of the second listener's connections.
    pub admin: Arc<WorkerCounters>,
    /// The counters of requests, by operation.
    pub request_counters: Arc<RequestCounters>,
    /// How far the end of serving has come.
    pub stop: Arc<Shutdown>,
    /// How many log lines had no room in the queue.
    pub lines_lost: Box<dyn Fn() -> usize + Send + Sync>,
    /// The snapshot in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// The reloader, which counts how reloads end.
    pub reloader: Arc<Reloader>,
    /// What became of spans, and examples of requests.
    pub spans: Spans,
    /// The console, which counts who logs in.
    pub console: Arc<Console>,
    /// When the gateway started, in seconds since 1970.
    pub started: u64,
}

impl Exposition {
    /// The exposition of these sources, summed.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let mut registry = Registry::default();
        let exemplars = sources.spans.exemplars.clone();
        registry.register_collector(Box::new(sources));
        Self { registry, exemplars }
    }

    /// The exposition's text.
    #[must_use]
    pub fn text(&self, format: Format) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = openmetrics::encode(&mut out, &self.registry);
        match format {
            Format::OpenMetrics => self.exemplars.added_to(&out, "mesigate_request_duration_seconds"),
            Format::Plain => text::plain(&out),
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} workers", self.counters.len())
    }
}

impl Collector for Sources {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        self.calls(&mut encoder)?;
        self.policies(&mut encoder)?;
        self.resilience(&mut encoder)?;
        self.brownouts(&mut encoder)?;
        self.certificates(&mut encoder)?;
        self.settings(&mut encoder)?;
        self.singles(&mut encoder)?;
        self.of_console(&mut encoder)?;
        self.of_spans(&mut encoder)?;
        self.process(&mut encoder)
    }
}

impl Sources {
    pub(super) fn sum(&self, cell: impl Fn(&WorkerCounters) -> u64) -> u64 {
        self.counters.iter().map(|counters| cell(counters)).sum()
    }

    /// A number of the ledger; 0 where there is none.
    pub(super) fn ledger(&self, number: impl Fn(&Keeper) -> u64) -> u64 {
        self.current.load().ledger.as_ref().map_or(0, |keeper| number(keeper))
    }
}

/// Writes a counter's series.
pub(super) fn count<L: EncodeLabelSet>(
    metric: &mut MetricEncoder<'_>,
    labels: &L,
    many: u64,
) -> Result<(), Error> {
    metric.encode_family(labels)?.encode_counter::<NoLabels, _, u64>(&many, None)
}

/// Writes a counter without labels.
pub(super) fn single(metric: &mut MetricEncoder<'_>, many: u64) -> Result<(), Error> {
    metric.encode_counter::<NoLabels, _, u64>(&many, None)
}
