//! Upstream's answers as replies of the old door.

use bytes::Bytes;

use crate::http::reply::{self, Reply};
use crate::protocol::outcome::Outcome;
use crate::protocol::translate::status::handed_out;
use crate::snapshot::Snapshot;
use crate::telemetry::trail::Trail;

/// Upstream's answer as a reply of the old door; `code` is that of a failure.
pub fn legacy_reply(
    snapshot: &Snapshot,
    trail: &Trail,
    code: Option<u16>,
    body: Bytes,
    outcome: Outcome,
) -> Reply {
    let status = match code {
        Some(code @ 400..=599) if has_http_status(snapshot, trail) => handed_out(code),
        _ => 200,
    };
    reply::json(status, body, outcome, snapshot.config.legacy.content_type)
}

/// Whether failures show in the HTTP status: by the app's own setting, or by that of all where the app has none or the
/// caller is not known.
pub fn has_http_status(snapshot: &Snapshot, trail: &Trail) -> bool {
    let of_app = trail.app.as_ref().and_then(|app| app.http_status);
    of_app.unwrap_or(snapshot.config.legacy.http_status)
}
