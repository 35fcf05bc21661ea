//! Reads `[trace]`: which requests leave spans, and the collector that these are posted to.

pub(super) mod attributes;

use std::path::PathBuf;
use std::time::Duration;

use super::quantities::{share, time};
use super::{AppUpstream, Endpoint, Listen, UpstreamKind};
use crate::protocol::document::{Place, Section, TomlValue, none_of};

/// `[trace]`
#[derive(Debug, Clone, PartialEq)]
pub struct TraceConfig {
    /// Where spans are posted (OTLP/HTTP, protobuf): the whole URL; `None`: there are no traces.
    pub endpoint: Option<Endpoint>,
    /// The CA file for an https endpoint, if it is not a public one.
    pub ca_file: Option<PathBuf>,
    /// The share of requests without a caller's trace that is sampled, from 0 to 1.
    pub ratio: f64,
    /// Whether the flag of a caller's trace decides for its requests; if not, the ratio decides for all.
    pub follow: bool,
    /// Whose `traceparent` is taken.
    pub accept: Accept,
    /// Whether upstream gets a `traceparent`; `None`: servers of the owner's own do, mesibo's cloud does not.
    pub upstream: Option<bool>,
    /// Whether requests that end in an error are kept although they were not sampled.
    pub errors: bool,
    /// From which time on a request is kept although it was not sampled; `None`: none is.
    pub slow: Option<Duration>,
    /// Whether spans have the client's address.
    pub client: bool,
    /// `service.name`.
    pub service: String,
    /// More attributes of the resource, by name.
    pub resource: Vec<(String, String)>,
}

impl TraceConfig {
    /// The collector as a host that is connected to as upstreams are; `None`: there are no traces.
    #[must_use]
    pub fn collector(&self) -> Option<AppUpstream> {
        let (url, ca_file) = (self.endpoint.clone()?, self.ca_file.clone());
        Some(AppUpstream { url, kind: UpstreamKind::OnPremise, ca_file, pins: Vec::new(), proxy: None })
    }

    /// A sentence of the one way to connect, which names upstream's settings, with the collector's in their place.
    #[must_use]
    pub fn named(what: &str) -> String {
        what.replace("upstream.url", "trace.endpoint").replace("upstream.ca_file", "trace.ca_file")
    }
}

/// Whose `traceparent` is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// Every caller's.
    Any,
    /// That of `listen.trusted_proxies`.
    Trusted,
    /// Nobody's: each request begins a trace of its own.
    Nobody,
}

impl Accept {
    /// The words of the settings.
    pub const WORDS: [(&'static str, Self); 3] =
        [("any", Self::Any), ("trusted", Self::Trusted), ("none", Self::Nobody)];
}

/// The variable whose URL is the whole one, to which no path is added.
pub(super) const WHOLE_URL: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

/// The path of traces below a collector's URL (OTLP 1, "OTLP/HTTP Request").
const SIGNAL: &str = "/v1/traces";

/// `[trace]`
pub fn trace(section: &Section<'_>) -> Option<TraceConfig> {
    let endpoint = endpoint(section);
    let ca_file = section.path("ca_file");
    let ratio = share(section, "ratio");
    let follow = section.boolean("follow");
    let accept = section.one_of("accept", &Accept::WORDS);
    let upstream = upstream(section);
    let errors = section.boolean("errors");
    let slow = if section.is_filled("slow") { time(section, "slow") } else { None };
    let client = section.boolean("client");
    let service = section.required_text("service").map(str::to_owned);
    let resource = attributes::read(section);
    Some(TraceConfig {
        endpoint,
        ca_file,
        ratio: ratio?,
        follow: follow?,
        accept: accept?,
        upstream: upstream?,
        errors: errors?,
        slow,
        client: client?,
        service: service?,
        resource,
    })
}

/// Reports that nobody's trace would be taken, though somebody's is meant to be.
pub fn check(top: &Section<'_>, trace: &TraceConfig, listen: &Listen) {
    if trace.accept == Accept::Trusted && listen.trusted_proxies.is_empty() {
        let what = "is \"trusted\", and listen.trusted_proxies is empty, so nobody's trace would be taken: name the \
                    proxies that stand in front, or say \"none\"";
        top.section("trace").fault_at("accept", what.to_owned());
    }
}

fn endpoint(section: &Section<'_>) -> Option<Endpoint> {
    section.filled_text("endpoint")?;
    let is_whole = section.node("endpoint")?.place == Place::named(WHOLE_URL);
    section.parsed("endpoint", |text| {
        let endpoint = Endpoint::read(text).map_err(|what| {
            format!("{what}: give the collector's URL for OTLP over HTTP, such as http://127.0.0.1:4318")
        })?;
        Ok(if is_whole { endpoint } else { of_traces(endpoint) })
    })
}

/// Completes a collector's URL by the path of traces, as the OTLP exporter's specification has it.
fn of_traces(mut endpoint: Endpoint) -> Endpoint {
    let base = endpoint.path.trim_end_matches('/');
    if !base.ends_with(SIGNAL) {
        endpoint.path = format!("{base}{SIGNAL}");
    }
    endpoint
}

/// A word, or a truth value, which the environment has as text.
#[allow(clippy::option_option)] // outside: whether it is sound; inside: whether it is set
fn upstream(section: &Section<'_>) -> Option<Option<bool>> {
    let words = [("auto", None), ("true", Some(true)), ("false", Some(false))];
    match &section.node("upstream")?.value {
        TomlValue::Boolean(truth) => Some(Some(*truth)),
        TomlValue::Text(_) => section.one_of("upstream", &words),
        other => {
            section.fault_at("upstream", none_of(other.kind(), words.iter().map(|(word, _)| *word)));
            None
        }
    }
}
