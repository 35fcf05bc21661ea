//! Browser callers: `Access-Control-*`, only for the origins that the settings name.

use std::borrow::Cow;

use super::reply::Reply;
use crate::config::Cors;

/// What lets a page of the caller's origin read the reply, if its pages may call.
fn allowed(cors: &Cors, origin: Option<&[u8]>) -> Option<Cow<'static, str>> {
    let origin = origin?;
    if cors.origins.iter().any(|allowed| allowed == "*") {
        return Some("*".into());
    }
    cors.origins.iter().find(|allowed| allowed.as_bytes() == origin).map(|allowed| allowed.clone().into())
}

/// Adds what lets a page read the reply.
pub fn permit(cors: &Cors, origin: Option<&[u8]>, reply: &mut Reply) {
    if share(cors, origin, reply) {
        reply.say("access-control-expose-headers", "X-Mesigate-Outcome, Retry-After");
    }
}

/// Adds what answers a browser's question before the call (preflight).
pub fn preflight(cors: &Cors, origin: Option<&[u8]>, reply: &mut Reply) {
    if share(cors, origin, reply) {
        reply.say("access-control-allow-methods", super::METHODS);
        let headers = "Content-Type, Accept, Authorization, X-Requested-With";
        reply.say("access-control-allow-headers", headers);
        reply.say("access-control-max-age", cors.max_age.as_secs().to_string());
    }
}

/// Whether pages of the origin may call, which the reply then says.
fn share(cors: &Cors, origin: Option<&[u8]>, reply: &mut Reply) -> bool {
    if cors.origins.is_empty() {
        return false;
    }
    reply.say("vary", "Origin");
    let allowed = allowed(cors, origin);
    let is_allowed = allowed.is_some();
    if let Some(origin) = allowed {
        reply.say("access-control-allow-origin", origin);
    }
    is_allowed
}
