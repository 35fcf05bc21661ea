//! A request as spans of OTLP, with the names of OpenTelemetry's semantic conventions for HTTP (1.45, "HTTP spans") and,
//! behind `mesigate.`, with names of the gateway's own. No query, no body and no token is in any of them.

use std::time::Duration;

use hyper::Method;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use prost::Message as _;

use super::attributes::Attributes;
use crate::config::TraceConfig;
use crate::protocol::reject::Label;
use crate::telemetry::trace::context::Context;
use crate::telemetry::trace::record::{Record, is_fault};
use crate::telemetry::trace::span::Attempt;
use crate::telemetry::trace::tracer::Left;

/// The flags of a span: whether it was sampled, and whether it is known that its parent is of another process (trace.proto,
/// `SpanFlags`).
const SAMPLED: u32 = 1;
const HAS_IS_REMOTE: u32 = 0x100;
const IS_REMOTE: u32 = 0x200;

/// Who the spans are of.
pub struct Resource(v1::Resource);

impl Resource {
    /// The gateway, as the settings name it.
    #[must_use]
    pub fn new(settings: &TraceConfig) -> Self {
        let mut attributes = Attributes::default();
        attributes.text("service.name", settings.service.as_str());
        attributes.text("service.version", env!("CARGO_PKG_VERSION"));
        for (name, value) in &settings.resource {
            attributes.text(name, value.as_str());
        }
        Self(v1::Resource { attributes: attributes.0, ..v1::Resource::default() })
    }

    /// These spans as a request to a collector.
    #[must_use]
    pub fn request(&self, spans: Vec<Span>) -> Vec<u8> {
        let (name, version) = ("mesigate".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let scope = InstrumentationScope { name, version, ..InstrumentationScope::default() };
        let of_scope = ScopeSpans { scope: Some(scope), spans, schema_url: String::new() };
        let of_resource = ResourceSpans {
            resource: Some(self.0.clone()),
            scope_spans: vec![of_scope],
            schema_url: String::new(),
        };
        ExportTraceServiceRequest { resource_spans: vec![of_resource] }.encode_to_vec()
    }
}

/// Adds the spans of what a worker has left: of a request its own, and one for each time that upstream was asked.
pub fn of(left: &Left, all: &mut Vec<Span>) {
    match left {
        Left::Request(record) => {
            all.push(server(record));
            let asked = record.attempts.iter().enumerate();
            all.extend(asked.map(|(number, attempt)| client((record.own, record.at), attempt, number)));
        }
        Left::Late(late) => all.push(client((late.own, late.at), &late.attempt, 0)),
    }
}

fn server(record: &Record) -> Span {
    let remote = if record.parent.is_some() { IS_REMOTE } else { 0 };
    Span {
        span_id: record.own.span.to_be_bytes().to_vec(),
        parent_span_id: record.parent.map(|parent| parent.to_be_bytes().to_vec()).unwrap_or_default(),
        name: name(record),
        kind: SpanKind::Server.into(),
        flags: SAMPLED | HAS_IS_REMOTE | remote,
        attributes: told(record).0,
        status: is_fault(record.label).then(|| fault(record.label.text())),
        ..span(record.own, record.at, record.took)
    }
}

/// A span's name: the method, and the route if there is one.
fn name(record: &Record) -> String {
    let method = method(record).unwrap_or("HTTP");
    if record.is_known { format!("{method} {}", record.path.text()) } else { method.to_owned() }
}

/// The method, if it is one of HTTP's: callers invent others, which name nothing.
fn method(record: &Record) -> Option<&str> {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::TRACE,
        Method::CONNECT,
    ];
    KNOWN.contains(&record.method).then(|| record.method.as_str())
}

/// What a request's own span says.
fn told(record: &Record) -> Attributes {
    let mut told = Attributes::default();
    told.text("http.request.method", method(record).unwrap_or("_OTHER"));
    let path = record.path.text();
    if record.is_known {
        told.text("http.route", path.as_str());
    }
    told.text("url.path", path);
    told.text("url.scheme", if record.is_secure { "https" } else { "http" });
    let sent = record.host.text();
    let (host, port) = host(&sent);
    told.text("server.address", host);
    if let Some(port) = port {
        told.number("server.port", port);
    }
    told.text("network.protocol.version", record.version);
    told.number("http.response.status_code", record.status);
    if let Some(came) = record.came {
        told.number("http.request.body.size", size(came));
    }
    told.number("http.response.body.size", size(record.went));
    if let Some(client) = record.client {
        told.text("client.address", client.to_string());
    }
    if !matches!(record.label, Label::Ok | Label::Outside) {
        told.text("error.type", record.label.text());
    }
    told.text("mesigate.op", record.operation.text());
    told.text("mesigate.door", record.door.text());
    told.text("mesigate.outcome", record.outcome.text());
    told.text("mesigate.cache", record.cache.map_or("", |cache| cache.text()));
    told.text("mesigate.limit", record.limit.as_deref().unwrap_or_default());
    told.text("mesigate.app", record.app.as_ref().map_or("", |app| app.name.as_str()));
    told
}

/// Upstream as it was asked for a request with this place, which began then.
fn client((own, began): (Context, Duration), attempt: &Attempt, number: usize) -> Span {
    let mut told = Attributes::default();
    told.text("http.request.method", "POST");
    told.text("url.full", attempt.host.url.as_str());
    told.text("server.address", attempt.host.name.as_str());
    told.number("server.port", attempt.host.port);
    told.text("network.protocol.version", "1.1");
    if let Some(peer) = attempt.peer {
        told.text("network.peer.address", peer.ip().to_string());
        told.number("network.peer.port", peer.port());
    }
    if let Some(status) = attempt.status {
        told.number("http.response.status_code", status);
    }
    if number > 0 {
        told.number("http.request.resend_count", i64::try_from(number).unwrap_or(i64::MAX));
    }
    told.truth("mesigate.connection.reused", attempt.is_reused);
    let bad_status = attempt.status.filter(|status| *status >= 400).map(|status| status.to_string());
    let why = attempt.fault.map(str::to_owned).or(bad_status);
    if let Some(why) = &why {
        told.text("error.type", why.as_str());
    }
    Span {
        span_id: attempt.id.to_be_bytes().to_vec(),
        parent_span_id: own.span.to_be_bytes().to_vec(),
        name: "POST".to_owned(),
        kind: SpanKind::Client.into(),
        flags: SAMPLED | HAS_IS_REMOTE,
        attributes: told.0,
        status: why.map(|why| fault(&why)),
        ..span(own, began + attempt.after, attempt.took)
    }
}

/// What all spans of a request share, and when one began and ended.
fn span(own: Context, at: Duration, took: Duration) -> Span {
    Span {
        trace_id: own.trace.to_be_bytes().to_vec(),
        start_time_unix_nano: nanoseconds(at),
        end_time_unix_nano: nanoseconds(at + took),
        ..Span::default()
    }
}

fn fault(why: &str) -> Status {
    Status { code: StatusCode::Error.into(), message: why.to_owned() }
}

/// The host of a `Host`, and its port if it names one.
fn host(field: &str) -> (&str, Option<u16>) {
    match field.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && (host.ends_with(']') || !host.contains(':')) => {
            (host.trim_matches(['[', ']']), port.parse().ok())
        }
        _ => (field.trim_matches(['[', ']']), None),
    }
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn nanoseconds(since: Duration) -> u64 {
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_may_have_a_port() {
        assert_eq!(host("gateway.example.com:8080"), ("gateway.example.com", Some(8080)));
        assert_eq!(host("gateway.example.com"), ("gateway.example.com", None));
        assert_eq!(host("[::1]:8080"), ("::1", Some(8080)));
        assert_eq!(host("[::1]"), ("::1", None));
        assert_eq!(host(""), ("", None));
    }
}
