//! Reads the two calls, in whatever form a person has them at hand.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Incomparable, Settings, json};
use crate::protocol::explain::{self, Explained, Sample};
use crate::protocol::ops::{Operation, Table};
use crate::protocol::translate::envelope::{self, Envelope, Json};
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::{self, Incoming, Parsed};

/// Members of the envelope, at the top of every request.
pub(super) const ENVELOPE: [&str; 3] = ["op", "token", "id"];

/// Reads a call: a URL, a query, a JSON object, a curl command or a raw HTTP request.
///
/// # Errors
/// A sentence that says what is wrong and what would be right.
pub fn read(text: &[u8]) -> Result<Sample, String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    if text.is_empty() {
        return Err("it is empty: give a URL, a query, a JSON object, a curl command or a raw HTTP request"
            .to_owned());
    }
    if is_raw(text) {
        return explain::read_piped(text);
    }
    let text = str::from_utf8(text).map_err(|_| "it is neither HTTP nor text in UTF-8".to_owned())?;
    explain::read(&[text.trim().to_owned()])
}

/// Whether the first line is a request line. A message or a header may have ` HTTP/` in it too.
fn is_raw(text: &[u8]) -> bool {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let mut words = first.split(|byte| *byte == b' ');
    let is_method =
        words.next().is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_uppercase));
    is_method && words.next_back().is_some_and(|word| word.starts_with(b"HTTP/"))
}

/// The old call's operation and its form.
pub(super) fn old_call<'t>(old: &Sample, by: &Settings<'t>) -> Result<(&'t Operation, Form), Incomparable> {
    match explain::explain(old, by.table, by.most_pairs) {
        Ok(Explained::Legacy { operation, form }) => Ok((operation, form)),
        Ok(Explained::Json { .. }) => Err(Incomparable::old(
            "it is JSON already: give the old call first, then the JSON that replaces it",
        )),
        Err(refused) => Err(Incomparable::old(format!("it would be refused: {}", refused.reject.cause()))),
    }
}

/// A call of the JSON API, read so strictly that no reader finds other members in it.
///
/// No `Debug`: it holds a token.
pub struct NewCall {
    /// The operation.
    pub op: String,
    /// The token, if there is one.
    pub token: Option<String>,
    /// The caller's request number, of any type.
    pub id: Option<Value>,
    /// The other members.
    pub members: Map<String, Value>,
    /// The whole object.
    payload: Vec<u8>,
}

/// Reads the new call.
///
/// # Errors
/// It is no JSON, or would be refused.
pub fn new_call(new: &Sample, by: &Settings<'_>) -> Result<NewCall, Incomparable> {
    let body = Bytes::from(new.body.clone());
    let content_type = new.content_type.as_deref();
    let incoming = Incoming { query: &new.query, content_type, body: &body, most_pairs: by.most_pairs };
    let refused = |why: String| Incomparable::new(format!("it would be refused: {why}"));
    let envelope = match translate::read(&incoming).map_err(|reject| refused(reject.cause()))? {
        Parsed::Json(envelope) => envelope,
        Parsed::Legacy(_) => return Err(Incomparable::new(no_json(&new.body))),
    };
    let mut members = json::object(&envelope.payload).map_err(Incomparable::new)?;
    let id = members.remove("id").filter(|id| !id.is_null());
    for name in ENVELOPE {
        members.remove(name);
    }
    Ok(NewCall {
        op: envelope.op.as_ref().to_owned(),
        token: envelope.token.as_deref().map(str::to_owned),
        id,
        members,
        payload: envelope.payload.to_vec(),
    })
}

/// Why the new call is none of the JSON API.
fn no_json(body: &[u8]) -> &'static str {
    if body.trim_ascii_start().starts_with(b"{") {
        "its JSON has no `op`: name the operation, as in {\"op\":\"useradd\",\"token\":\"…\",\"user\":{…}}"
    } else {
        "it is an old call too: give the JSON that replaces it, as `mesigate explain` shows it"
    }
}

/// Whether the gateway takes the new call: another reader must not find another group in it, or more members.
pub(super) fn takes(new: &NewCall, table: &Table) -> Result<(), Incomparable> {
    let refused = |reject: crate::protocol::reject::Reject| {
        Incomparable::new(format!("it would be refused: {}", reject.cause()))
    };
    let (Some(operation), Ok(envelope)) = (table.find(&new.op), envelope_of(new)) else {
        return Ok(());
    };
    Facts::of_json(operation, &envelope).map(drop).map_err(refused)
}

fn envelope_of(new: &NewCall) -> Result<Envelope<'_>, ()> {
    match envelope::read(&new.payload, &Form::default()) {
        Ok(Json::Envelope(envelope)) => Ok(envelope),
        _ => Err(()),
    }
}
