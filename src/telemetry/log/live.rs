//! The line of an answered request for those who look on: as typed as the log's, and with no more of the request's text.

use std::time::Duration;

use serde::Serialize;

use super::line::{InForce, ShownHead};
use super::own;
use crate::http::reply::Reply;
use crate::ledger::facts::Ending;
use crate::telemetry::trail::Trail;

/// What is shown of a request.
#[derive(Serialize)]
struct Line<'l> {
    /// When it was answered, in seconds since 1970.
    at: f64,
    app: Option<&'l str>,
    door: &'static str,
    operation: Option<&'l str>,
    /// `done`, `failed`, `refused` or `unknown`.
    outcome: &'static str,
    label: &'static str,
    error: Option<&'l str>,
    took_us: u64,
    upstream_us: Option<u64>,
    agent: Option<String>,
    method: &'l str,
    path: String,
    /// How many parameters are not in the JSON.
    dropped: usize,
    cache: Option<&'static str>,
    status: u16,
}

/// A request's line, as a JSON object.
#[must_use]
pub fn line(
    in_force: InForce<'_>,
    trail: &Trail,
    (method, seen): (&str, &ShownHead<'_>),
    reply: &Reply,
    took: Duration,
) -> String {
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let operations = in_force.table.operations();
    let known = trail.operation.map(|number| operations[number].row.name.as_str());
    let path = str::from_utf8(seen.path)
        .ok()
        .filter(|path| in_force.config.listen.paths.iter().any(|own| own == path));
    let line = Line {
        at: reply.at.as_secs_f64(),
        app: trail.app.as_ref().map(|app| app.name.as_str()),
        door: trail.door.text(),
        operation: known.or_else(|| own::op(&trail.op)),
        outcome: outcome(trail.ending()),
        label: trail.label.text(),
        error: trail.error.as_deref(),
        took_us: micros(took),
        upstream_us: trail.upstream.map(micros),
        agent: seen.user_agent.map(|agent| String::from_utf8_lossy(&own::user_agent(agent)).into_owned()),
        method,
        path: path.map_or_else(|| own::path(seen.path), str::to_owned),
        dropped: trail.dropped,
        cache: trail.cache.map(|(state, _)| state.text()),
        status: reply.status,
    };
    serde_json::to_string(&line).unwrap_or_default()
}

fn outcome(ending: Ending) -> &'static str {
    match ending {
        Ending::Ok => "done",
        Ending::Failed => "failed",
        Ending::Refused | Ending::HeldOff => "refused",
        Ending::Unsure => "unknown",
    }
}
