//! A request's answer, before a version of HTTP writes it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::mpsc;

use crate::http::net::clock::since_1970;
use crate::http::number::{self, Made};
use crate::http::proto::head_reject::HeadReject;
use crate::protocol::outcome::Outcome;

/// The content type of a reply in plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";

/// A reply with its whole body: the length is known, as HTTP/1.0 clients need it; but for a feed, which ends with the
/// connection.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The type of the body; `None` without a body.
    pub content_type: Option<&'static str>,
    /// What happened upstream, for requests of the API.
    pub outcome: Option<Outcome>,
    /// The number of the request, where the gateway has made it.
    pub number: Option<Made>,
    /// Headers that few replies have: names in their usual capitals, values without control bytes.
    pub more: Vec<(&'static str, Cow<'static, str>)>,
    /// Whether browsers may keep it, and ask each time whether it is still the same.
    pub is_kept: bool,
    /// The body.
    pub body: Bytes,
    /// What follows the body, piece by piece, for as long as there is more; over HTTP/1 alone.
    pub feed: Option<Box<Feed>>,
    /// Whether the connection ends with the reply.
    pub ends: bool,
    /// When the reply was ready, since 1970: set as the last thing before it is written.
    pub at: Duration,
}

/// The pieces of a reply that is not finished.
pub type Feed = mpsc::Receiver<Bytes>;

/// A header of every reply: browsers must not guess its type.
const ALWAYS: (&str, &str) = ("X-Content-Type-Options", "nosniff");
/// The header that tells what happened upstream.
const OUTCOME: &str = "X-Mesigate-Outcome";

/// The content type of the JSON door's answers.
pub const JSON: &str = "application/json";

/// A JSON reply of either door; each door has its own content type.
#[must_use]
pub fn json(status: u16, body: Bytes, outcome: Outcome, content_type: &'static str) -> Reply {
    Reply { outcome: Some(outcome), ..plain(status, body, content_type) }
}

/// A reply of any type.
#[must_use]
pub fn plain(status: u16, body: Bytes, content_type: &'static str) -> Reply {
    Reply {
        status,
        content_type: Some(content_type),
        outcome: None,
        number: None,
        more: Vec::new(),
        is_kept: false,
        body,
        feed: None,
        ends: false,
        at: Duration::ZERO,
    }
}

/// A reply that goes on for as long as `feed` does; its end is the connection's (RFC 9112, section 6.3).
#[must_use]
pub fn streamed(feed: Feed, content_type: &'static str) -> Reply {
    Reply { feed: Some(Box::new(feed)), ends: true, ..plain(200, Bytes::new(), content_type) }
}

/// The last answer of a connection, which says why a head is refused.
#[must_use]
pub fn refused(refusal: HeadReject) -> Reply {
    let why = format!("{}\n", refusal.why());
    Reply { at: since_1970(), ends: true, ..plain(refusal.status(), why.into(), TEXT) }
}

/// A reply without a body.
#[must_use]
pub fn empty(status: u16) -> Reply {
    Reply { content_type: None, ..plain(status, Bytes::new(), TEXT) }
}

impl Reply {
    /// Adds a header: a name in its usual capitals, which old clients may look for byte by byte, and a value
    /// without control bytes.
    pub fn say(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.more.push((name, value.into()));
    }

    /// What caches may do with it: nothing, unless it may be kept.
    #[must_use]
    pub const fn caching(&self) -> &'static str {
        if self.is_kept { "no-cache" } else { "no-store" }
    }

    /// Every header except those of the connection, the length and the date.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let content_type = self.content_type.map(|content_type| ("Content-Type", content_type));
        let outcome = self.outcome.map(|outcome| (OUTCOME, outcome.text()));
        let more = self.more.iter().map(|(name, value)| (*name, value.as_ref()));
        let made = self.number.as_ref().and_then(|made| Some((number::NAME, str::from_utf8(made).ok()?)));
        let always = [("Cache-Control", self.caching()), ALWAYS];
        content_type.into_iter().chain(always).chain(outcome).chain(made).chain(more)
    }

    /// The reply as hyper takes it.
    #[must_use]
    pub fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(Bytes::new()));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers() {
            // hyper writes names in lower case, as HTTP/2 requires (RFC 9113, section 8.2).
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        if self.ends {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        *response.body_mut() = Full::new(self.body);
        response
    }
}
