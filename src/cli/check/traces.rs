//! What `mesigate check` says of traces: where they go, and what of `[trace]` looks like a mistake.

use super::doubts::of_certificates;
use crate::config::{Accept, Config, Endpoint, Scheme, TraceConfig};
use crate::upstream::tls::UpstreamTls;

/// The port of OTLP over gRPC.
const GRPC: u16 = 4317;

/// Where spans go, in a few words.
pub fn told(config: &Config) -> String {
    match &config.trace.endpoint {
        None => "none".to_owned(),
        Some(url) => {
            format!("posted to {url}, as {}, a share of {} sampled", config.trace.service, config.trace.ratio)
        }
    }
}

/// Refuses a CA file of the collector's that `serve` could not begin with.
pub fn ca_file(config: &Config) -> Result<(), String> {
    let tls = config.trace.collector().map(|collector| UpstreamTls::new(&collector)).transpose();
    tls.map(drop).map_err(|what| TraceConfig::named(&what))
}

/// A sentence for each doubt.
pub fn doubts(config: &Config) -> Vec<String> {
    let trace = &config.trace;
    let Some(endpoint) = &trace.endpoint else {
        return Vec::new();
    };
    let mut doubts = of_endpoint(endpoint, trace);
    if !keeps_any(trace) {
        doubts.push("trace: no request is ever kept: the ratio is 0, and nobody else decides".to_owned());
    }
    doubts
}

fn of_endpoint(endpoint: &Endpoint, trace: &TraceConfig) -> Vec<String> {
    let mut doubts = Vec::new();
    if endpoint.port == GRPC {
        doubts.push(format!(
            "trace.endpoint: {endpoint} has the port of OTLP over gRPC, which is not spoken: collectors take HTTP on 4318"
        ));
    }
    match &trace.ca_file {
        Some(_) if endpoint.scheme == Scheme::Http => {
            doubts.push(format!("trace.ca_file counts for nothing: {endpoint} is plain HTTP"));
        }
        Some(file) => doubts.extend(of_certificates("trace.ca_file", file, usize::MAX)),
        None => {}
    }
    doubts
}

fn keeps_any(trace: &TraceConfig) -> bool {
    let callers_decide = trace.follow && trace.accept != Accept::Nobody;
    trace.ratio > 0.0 || trace.errors || trace.slow.is_some() || callers_decide
}
