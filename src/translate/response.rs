//! Row + upstream's answer → the JSON that an old client gets; and every refusal in the same shape.

use bytes::Bytes;

use super::answer::{self, Finds};
use super::json;
use super::request::Meant;
use super::value::Value;
use crate::ops::{AnswerForm, AnswerPlan, Operation, Shape, Shown, ShownContent, bit};
use crate::reject::Reject;

/// An answer for the caller, and upstream's verdict.
pub struct Told {
    /// The JSON.
    pub body: Vec<u8>,
    /// Upstream's `result`.
    pub result: bool,
    /// Upstream's `code`, if it gave one with a failure.
    pub code: Option<u16>,
    /// Whether upstream takes the token; unknown after a failure of another kind.
    pub token: Option<bool>,
}

/// Upstream's codes for a token that it does not take (contract, section 1).
const TOKEN_REFUSED: [&str; 3] = ["\"AUTHFAIL\"", "\"INVALIDTOKEN\"", "\"TOKENBREACH\""];

/// Whether an answer says that upstream takes the token.
fn token(finds: &Finds<'_>, result: bool) -> Option<bool> {
    let refused = finds[AnswerPlan::ERROR].is_some_and(|error| TOKEN_REFUSED.contains(&error));
    if result { Some(true) } else { refused.then_some(false) }
}

/// Reduces upstream's answer to what the page documents, with the page's types (promise 4).
///
/// # Errors
/// BADANSWER for anything that is not an answer of the API; none of its text is kept.
pub fn legacy(operation: &Operation, meant: &Meant<'_>, bytes: &[u8]) -> Result<Told, Reject> {
    let text = answer::sound(bytes)?;
    let finds = answer::read(text, &operation.answer)?;
    let result = answer::result(&finds)?;
    let mut body = Vec::with_capacity(bytes.len().min(512));
    body.push(b'{');
    let code = if result {
        let most_rows = operation.plan.count.and_then(|slot| match meant.values[slot] {
            Some(Value::Integer(count)) => usize::try_from(count).ok(),
            _ => None,
        });
        show(&operation.answer.shown, &finds, &Own { meant: Some(meant), most_rows }, &mut body)?;
        None
    } else {
        failure(operation, &finds, &mut body)
    };
    json::comma(&mut body);
    body.extend_from_slice(b"\"op\":");
    json::string(&mut body, meant.op);
    body.extend_from_slice(if result { b",\"result\":true" } else { b",\"result\":false" });
    if let Some(id) = meant.id {
        body.extend_from_slice(b",\"id\":");
        json::integer(&mut body, id);
    }
    body.push(b'}');
    Ok(Told { body, result, code, token: token(&finds, result) })
}

/// Whether an answer may be given to another caller who asks the same: a success in which every list
/// that the table shows is there and sound, and nothing is one caller's own.
#[must_use]
pub fn is_keepable(operation: &Operation, bytes: &[u8]) -> bool {
    let sound = || {
        let finds = answer::read(answer::sound(bytes)?, &operation.answer)?;
        let has_all = operation.answer.shown.iter().all(|member| match &member.content {
            ShownContent::Object(_) => true,
            ShownContent::Value { finds: places, .. } => places.iter().any(|place| finds[*place].is_some()),
        });
        let result = answer::result(&finds)?;
        let mut scratch = Vec::new();
        show(&operation.answer.shown, &finds, &Own::default(), &mut scratch)?;
        Ok::<bool, Reject>(result && has_all && finds[AnswerPlan::ID].is_none())
    };
    sound().unwrap_or(false)
}

/// An answer of the JSON door that was fetched for anybody, made one caller's: with the caller's own
/// `id`, and cut to the rows that were asked for.
#[must_use]
pub fn personal(operation: &Operation, bytes: &Bytes, id: Option<&str>, most_rows: Option<u64>) -> Bytes {
    let cut = most_rows.and_then(|most| cut_rows(operation, bytes, usize::try_from(most).ok()?));
    let bytes = cut.unwrap_or_else(|| bytes.clone());
    let Some((id, end)) = id.zip(bytes.trim_ascii_end().len().checked_sub(1)) else {
        return bytes;
    };
    let mut own = Vec::with_capacity(bytes.len() + id.len() + 6);
    own.extend_from_slice(&bytes[..end]);
    json::comma(&mut own);
    own.extend_from_slice(b"\"id\":");
    own.extend_from_slice(id.as_bytes());
    own.push(b'}');
    own.into()
}

/// The answer with fewer rows, if it has more than were asked for.
fn cut_rows(operation: &Operation, bytes: &[u8], most: usize) -> Option<Bytes> {
    let mut whole: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let lists = operation.row.answer.iter().filter(|field| matches!(field.shape, Shape::Rows(_)));
    let mut is_cut = false;
    for pointer in lists.flat_map(|field| &field.from) {
        if let Some(serde_json::Value::Array(rows)) = whole.pointer_mut(&pointer.to_string())
            && rows.len() > most
        {
            rows.truncate(most);
            is_cut = true;
        }
    }
    // Upstream counts its rows at the top (contract, section 1).
    if is_cut && let Some(count) = whole.get_mut("count") {
        *count = most.into();
    }
    is_cut.then(|| whole.to_string().into())
}

/// What of an answer is the caller's own: values that stand in, and how many rows were asked for.
#[derive(Default)]
struct Own<'m, 'f> {
    meant: Option<&'m Meant<'f>>,
    most_rows: Option<usize>,
}

/// Looks at an answer that is passed on as it is: it must be one of the API's all the same.
///
/// # Errors
/// BADANSWER for anything that is not an answer of the API.
pub fn verdict(bytes: &[u8], envelope: &AnswerPlan) -> Result<Verdict, Reject> {
    let finds = answer::read(answer::sound(bytes)?, envelope)?;
    let result = answer::result(&finds)?;
    Ok(Verdict { result, token: token(&finds, result) })
}

/// What an answer that is passed on as it is says.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// Upstream's `result`.
    pub result: bool,
    /// Whether upstream takes the token, if that can be told.
    pub token: Option<bool>,
}

/// Writes a refusal in the shape that upstream itself uses for failures, which both doors share.
/// `id` is JSON text.
#[must_use]
pub fn refusal(reject: &Reject, op: &str, id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(b"{\"op\":");
    json::string(&mut out, op);
    out.extend_from_slice(b",\"result\":false,\"error\":");
    json::string(&mut out, reject.code());
    out.extend_from_slice(b",\"code\":");
    json::integer(&mut out, i64::from(reject.status()));
    out.extend_from_slice(b",\"cause\":");
    json::string(&mut out, &reject.cause());
    let properties = reject.properties();
    if !properties.is_empty() {
        out.extend_from_slice(b",\"properties\":");
        strings(&mut out, properties.into_iter());
    }
    if let Some(id) = id {
        out.extend_from_slice(b",\"id\":");
        out.extend_from_slice(id.as_bytes());
    }
    out.push(b'}');
    out
}

fn strings<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str>) {
    out.push(b'[');
    for text in texts {
        json::comma(out);
        json::string(out, text);
    }
    out.push(b']');
}

/// Keeps a failure's members, each only with the type that the API gives it.
fn failure(operation: &Operation, finds: &Finds<'_>, out: &mut Vec<u8>) -> Option<u16> {
    let mut keep = |key: &[u8], value: Option<&str>| {
        if let Some(value) = value {
            json::comma(out);
            out.extend_from_slice(key);
            out.extend_from_slice(value.as_bytes());
        }
    };
    let is_text = |value: &&str| value.starts_with('"');
    let code = finds[AnswerPlan::CODE].and_then(integer);
    keep(b"\"error\":", finds[AnswerPlan::ERROR].filter(is_text));
    keep(b"\"code\":", code.as_deref());
    keep(b"\"cause\":", finds[AnswerPlan::CAUSE].filter(is_text));
    let properties: Option<Vec<String>> =
        finds[AnswerPlan::PROPERTIES].and_then(|text| serde_json::from_str(text).ok());
    if let Some(properties) = properties {
        json::comma(out);
        out.extend_from_slice(b"\"properties\":");
        strings(out, properties.iter().map(|property| operation.plan.legacy_name(property)));
    }
    code?.parse().ok()
}

fn show(shown: &[Shown], finds: &Finds<'_>, own: &Own<'_, '_>, out: &mut Vec<u8>) -> Result<(), Reject> {
    for member in shown {
        let start = out.len();
        json::comma(out);
        out.extend_from_slice(member.key.as_bytes());
        let written = match &member.content {
            ShownContent::Object(inside) => object(inside, finds, own, out)?,
            ShownContent::Value { finds: places, form, fill, .. } => {
                // An empty text in a number's place is a number that is not there.
                let is_there = |text: &&str| !(matches!(form, AnswerForm::Integer) && *text == "\"\"");
                let found = places.iter().find_map(|place| finds[*place].filter(is_there));
                match (found, fill) {
                    (Some(text), _) => value(form, text, own, out)?,
                    (None, Some(slot)) => stand_in(*slot, own, out),
                    (None, None) => false,
                }
            }
        };
        if !written {
            out.truncate(start);
        }
    }
    Ok(())
}

fn object(inside: &[Shown], finds: &Finds<'_>, own: &Own<'_, '_>, out: &mut Vec<u8>) -> Result<bool, Reject> {
    out.push(b'{');
    let start = out.len();
    show(inside, finds, own, out)?;
    let written = out.len() > start;
    out.push(b'}');
    Ok(written)
}

fn stand_in(slot: usize, own: &Own<'_, '_>, out: &mut Vec<u8>) -> bool {
    let Some(meant) = own.meant.filter(|meant| meant.present & bit(slot) != 0) else {
        return false;
    };
    if let Some(value @ (Value::Integer(_) | Value::Text(_))) = meant.values[slot] {
        value.write(out);
        return true;
    }
    false
}

fn value(form: &AnswerForm, text: &str, own: &Own<'_, '_>, out: &mut Vec<u8>) -> Result<bool, Reject> {
    let wrong = Reject::BadAnswer("a member of upstream's answer has another type than the API's");
    let is_text = text.starts_with('"');
    match form {
        AnswerForm::Text if is_text => out.extend_from_slice(text.as_bytes()),
        AnswerForm::Scalar if is_text || integer(text).is_some() => out.extend_from_slice(text.as_bytes()),
        // An address of digits may come back as a number: old code reads a text.
        AnswerForm::Text if integer(text).is_some() => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        AnswerForm::Integer => out.extend_from_slice(integer(text).ok_or(wrong)?.as_bytes()),
        AnswerForm::Digit => out.extend_from_slice(match text {
            "true" | "1" | "\"1\"" => b"\"1\"",
            "false" | "0" | "\"0\"" => b"\"0\"",
            _ => return Err(wrong),
        }),
        AnswerForm::Rows(plan) => rows(plan, text, own, out)?,
        AnswerForm::Text | AnswerForm::Scalar => return Err(wrong),
    }
    Ok(true)
}

/// Each row reduced to what is shown of it.
fn rows(plan: &AnswerPlan, text: &str, own: &Own<'_, '_>, out: &mut Vec<u8>) -> Result<(), Reject> {
    let rows: Vec<&serde_json::value::RawValue> = serde_json::from_str(text)
        .map_err(|_| Reject::BadAnswer("a member of upstream's answer is not the list that it should be"))?;
    out.push(b'[');
    for row in rows.into_iter().take(own.most_rows.unwrap_or(usize::MAX)) {
        if !row.get().starts_with('{') {
            return Err(Reject::BadAnswer("a row of upstream's answer is not the object that it should be"));
        }
        json::comma(out);
        let finds = answer::read(row.get(), plan)?;
        object(&plan.shown, &finds, own, out)?;
    }
    out.push(b']');
    Ok(())
}

/// An integer as JSON text, from a number or (as upstream had it in the years to 2019) from one in
/// quotes. Through no float: every digit stays.
pub(super) fn integer(text: &str) -> Option<String> {
    let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let number = digits.parse::<i128>().ok()?;
    Some(number.to_string())
}
