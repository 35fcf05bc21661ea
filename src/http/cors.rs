//! Browser callers: `Access-Control-*`, only for the origins that the settings name.

use hyper::HeaderMap;
use hyper::header::{self, HeaderValue};

use crate::config::Cors;

/// The caller's origin, if its pages may call.
fn allowed(cors: &Cors, request: &HeaderMap) -> Option<HeaderValue> {
    let origin = request.get(header::ORIGIN)?;
    if cors.origins.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    let known = cors.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes());
    known.then(|| origin.clone())
}

/// Adds what lets a page read the reply.
pub fn permit(cors: &Cors, request: &HeaderMap, reply: &mut HeaderMap) {
    if cors.origins.is_empty() {
        return;
    }
    reply.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed(cors, request) {
        reply.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        let exposed = HeaderValue::from_static("X-Mesigate-Outcome, Retry-After");
        reply.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}

/// Adds what answers a browser's question before the call (preflight).
pub fn preflight(cors: &Cors, request: &HeaderMap, reply: &mut HeaderMap) {
    permit(cors, request, reply);
    if !reply.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    reply.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
    let methods = HeaderValue::from_static(super::METHODS);
    reply.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let headers = HeaderValue::from_static("Content-Type, Accept, Authorization, X-Requested-With");
    reply.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers);
    reply.insert(header::ACCESS_CONTROL_MAX_AGE, cors.max_age.as_secs().into());
}
