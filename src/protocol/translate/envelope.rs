//! A JSON body → [`Envelope`]: just enough of it to know what it asks for. Its bytes stay as they are.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::form::{Form, same};
use super::json;
use super::scan::{Fault, Scanner};
use crate::protocol::reject::Reject;

/// How deep a request may be nested before the scan of it gives up; the API's own go to 4.
pub(super) const DEEPEST: usize = 128;

/// A request of the JSON API, as its caller wrote it.
///
/// No `Debug`: the payload holds tokens and messages.
pub struct Envelope<'a> {
    /// The operation.
    pub op: Cow<'a, str>,
    /// The token, if there is one.
    pub token: Option<Cow<'a, str>>,
    /// The caller's request number, as JSON text of any type.
    pub id: Option<&'a str>,
    /// The whole object, byte for byte.
    pub payload: Cow<'a, [u8]>,
    /// Where in the payload the token stands, quotes included.
    token_at: Option<Range<usize>>,
}

impl Envelope<'_> {
    /// Writes the payload with another token in the place of the caller's; byte for byte otherwise.
    pub fn write_with_token(&self, token: &str, out: &mut Vec<u8>) {
        let Some(at) = &self.token_at else {
            return out.extend_from_slice(&self.payload);
        };
        out.extend_from_slice(&self.payload[..at.start]);
        json::string(out, token);
        out.extend_from_slice(&self.payload[at.end..]);
    }
}

/// What a body that may be JSON turned out to be.
pub enum Json<'a> {
    /// A request of the JSON API.
    Envelope(Envelope<'a>),
    /// Nothing of its own to say: empty, or an object with neither `op` nor a payload; the query
    /// counts.
    Silent,
    /// Not JSON at all.
    Other,
}

/// Looks at a body by its content, whatever its Content-Type says (contract, section 5.5). An `op`
/// or `token` that stands only in the query beside a payload is put in front of it: the rest stays
/// as it is.
///
/// # Errors
/// BADREQUEST for text that begins as a JSON object and is none; AMBIGUOUS when `op` or `token`
/// says another thing than the query.
pub fn read<'a>(body: &'a [u8], query: &Form) -> Result<Json<'a>, Reject> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    match text {
        b"" | b"null" | b"[]" | b"\"\"" => return Ok(Json::Silent),
        [b'{', ..] => {}
        _ => return Ok(Json::Other),
    }
    let members = match str::from_utf8(text).map(Members::scan) {
        Ok(Ok(members)) => members,
        // It goes as deep as anybody writes, and says where a text stops being JSON.
        _ => serde_json::from_slice(text).map_err(|error| not_json(&error))?,
    };
    let token = string("token", members.token)?;
    let query_token = query.single("token")?;
    agree("token", token.as_deref(), query_token)?;
    let op = string("op", members.op)?;
    let query_op = query.single("op")?;
    agree("op", op.as_deref(), query_op)?;

    let lent_op = query_op.filter(|_| members.op.is_none() && members.has_payload);
    let lent_token = query_token.filter(|_| members.token.is_none());
    let Some(op) = op.or_else(|| lent_op.map(owned)) else {
        return Ok(Json::Silent);
    };
    let own_token_at = members.token.map(|value| place(text, value));
    let (payload, token_at) = match (lent_op, lent_token) {
        (None, None) => (Cow::Borrowed(text), own_token_at),
        _ => with_lent(text, lent_op, lent_token, own_token_at),
    };
    let id = members.id.filter(|id| *id != "null");
    let token = token.or_else(|| lent_token.map(owned));
    Ok(Json::Envelope(Envelope { op, token, id, payload, token_at }))
}

/// What stood in the query, which does not last.
fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// Where `part`, a slice of `text`, stands in it.
fn place(text: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// The object with members in front that stood only in the query, and where the token stands in it.
fn with_lent(
    object: &[u8],
    op: Option<&str>,
    token: Option<&str>,
    own_token_at: Option<Range<usize>>,
) -> (Cow<'static, [u8]>, Option<Range<usize>>) {
    let mut payload = b"{".to_vec();
    if let Some(op) = op {
        payload.extend_from_slice(b"\"op\":");
        json::string(&mut payload, op);
        payload.push(b',');
    }
    let lent_token_at = token.map(|token| {
        payload.extend_from_slice(b"\"token\":");
        let start = payload.len();
        json::string(&mut payload, token);
        let end = payload.len();
        payload.push(b',');
        start..end
    });
    let moved = payload.len() - 1;
    payload.extend_from_slice(&object[1..]);
    let own = own_token_at.map(|at| at.start + moved..at.end + moved);
    (payload.into(), lent_token_at.or(own))
}

/// The members that are looked at, as JSON text.
#[derive(Default)]
struct Members<'a> {
    op: Option<&'a str>,
    token: Option<&'a str>,
    id: Option<&'a str>,
    /// Whether any other member is an object, as every payload of the API is.
    has_payload: bool,
}

/// A member that is looked at stands there twice.
struct Twice;

impl<'a> Members<'a> {
    /// Of an object that is not nested too deeply.
    fn scan(text: &'a str) -> Result<Self, Fault> {
        let mut members = Self::default();
        let mut scanner = Scanner::new(text, DEEPEST);
        scanner.object(|scanner, name| {
            // JSON by its grammar need not be text: half a surrogate pair is left to the other reader.
            if !name.is_plain() {
                return Err(Fault::Syntax);
            }
            let value = scanner.value()?;
            members.add(|known| name.is(known), value).map_err(|Twice| Fault::Syntax)
        })?;
        scanner.end()?;
        Ok(members)
    }

    fn add(&mut self, is: impl Fn(&str) -> bool, value: &'a str) -> Result<(), Twice> {
        let place = if is("op") {
            &mut self.op
        } else if is("token") {
            &mut self.token
        } else if is("id") {
            &mut self.id
        } else {
            self.has_payload |= value.starts_with('{');
            return Ok(());
        };
        if place.replace(value).is_some() { Err(Twice) } else { Ok(()) }
    }
}

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Top)
    }
}

struct Top;

impl<'a> Visitor<'a> for Top {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Members<'a>, M::Error> {
        let mut members = Members::default();
        while let Some(key) = map.next_key::<Cow<'a, str>>()? {
            let value: &RawValue = map.next_value()?;
            members
                .add(|known| key == known, value.get())
                .map_err(|Twice| M::Error::custom("written twice"))?;
        }
        Ok(members)
    }
}

/// A member's text; `null` and the empty text say nothing, as an empty parameter does.
fn string<'a>(name: &str, value: Option<&'a str>) -> Result<Option<Cow<'a, str>>, Reject> {
    let Some(value) = value else {
        return Ok(None);
    };
    let text = match json::unescaped(value) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => serde_json::from_str::<Option<String>>(value)
            .map_err(|_| Reject::bad_param(name, "is not a JSON string: write it in quotes"))?
            .map(Cow::Owned),
    };
    Ok(text.filter(|text| !text.is_empty()))
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

#[cfg(test)]
mod tests {
    use super::read;
    use crate::protocol::translate::form::Form;

    #[test]
    fn a_name_that_is_no_text_is_refused() {
        let body = br#"{"op":"x","token":"t","\ud800":{}}"#;
        assert!(read(body, &Form::default()).is_err());
        let body = br#"{"op":"x","token":"t","\u0061":{}}"#;
        assert!(read(body, &Form::default()).is_ok());
    }
}
