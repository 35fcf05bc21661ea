//! Reads of a JSON body what the gateway needs (`op`, `token`, `id`) into an [`Envelope`]; its bytes stay unchanged.

mod members;

use std::borrow::Cow;
use std::ops::Range;

use super::form::{Form, same};
use super::json;
use crate::protocol::reject::Reject;
use members::EnvelopeMembers;
pub use members::Others;

/// How deep a request may be nested before the scan gives up; the API's own requests have up to 4 levels.
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
    /// Its other members.
    pub others: Others<'a>,
    /// The token's place in the payload, quotes included.
    token_at: Option<Range<usize>>,
}

impl Envelope<'_> {
    /// Writes the payload with `token` in place of the caller's; otherwise byte for byte.
    pub fn write_with_token(&self, token: &str, out: &mut Vec<u8>) {
        let Some(at) = &self.token_at else {
            return out.extend_from_slice(&self.payload);
        };
        out.extend_from_slice(&self.payload[..at.start]);
        json::string(out, token);
        out.extend_from_slice(&self.payload[at.end..]);
    }

    /// The request with a number in place of the value at `at`; otherwise byte for byte.
    #[must_use]
    pub fn with_number(&self, at: &Range<usize>, number: i64) -> Envelope<'_> {
        let mut payload = self.payload[..at.start].to_vec();
        json::integer(&mut payload, number);
        let end = payload.len();
        payload.extend_from_slice(&self.payload[at.end..]);
        let moved = |place: usize| if place < at.end { place } else { place - at.end + end };
        Envelope {
            op: Cow::Borrowed(&self.op),
            token: self.token.as_deref().map(Cow::Borrowed),
            id: self.id,
            payload: payload.into(),
            others: self.others,
            token_at: self.token_at.as_ref().map(|token| moved(token.start)..moved(token.end)),
        }
    }
}

/// What a body turned out to be.
#[expect(clippy::large_enum_variant, reason = "one for each request, where it stays")]
pub enum Json<'a> {
    /// A request of the JSON API.
    Envelope(Envelope<'a>),
    /// Empty, or an object with neither `op` nor a payload; the query decides.
    Silent,
    /// Not JSON.
    Other,
}

/// Reads a body by its content: old programs send a JSON Content-Type with bodies that are not JSON. An `op` or `token`
/// that stands only in the query is put in front of the payload, which is otherwise unchanged.
///
/// # Errors
/// BADREQUEST for text that begins as a JSON object and is none; AMBIGUOUS if `op` or `token` differs from the query's;
/// BADPARAM for an `op` that another reader could take for another operation.
pub fn read<'a>(body: &'a [u8], query: &Form) -> Result<Json<'a>, Reject> {
    let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii();
    match text {
        b"" | b"null" | b"[]" | b"\"\"" => return Ok(Json::Silent),
        [b'{', ..] => {}
        _ => return Ok(Json::Other),
    }
    let members = match str::from_utf8(text).map(EnvelopeMembers::scan) {
        Ok(Ok(members)) => members,
        // serde_json has no depth limit of its own here, and says where a text stops being JSON.
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
    // A reader that trims, cuts or folds the name must not find another operation than the gateway.
    if !op.bytes().all(|byte| byte.is_ascii_graphic()) {
        let why = "has blanks, control characters or letters beyond ASCII: write it as the API names it";
        return Err(Reject::bad_param("op", why));
    }
    if let Some(known) = members.alike {
        let what = format!(
            "the body has a name that may be taken for `{known}`, with other letters, blanks or control characters: write it exactly so"
        );
        return Err(Reject::BadRequest(what.into()));
    }
    let own_token_at = members.token.map(|value| place(text, value));
    let (payload, token_at) = match (lent_op, lent_token) {
        (None, None) => (Cow::Borrowed(text), own_token_at),
        _ => with_lent(text, lent_op, lent_token, own_token_at),
    };
    let id = members.id.filter(|id| *id != "null");
    let token = token.or_else(|| lent_token.map(owned));
    Ok(Json::Envelope(Envelope { op, token, id, payload, others: members.others, token_at }))
}

/// Copies a text of the query, which does not live as long as the envelope.
fn owned(text: &str) -> Cow<'static, str> {
    Cow::Owned(text.to_owned())
}

/// Where `part`, a slice of `text`, stands in it.
pub(super) fn place(text: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// The object with the query's `op` or `token` put in front, and the place of the token in it.
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

/// A member's text; `null` and the empty text count as absent, like an empty parameter.
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

/// Refuses a text that is not JSON by its line and column, without any of the text.
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
    use crate::protocol::reject::Reject;
    use crate::protocol::translate::form::Form;

    #[test]
    fn a_name_that_is_no_text_is_refused() {
        let body = br#"{"op":"x","token":"t","\ud800":{}}"#;
        assert!(read(body, &Form::default()).is_err());
        let body = br#"{"op":"x","token":"t","\u0061":{}}"#;
        assert!(read(body, &Form::default()).is_ok());
    }

    /// The parameters at fault in a request with this query and this body.
    fn at_fault(query: &str, body: &str) -> Vec<String> {
        let query = Form::read(query.as_bytes(), b"", 9).expect("a form");
        let refused = read(body.as_bytes(), &query).err();
        let names = refused.iter().flat_map(Reject::properties);
        names.map(str::to_owned).collect()
    }

    #[test]
    fn an_op_is_visible_ascii_wherever_it_comes_from() {
        for op in
            ["groupset%00x", "group%20set", "group%C5%BFet", "to%E2%84%AAen", "%C4%B1d", "x%C2%A0", "%7F"]
        {
            assert_eq!(at_fault(&format!("op={op}"), r#"{"group":{"gid":7}}"#), ["op"], "{op}");
        }
        for op in
            [r"groupset\u0000x", " groupset", "groupset\u{17f}", r"\u0130d", r"\u212a", r"groupset\n", "é"]
        {
            assert_eq!(at_fault("", &format!(r#"{{"op":"{op}"}}"#)), ["op"], "{op}");
        }
        for op in ["groupset", "GroupSet", "a.b-c_d/9"] {
            assert_eq!(at_fault(&format!("op={op}"), r#"{"group":{"gid":7}}"#).len(), 0);
            assert_eq!(at_fault("", &format!(r#"{{"op":"{op}"}}"#)).len(), 0);
        }
    }

    #[test]
    fn a_name_that_some_reader_takes_for_one_that_counts_is_refused() {
        for name in
            [r"\u0000op", r"o\u0000p", r"\u0131d", r"\u0130d", "\u{131}D", r"to\u0000ken", "t\u{ff2f}ken"]
        {
            let body = format!(r#"{{"op":"userdel","{name}":"x"}}"#);
            assert!(read(body.as_bytes(), &Form::default()).is_err(), "{name}");
        }
    }
}
