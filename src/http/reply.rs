//! What a request came to, before any version of HTTP writes it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use crate::policy::cache::State;
use crate::policy::limit::{policy_header, state_header};
use crate::protocol::outcome::Outcome;
use crate::telemetry::trail::Trail;

/// The type of a reply for people.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A reply with its body whole: it always has a length, so HTTP/1.0 callers can read it.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body; none where there is none.
    pub content_type: Option<&'static str>,
    /// What happened upstream, where the API was asked.
    pub outcome: Option<Outcome>,
    /// Headers that few replies have: names in lower case, values without control bytes.
    pub more: Vec<(&'static str, Cow<'static, str>)>,
    /// The body.
    pub body: Bytes,
    /// Whether the connection ends with it.
    pub ends: bool,
    /// When it was ready, since 1970: set once nothing is left to be done for it.
    pub at: Duration,
}

/// What every reply says: nobody may keep it, or guess at its type.
const ALWAYS: [(&str, &str); 2] = [("cache-control", "no-store"), ("x-content-type-options", "nosniff")];
/// The header that says what happened upstream.
const OUTCOME: &str = "x-mesigate-outcome";

/// A JSON reply of either door.
#[must_use]
pub fn json(status: u16, body: Bytes, outcome: Outcome) -> Reply {
    Reply { outcome: Some(outcome), ..plain(status, body, "application/json") }
}

/// A reply of any type.
#[must_use]
pub fn plain(status: u16, body: Bytes, content_type: &'static str) -> Reply {
    Reply {
        status,
        content_type: Some(content_type),
        outcome: None,
        more: Vec::new(),
        body,
        ends: false,
        at: Duration::ZERO,
    }
}

/// A reply without a body.
#[must_use]
pub fn empty(status: u16) -> Reply {
    Reply { content_type: None, ..plain(status, Bytes::new(), TEXT) }
}

/// What limits and the cache have to say of an answer.
pub fn policies(trail: &Trail, reply: &mut Reply) {
    if let Some((state, age)) = trail.cache {
        reply.say("x-cache", state.text());
        if state != State::Bypass {
            reply.say("age", age.as_secs().to_string());
        }
    }
    if let (Some(policy), Some(state)) = (policy_header(&trail.standing), state_header(&trail.standing)) {
        reply.say("ratelimit-policy", policy);
        reply.say("ratelimit", state);
    }
    if !trail.would_refuse.is_empty() {
        // Rules' names are letters and digits: a header can always hold them.
        reply.say("x-mesigate-would-limit", trail.would_refuse.join(", "));
    }
    if let Some(seconds) = trail.retry_after {
        reply.say("retry-after", seconds.to_string());
    }
}

impl Reply {
    /// Adds a header: a name in lower case, a value without control bytes.
    pub fn say(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.more.push((name, value.into()));
    }

    /// Every header but those of the connection, the length and the date.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let content_type = self.content_type.map(|content_type| ("content-type", content_type));
        let outcome = self.outcome.map(|outcome| (OUTCOME, outcome.text()));
        let more = self.more.iter().map(|(name, value)| (*name, value.as_ref()));
        content_type.into_iter().chain(ALWAYS).chain(outcome).chain(more)
    }

    /// The reply as hyper takes it.
    #[must_use]
    pub fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers() {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        if self.ends {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        *response.body_mut() = Full::new(self.body);
        response
    }
}
