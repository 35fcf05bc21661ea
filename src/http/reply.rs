//! What a request came to → an HTTP response.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use crate::cache::State;
use crate::limit::{policy_header, state_header};
use crate::outcome::Outcome;
use crate::trail::Trail;

/// A response with its body whole: it always has a Content-Length, so HTTP/1.0 callers can read it.
pub type Reply = Response<Full<Bytes>>;

/// A JSON reply of either door.
#[must_use]
pub fn json(status: u16, body: Bytes, outcome: Outcome) -> Reply {
    let mut reply = plain(status, body, "application/json");
    reply.headers_mut().insert("x-mesigate-outcome", HeaderValue::from_static(outcome.text()));
    reply
}

/// A reply that must not be kept or guessed at by whoever reads it.
#[must_use]
pub fn plain(status: u16, body: Bytes, content_type: &'static str) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    reply
}

/// What limits and the cache have to say of an answer.
pub fn policies(trail: &Trail, headers: &mut HeaderMap) {
    let mut say = |name: &'static str, value: String| {
        // Rules' names are letters and digits: a header can always hold them.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    };
    if let Some((state, age)) = trail.cache {
        say("x-cache", state.text().to_owned());
        if state != State::Bypass {
            say("age", age.as_secs().to_string());
        }
    }
    if let (Some(policy), Some(state)) = (policy_header(&trail.standing), state_header(&trail.standing)) {
        say("ratelimit-policy", policy);
        say("ratelimit", state);
    }
    if !trail.would_refuse.is_empty() {
        say("x-mesigate-would-limit", trail.would_refuse.join(", "));
    }
    if let Some(seconds) = trail.retry_after {
        say("retry-after", seconds.to_string());
    }
}

/// A reply without a body.
#[must_use]
pub fn empty(status: u16) -> Reply {
    let mut reply = plain(status, Bytes::new(), "text/plain");
    reply.headers_mut().remove(header::CONTENT_TYPE);
    reply
}

/// Ends the connection with the reply.
pub fn close(reply: &mut Reply) {
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// Whether the connection ends with the reply.
#[must_use]
pub fn ends_connection(reply: &Reply) -> bool {
    reply.headers().contains_key(header::CONNECTION)
}
