//! Translates upstream's answer into the JSON that an old client gets.

use super::answer::{self, Finds, ObjectFinds};
use super::json;
use super::reply_context::ReplyContext;
use crate::protocol::ops::{AnswerForm, AnswerPlan, Operation, Shown, ShownContent};
use crate::protocol::reject::Reject;

/// A translated answer, and upstream's verdict.
pub struct LegacyAnswer {
    /// The JSON.
    pub body: Vec<u8>,
    /// Upstream's `result`.
    pub result: bool,
    /// Upstream's `code`, if a failure had one.
    pub code: Option<u16>,
}

/// An answer read for an old client.
pub struct LegacyReading {
    /// Upstream's verdict.
    pub verdict: Verdict,
    /// What the client gets; BADANSWER if a value has not the page's type.
    pub told: Result<LegacyAnswer, Reject>,
}

/// Reduces upstream's answer to what the page documents, with the page's types: docs/promises.md, "Only documented
/// fields come back".
///
/// # Errors
/// BADANSWER for anything that is not an answer of the API; none of its text is kept.
pub fn legacy(operation: &Operation, own: &ReplyContext<'_>, bytes: &[u8]) -> Result<LegacyAnswer, Reject> {
    read(operation, own, bytes)?.told
}

/// Reads upstream's answer for an old client: the verdict, which is valid even if a value has not the page's type, and
/// what [`legacy`] returns.
///
/// # Errors
/// BADANSWER for an answer without a verdict.
pub fn read(operation: &Operation, own: &ReplyContext<'_>, bytes: &[u8]) -> Result<LegacyReading, Reject> {
    let mut look = ObjectFinds::new(&operation.answer);
    look.scan(answer::sound(bytes)?, &operation.answer)?;
    let verdict = Verdict::of(&look.finds)?;
    let room = bytes.len().min(MOST_AT_FIRST);
    let told = look.sound().and_then(|()| tell(operation, own, &look.finds, verdict.result, room));
    Ok(LegacyReading { verdict, told })
}

/// The members of a success without the caller's own `op` and `id`: equal for all callers with the same request.
///
/// # Errors
/// BADANSWER for anything that is not a success of the API.
pub fn shown(operation: &Operation, own: &ReplyContext<'_>, bytes: &[u8]) -> Result<Vec<u8>, Reject> {
    let finds = answer::read(answer::sound(bytes)?, &operation.answer)?;
    if !answer::result(&finds)? {
        return Err(Reject::BadAnswer("upstream's answer is a failure where a success was kept"));
    }
    let mut out = Vec::with_capacity(bytes.len());
    show(&operation.answer.shown, &finds, own, &mut out)?;
    Ok(out)
}

/// Completes shared members to an answer for one caller.
#[must_use]
pub fn kept(own: &ReplyContext<'_>, shown: &[u8]) -> LegacyAnswer {
    let mut body = Vec::with_capacity(shown.len() + ENDING + own.op.len());
    body.push(b'{');
    body.extend_from_slice(shown);
    end(own, true, &mut body);
    LegacyAnswer { body, result: true, code: None }
}

/// The most room that is reserved for an answer before it is written.
const MOST_AT_FIRST: usize = 512;
/// Room for what the gateway adds to upstream's members.
const ENDING: usize = 64;

fn tell(
    operation: &Operation,
    own: &ReplyContext<'_>,
    finds: &Finds<'_>,
    result: bool,
    room: usize,
) -> Result<LegacyAnswer, Reject> {
    let mut body = Vec::with_capacity(room + ENDING);
    body.push(b'{');
    let code = if result {
        show(&operation.answer.shown, finds, own, &mut body)?;
        None
    } else {
        failure(operation, finds, &mut body)
    };
    end(own, result, &mut body);
    Ok(LegacyAnswer { body, result, code })
}

/// Writes the members at the end of every answer.
fn end(own: &ReplyContext<'_>, result: bool, body: &mut Vec<u8>) {
    json::comma(body);
    body.extend_from_slice(b"\"op\":");
    json::string(body, &own.op);
    body.extend_from_slice(if result { b",\"result\":true" } else { b",\"result\":false" });
    if let Some(id) = own.id {
        body.extend_from_slice(b",\"id\":");
        json::integer(body, id);
    }
    body.push(b'}');
}

/// The verdict of any answer, whatever the operation and the door.
///
/// # Errors
/// BADANSWER for anything that is not an answer of the API.
pub fn verdict(bytes: &[u8], envelope: &AnswerPlan) -> Result<Verdict, Reject> {
    Verdict::of(&answer::read(answer::sound(bytes)?, envelope)?)
}

/// Upstream's verdict on a request.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Upstream's `result`.
    pub result: bool,
    /// The name of a failure, if it is a word such as `NOGROUP`.
    pub error: Option<Box<str>>,
    /// Whether upstream takes the token.
    pub token: TokenVerdict,
}

impl Verdict {
    fn of(finds: &Finds<'_>) -> Result<Self, Reject> {
        let result = answer::result(finds)?;
        let token = match finds[AnswerPlan::ERROR] {
            _ if result => TokenVerdict::Taken,
            Some("\"TOKENBREACH\"") => TokenVerdict::Disabled,
            // Upstream's names for an invalid token: AUTHFAIL, and INVALIDTOKEN before 2023.
            Some("\"AUTHFAIL\"" | "\"INVALIDTOKEN\"") => TokenVerdict::Refused,
            _ => TokenVerdict::Unknown,
        };
        let error = if result { None } else { finds[AnswerPlan::ERROR].and_then(word) };
        Ok(Self { result, error, token })
    }
}

/// The longest name of a failure, in characters; mesibo's have up to 16.
const LONGEST_NAME: usize = 32;

/// The name of a failure, if the JSON text looks like one of upstream's: any other text may hold a secret.
fn word(text: &str) -> Option<Box<str>> {
    let name = text.strip_prefix('"')?.strip_suffix('"')?;
    let is_name = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    ((1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(is_name)).then(|| name.into())
}

/// Whether upstream accepts a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenVerdict {
    /// It accepts the token.
    Taken,
    /// It refuses the token.
    Refused,
    /// It has disabled the token, and wants no more requests with it.
    Disabled,
    /// The failure has another reason, which does not say.
    Unknown,
}

/// Writes a failure's members, each only if it has the API's type.
fn failure(operation: &Operation, finds: &Finds<'_>, out: &mut Vec<u8>) -> Option<u16> {
    let mut keep = |key: &[u8], value: Option<&str>| {
        if let Some(value) = value {
            json::comma(out);
            out.extend_from_slice(key);
            json::foreign(out, value);
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
        json::strings(out, properties.iter().map(|property| operation.plan.legacy_name(property)));
    }
    code?.parse().ok()
}

pub(super) fn show(
    shown: &[Shown],
    finds: &Finds<'_>,
    own: &ReplyContext<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Reject> {
    for member in shown {
        let start = out.len();
        json::comma(out);
        out.extend_from_slice(member.key.as_bytes());
        let written = match &member.content {
            ShownContent::Object(inside) => object(inside, finds, own, out)?,
            ShownContent::Value { finds: places, form, fill, .. } => {
                // An empty text instead of a number counts as absent.
                let is_there = |text: &&str| !(matches!(form, AnswerForm::Integer) && *text == "\"\"");
                let found = places.iter().find_map(|place| finds[*place].filter(is_there));
                match (found, fill) {
                    (Some(text), _) => value(form, text, own, out)?,
                    (None, Some(slot)) => own.stand_in(*slot, out),
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

fn object(
    inside: &[Shown],
    finds: &Finds<'_>,
    own: &ReplyContext<'_>,
    out: &mut Vec<u8>,
) -> Result<bool, Reject> {
    out.push(b'{');
    let start = out.len();
    show(inside, finds, own, out)?;
    let written = out.len() > start;
    out.push(b'}');
    Ok(written)
}

fn value(form: &AnswerForm, text: &str, own: &ReplyContext<'_>, out: &mut Vec<u8>) -> Result<bool, Reject> {
    let wrong = answer::MISTYPED;
    let is_text = text.starts_with('"');
    match form {
        AnswerForm::Text if is_text => json::foreign(out, text),
        AnswerForm::Scalar if is_text || integer(text).is_some() => json::foreign(out, text),
        // An address of digits may come back as a number; old code expects a text.
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

/// Writes each row with its shown members only.
fn rows(plan: &AnswerPlan, text: &str, own: &ReplyContext<'_>, out: &mut Vec<u8>) -> Result<(), Reject> {
    out.push(b'[');
    answer::rows(text, plan, own.most_rows.unwrap_or(usize::MAX), |finds| {
        json::comma(out);
        object(&plan.shown, finds, own, out).map(drop)
    })?;
    out.push(b']');
    Ok(())
}

/// An integer as JSON text, from a number or from one in quotes, as upstream sent it until 2019. No float is involved,
/// so every digit stays.
pub(super) fn integer(text: &str) -> Option<String> {
    let digits = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    let number = digits.parse::<i128>().ok()?;
    Some(number.to_string())
}
