//! CORS: adds `Access-Control-*` headers, only for the origins that the settings name.

use std::borrow::Cow;

use crate::config::Cors;
use crate::http::proto::fields::Fields;
use crate::http::proto::head::is_token;
use crate::http::reply::Reply;

/// The headers that any page may send.
const USUAL: [&str; 4] = ["Content-Type", "Accept", "Authorization", "X-Requested-With"];
/// How many further names are allowed, and of how many bytes: monitoring and frameworks add fewer.
const MOST_NAMES: usize = 32;
const LONGEST_NAME: usize = 64;

/// The headers that a page may read beside the safelisted ones: all that the documents mention.
const EXPOSED: &str = "X-Mesigate-Outcome, X-Request-Id, X-Mesigate-Would-Limit, X-Mesigate-Would-Brownout, Deprecation, Sunset, Link, Retry-After, RateLimit, RateLimit-Policy, X-Cache, Age, Date";

/// The value of `Access-Control-Allow-Origin`, if pages of the caller's origin may call.
fn allowed(cors: &Cors, origin: Option<&[u8]>) -> Option<Cow<'static, str>> {
    let origin = origin?;
    if cors.origins.iter().any(|allowed| allowed == "*") {
        return Some("*".into());
    }
    cors.origins.iter().find(|allowed| allowed.as_bytes() == origin).map(|allowed| allowed.clone().into())
}

/// Adds the headers that let a page read the reply.
pub fn permit(cors: &Cors, origin: Option<&[u8]>, reply: &mut Reply) {
    if share(cors, origin, reply) {
        reply.say("Access-Control-Expose-Headers", EXPOSED);
    }
}

/// Adds the headers that answer a preflight request.
pub fn preflight(cors: &Cors, fields: &Fields<'_>, reply: &mut Reply) {
    if share(cors, fields.origin, reply) {
        reply.say("Access-Control-Allow-Methods", super::METHODS);
        reply.say("Access-Control-Allow-Headers", headers(fields));
        reply.say("Access-Control-Max-Age", cors.max_age.as_secs().to_string());
    }
}

/// The headers that a page may send: the usual ones, and those that it asks for. The gateway reads none of the
/// latter, and monitoring in the page adds them to every call.
fn headers(fields: &Fields<'_>) -> String {
    let mut names = USUAL.map(str::to_owned).to_vec();
    let asked = fields.wishes.unwrap_or_default().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    for name in asked.filter(|name| name.len() <= LONGEST_NAME && is_token(name)) {
        let name = String::from_utf8_lossy(name);
        let is_there = names.iter().any(|known| known.eq_ignore_ascii_case(&name));
        if !is_there && names.len() < USUAL.len() + MOST_NAMES {
            names.push(name.into_owned());
        }
    }
    names.join(", ")
}

/// Adds the headers that tell whether pages of the origin may call; returns whether they may.
fn share(cors: &Cors, origin: Option<&[u8]>, reply: &mut Reply) -> bool {
    if cors.origins.is_empty() {
        return false;
    }
    reply.say("Vary", "Origin");
    let allowed = allowed(cors, origin);
    let is_allowed = allowed.is_some();
    if let Some(origin) = allowed {
        reply.say("Access-Control-Allow-Origin", origin);
    }
    is_allowed
}
