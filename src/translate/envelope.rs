//! A JSON body → [`Envelope`]: just enough of it to know what it asks for. Its bytes stay as they are.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::form::{Form, same};
use crate::reject::Reject;

/// A request of the JSON API, as its caller wrote it.
///
/// No `Debug`: the payload holds tokens and messages.
pub struct Envelope {
    /// The operation.
    pub op: String,
    /// The caller's request number, as JSON text of any type.
    pub id: Option<String>,
    /// The whole object, byte for byte.
    pub payload: Bytes,
}

/// What a body that may be JSON turned out to be.
pub enum Json {
    /// An object with an `op`: a request of the JSON API.
    Envelope(Envelope),
    /// Nothing of its own to say: empty, or an object without `op`; the query counts.
    Silent,
    /// Not JSON at all.
    Other,
}

#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    op: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// Looks at a body by its content, whatever its Content-Type says (contract, section 5.5).
///
/// # Errors
/// BADREQUEST for text that begins as a JSON object and is none; AMBIGUOUS when `op` or `token`
/// says another thing than the query.
pub fn read(body: &Bytes, query: &Form) -> Result<Json, Reject> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    match text {
        b"" | b"null" | b"[]" | b"\"\"" => return Ok(Json::Silent),
        [b'{', ..] => {}
        _ => return Ok(Json::Other),
    }
    let members: Members<'_> = serde_json::from_slice(text).map_err(|error| not_json(&error))?;
    let token = members.token.map(|token| string("token", token)).transpose()?;
    let query_token = query.single("token")?;
    agree("token", token.as_deref(), query_token)?;
    let Some(op) = members.op else {
        return Ok(Json::Silent);
    };
    let op = string("op", op)?;
    agree("op", Some(&op), query.single("op")?)?;
    let payload = match (token, query_token) {
        (None, Some(token)) => with_token(text, token),
        _ => body.slice_ref(text),
    };
    let id = members.id.map(|id| id.get().to_owned());
    Ok(Json::Envelope(Envelope { op, id, payload }))
}

/// The one thing that is added to a payload: a token that stood only in the query.
fn with_token(object: &[u8], token: &str) -> Bytes {
    let mut payload = b"{\"token\":".to_vec();
    super::json::string(&mut payload, token);
    payload.push(b',');
    payload.extend_from_slice(&object[1..]);
    payload.into()
}

fn string(name: &str, value: &RawValue) -> Result<String, Reject> {
    serde_json::from_str(value.get())
        .map_err(|_| Reject::bad_param(name, "is not a JSON string: write it in quotes"))
}

fn agree(name: &str, body: Option<&str>, query: Option<&str>) -> Result<(), Reject> {
    match (body, query) {
        (Some(body), Some(query)) if !same(name, body, query) => Err(Reject::Ambiguous {
            name: name.to_owned(),
            between: "one in the query and one in the JSON body".into(),
        }),
        _ => Ok(()),
    }
}

/// Says where the text stops being JSON, without any of the text.
fn not_json(error: &serde_json::Error) -> Reject {
    let what = match error.classify() {
        serde_json::error::Category::Data => "has `op`, `token` or `id` twice: write each once".to_owned(),
        serde_json::error::Category::Eof => "begins as a JSON object and ends too early".to_owned(),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            format!("begins as a JSON object and is none, at line {} column {}", error.line(), error.column())
        }
    };
    Reject::BadRequest(format!("the body {what}").into())
}
