//! The headers of an answer that limits and the cache set.

use crate::http::reply::Reply;
use crate::policy::cache::Provenance;
use crate::policy::limit::{policy_header, state_header};
use crate::telemetry::trail::Trail;

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
    if let Some(seconds) = trail.retry_after {
        reply.say("Retry-After", seconds.to_string());
    }
}
