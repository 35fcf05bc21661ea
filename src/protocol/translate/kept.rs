//! Cached answers: which answers may be cached, and how one is adapted to a caller.

use bytes::Bytes;

use super::reply_context::ReplyContext;
use super::response::show;
use super::{answer, json};
use crate::protocol::ops::{AnswerPlan, Operation, Shape, ShownContent};
use crate::protocol::reject::Reject;

/// Whether an answer may be given to other callers with the same request: a success in which every list that the table
/// shows is present and sound, and no member belongs to one caller.
#[must_use]
pub fn is_keepable(operation: &Operation, bytes: &[u8]) -> bool {
    // `cut_rows` could not parse the answer.
    if json::has_lone_surrogate(bytes) {
        return false;
    }
    let sound = || {
        let finds = answer::read(answer::sound(bytes)?, &operation.answer)?;
        let has_all = operation.answer.shown.iter().all(|member| match &member.content {
            ShownContent::Object(_) => true,
            ShownContent::Value { finds: places, .. } => places.iter().any(|place| finds[*place].is_some()),
        });
        let result = answer::result(&finds)?;
        let mut scratch = Vec::new();
        show(&operation.answer.shown, &finds, &ReplyContext::default(), &mut scratch)?;
        Ok::<bool, Reject>(result && has_all && finds[AnswerPlan::ID].is_none())
    };
    sound().unwrap_or(false)
}

/// Adapts a shared answer of the JSON door to one caller: adds the caller's `id`, and cuts lists to the rows that were
/// asked for.
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

/// The answer cut to `most` rows; `None` if it has no more.
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
    // `count` at the top of upstream's answer is the number of rows.
    if is_cut && let Some(count) = whole.get_mut("count") {
        *count = most.into();
    }
    is_cut.then(|| whole.to_string().into())
}
