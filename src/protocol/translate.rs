//! The translation, both ways: legacy request → JSON request, JSON answer → legacy answer.
//!
//! Pure: no I/O, no clock, no environment; a test reads these sources and fails on such an import.

mod alike;
mod answer;

pub mod envelope;
pub mod facts;
pub mod form;
pub mod hide;
pub(crate) mod json;
pub mod kept;
mod list;
pub mod multipart;
pub mod reply_context;
pub mod refusal;
pub mod request;
pub mod response;
mod scan;
pub mod shape;
pub mod status;
pub mod texts;
pub mod value;

use bytes::Bytes;

use crate::protocol::reject::Reject;
use envelope::{Envelope, Json};
use form::{Builder, Form, SentIn};

/// The parts of a request that the translation reads.
pub struct Incoming<'a> {
    /// The target's part behind the `?`, encoded.
    pub query: &'a [u8],
    /// The Content-Type, if there is one.
    pub content_type: Option<&'a str>,
    /// The whole body.
    pub body: &'a Bytes,
    /// The most parameters that a request may have.
    pub most_pairs: usize,
}

/// Which door a request is for: its content decides, never its path or method.
pub enum Parsed<'a> {
    /// Parameters: the old API.
    Legacy(Form),
    /// JSON: the new API.
    Json(Envelope<'a>),
}

/// Reads a request, whatever its Content-Type says.
///
/// # Errors
/// BADREQUEST, BADPARAM, AMBIGUOUS or TOOLARGE.
pub fn read<'a>(incoming: &Incoming<'a>) -> Result<Parsed<'a>, Reject> {
    let pairs = incoming.most_pairs;
    let typed = incoming.content_type.filter(|_| !incoming.body.is_empty());
    if let Some(boundary) = typed.map(multipart::boundary).transpose()?.flatten() {
        let mut builder = Builder::new(incoming.query.len() + incoming.body.len(), pairs);
        builder.urlencoded(incoming.query, SentIn::Query)?;
        multipart::read(incoming.body, &boundary, &mut builder)?;
        return Ok(Parsed::Legacy(builder.build()?));
    }
    if looks_like_json(incoming.body) {
        let query = Form::read(incoming.query, b"", pairs)?;
        match envelope::read(incoming.body, &query)? {
            Json::Envelope(envelope) => return Ok(Parsed::Json(envelope)),
            Json::Silent => return Ok(Parsed::Legacy(query)),
            Json::Other => {}
        }
    }
    match Form::read(incoming.query, incoming.body, pairs) {
        Ok(form) => Ok(Parsed::Legacy(form)),
        Err(_) if is_utf_16(incoming.body) => Err(UTF_16),
        Err(reject) => Err(reject),
    }
}

/// Whether a text begins with a byte order mark of UTF-16, which is never valid UTF-8.
fn is_utf_16(body: &[u8]) -> bool {
    matches!(body, [0xff, 0xfe, ..] | [0xfe, 0xff, ..])
}

const UTF_16: Reject = Reject::BadRequest(std::borrow::Cow::Borrowed(
    "the body is UTF-16, by its byte order mark: send it as UTF-8",
));

/// What can be read of a request that was refused before it was parsed: for the `op` and `id` of its answer. A body
/// that is not a plain form is skipped.
#[must_use]
pub fn glimpse(incoming: &Incoming<'_>) -> Form {
    Form::glimpse(incoming.query, incoming.body, incoming.most_pairs)
}

/// The parameters of the query, for a request whose body was not read.
#[must_use]
pub fn glimpse_of_query(query: &[u8], most_pairs: usize) -> Form {
    Form::glimpse(query, b"", most_pairs)
}

/// A cheap first look: forms of real clients begin with a letter.
fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    first.is_some_and(|byte| matches!(byte, b'{' | b'[' | b'"' | b'n' | 0xef))
}
