//! The headers of an answer that policies set: limits, the cache, planned pauses, and the end of the old door.

use crate::config::migration::Deprecation;
use crate::http::reply::Reply;
use crate::ledger::program;
use crate::policy::cache::Provenance;
use crate::policy::limit::{policy_header, state_header};
use crate::snapshot::Snapshot;
use crate::telemetry::trail::{Door, Trail};

/// Adds the headers about cache and limits to a reply, as the request's trail has them.
pub fn policies(trail: &Trail, reply: &mut Reply) {
    if let Some((state, age)) = trail.cache {
        reply.say("X-Cache", state.text());
        if state != Provenance::Bypass {
            reply.say("Age", age.as_secs().to_string());
        }
    }
    if let (Some(policy), Some(state)) =
        (policy_header(&trail.admission.standing), state_header(&trail.admission.standing))
    {
        reply.say("RateLimit-Policy", policy);
        reply.say("RateLimit", state);
    }
    if !trail.admission.would_refuse.is_empty() {
        // Rules' names are letters and digits: a header can always hold them.
        reply.say("X-Mesigate-Would-Limit", trail.admission.would_refuse.join(", "));
    }
    if !trail.rehearsed.is_empty() {
        // Windows' names are letters and digits too.
        reply.say("X-Mesigate-Would-Brownout", trail.rehearsed.join(", "));
    }
    if let Some(seconds) = trail.retry_after {
        reply.say("Retry-After", seconds.to_string());
    }
}

/// Adds what the settings say of the end of the old door, to answers and refusals of that door alone. Without any
/// `[[deprecation]]` nothing is looked at.
pub fn deprecation(snapshot: &Snapshot, trail: &Trail, user_agent: Option<&[u8]>, reply: &mut Reply) {
    let migration = &snapshot.config.migration;
    if migration.deprecations.is_empty() || trail.door != Door::Legacy {
        return;
    }
    let app = trail.app.as_ref().map(|app| app.name.as_str());
    let operation = trail.operation.and_then(|number| snapshot.table.operations().get(number));
    let operation = operation.map(|operation| operation.row.name.as_str());
    if let Some(deprecation) = migration.deprecation(app, operation, program(user_agent)) {
        say(deprecation, reply);
    }
}

/// `Deprecation` is a date of Structured Fields (RFC 9745, section 2.1), `Sunset` one of HTTP (RFC 8594, section 3).
fn say(deprecation: &Deprecation, reply: &mut Reply) {
    reply.say("Deprecation", format!("@{}", deprecation.since.0));
    if let Some(sunset) = deprecation.sunset {
        reply.say("Sunset", sunset.http_date());
    }
    let page =
        deprecation.link.as_ref().map(|link| format!("<{link}>; rel=\"deprecation\"; type=\"text/html\""));
    let successor = deprecation.successor.as_ref().map(|link| format!("<{link}>; rel=\"successor-version\""));
    let links: Vec<String> = page.into_iter().chain(successor).collect();
    if !links.is_empty() {
        reply.say("Link", links.join(", "));
    }
}
