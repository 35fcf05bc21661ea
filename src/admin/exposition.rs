//! The workers' counters, summed and written as an exposition for Prometheus.

mod brownouts;
mod resilience;
mod singles;
mod text;

use std::collections::BTreeMap;
use std::fmt::{self, Error};
use std::sync::Arc;

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text as openmetrics};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use crate::http::proto::head_reject::HeadReject;
use crate::http::shutdown::Shutdown;
use crate::http::unsecured::Reason;
use crate::ledger::keeper::Keeper;
use crate::policy::cache::Provenance;
use crate::policy::policies::Decision;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::telemetry::metrics::{Labels, NoLabels, RequestCounters, Sum, WorkerCounters};
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
}

impl Exposition {
    /// The exposition of these sources, summed.
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        let mut registry = Registry::with_prefix("mesigate");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version that runs", build);
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
        self.requests(&mut encoder)?;
        self.upstream(&mut encoder)?;
        self.policies(&mut encoder)?;
        self.rim(&mut encoder)?;
        self.reloads(&mut encoder)?;
        self.resilience(&mut encoder)?;
        self.brownouts(&mut encoder)?;
        self.spans(&mut encoder)?;
        self.singles(&mut encoder)
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

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let sums = self.request_counters.sums();
        let labels = |(door, op, outcome): &Labels| {
            [("door", (*door).to_owned()), ("op", op.clone()), ("outcome", (*outcome).to_owned())]
        };
        let help = "Requests answered";
        let mut metric = encoder.encode_descriptor("requests", help, None, MetricType::Counter)?;
        for ((app, series), count) in &sums.counts {
            let [door, op, outcome] = labels(series);
            metric
                .encode_family(&[door, op, outcome, ("app", app.clone())])?
                .encode_counter::<NoLabels, _, u64>(count, None)?;
        }
        let help = "Seconds from a request's head to its answer";
        let mut metric =
            encoder.encode_descriptor("request_duration_seconds", help, None, MetricType::Histogram)?;
        for (series, sum) in &sums.times {
            sum.encode(metric.encode_family(&labels(series))?)?;
        }
        Ok(())
    }

    fn upstream(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let sum = Sum::of(self.counters.iter().map(|counters| &counters.upstream));
        let help = "Seconds that upstream took, connecting included";
        sum.encode(encoder.encode_descriptor(
            "upstream_duration_seconds",
            help,
            None,
            MetricType::Histogram,
        )?)
    }

    /// What became of spans; nothing where there are no traces.
    fn spans(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        if self.current.load().config.trace.endpoint.is_none() {
            return Ok(());
        }
        let help = "Spans by what became of them";
        let mut metric = encoder.encode_descriptor("spans", help, None, MetricType::Counter)?;
        for (state, count) in self.spans.sent.states() {
            metric.encode_family(&[("state", state)])?.encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        Ok(())
    }

    fn rim(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Requests whose head was refused before anything else saw it";
        let mut metric = encoder.encode_descriptor("refused_heads", help, None, MetricType::Counter)?;
        let mut by_status: BTreeMap<u16, u64> = BTreeMap::new();
        for reject in HeadReject::ALL {
            let count = self.sum(|counters| counters.refused_heads.0[*reject as usize].get());
            *by_status.entry(reject.status()).or_default() += count;
        }
        for (status, count) in &by_status {
            metric.encode_family(&[("status", *status)])?.encode_counter::<NoLabels, _, u64>(count, None)?;
        }
        let help = "TLS handshakes of clients that came to nothing";
        let mut metric = encoder.encode_descriptor("failed_handshakes", help, None, MetricType::Counter)?;
        for reason in Reason::ALL {
            let count = self.sum(|counters| counters.not_secured[reason as usize].get());
            metric
                .encode_family(&[("reason", reason.text())])?
                .encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        self.certificates(encoder)
    }

    /// The ends of certificates, in seconds since 1970.
    fn certificates(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let current = self.current.load();
        let tls = current.tls.as_ref();
        let help = "When the certificate that clients are shown ends, in seconds since 1970";
        let shown = ("certificate_expiry_timestamp_seconds", help, tls.and_then(|tls| tls.expiry));
        let help = "When the first CA certificate ends that clients' own come from, in seconds since 1970";
        let asked = ("client_ca_expiry_timestamp_seconds", help, tls.and_then(|tls| tls.ca_expiry));
        for (name, help, expiry) in [shown, asked] {
            if let Some(expiry) = expiry {
                encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&expiry)?;
            }
        }
        // Several sites of one host are one series, with the earliest end of all.
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        for site in &current.sites {
            if let Some(expiry) = site.ca_expiry() {
                ends.entry(&site.name).and_modify(|first| *first = expiry.min(*first)).or_insert(expiry);
            }
        }
        if ends.is_empty() {
            return Ok(());
        }
        let help = "When the first certificate of an upstream's ca_file ends, in seconds since 1970";
        let name = "upstream_ca_expiry_timestamp_seconds";
        let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (name, expiry) in ends {
            metric.encode_family(&[("upstream", name)])?.encode_gauge(&expiry)?;
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
        let help = "0 when the settings, or the secrets of the last reload, as they are written are not those in use";
        encoder
            .encode_descriptor("last_reload_success", help, None, MetricType::Gauge)?
            .encode_gauge(&self.reloader.last())?;
        let help = "0 while the apps' secrets cannot be read and those from before are in use";
        encoder
            .encode_descriptor("secrets_ok", help, None, MetricType::Gauge)?
            .encode_gauge(&u64::from(self.current.load().policies.apps.secrets_are_read()))
    }

    fn policies(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Reads by where their answer came from";
        let mut metric = encoder.encode_descriptor("cache_reads", help, None, MetricType::Counter)?;
        for state in Provenance::ALL {
            let count = self.sum(|counters| counters.cache[state as usize].get());
            metric
                .encode_family(&[("state", state.text())])?
                .encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        let help = "Requests that a limit refused, or in shadow mode would have refused";
        let mut metric = encoder.encode_descriptor("limited", help, None, MetricType::Counter)?;
        let current = self.current.load();
        for ((rule, decision), count) in current.policies.decisions() {
            let mode = match decision {
                Decision::Refused => "enforce",
                Decision::WouldRefuse => "shadow",
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
