//! What limits and the cache need to know of a request, whichever door it came through.

use serde_json::Value as Json;

use super::answer;
use super::envelope::Envelope;
use super::form::{Builder, Form};
use super::request::Meant;
use super::response::integer;
use super::value::{Value, items};
use crate::ops::{Cache, Operation, Plan, Target};

/// The facts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The group's number, in decimal.
    pub group: Option<String>,
    /// How many members it names.
    pub members: u32,
    /// For a read whose answer may be kept: what it asks for besides the group.
    pub page: Option<Page>,
}

/// What a read asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many rows.
    pub count: Option<u64>,
    /// Everything else that reaches upstream, in one form for both doors.
    pub variant: String,
}

impl Facts {
    /// Of a legacy request.
    #[must_use]
    pub fn of_form(operation: &Operation, meant: &Meant<'_>) -> Self {
        let plan = &operation.plan;
        let number = |slot: Option<usize>| match meant.values[slot?] {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        };
        let members = plan.list.and_then(|slot| match meant.values[slot] {
            Some(Value::List(text)) => u32::try_from(items(text).count()).ok(),
            _ => None,
        });
        let page = (operation.row.cache == Cache::Read).then(|| Page {
            count: number(plan.count).and_then(|count| u64::try_from(count).ok()),
            variant: variant(operation, meant),
        });
        Self { group: number(plan.group).map(|gid| gid.to_string()), members: members.unwrap_or(0), page }
    }

    /// Of a JSON request. A read that asks for anything that the table does not know has no page.
    #[must_use]
    pub fn of_json(operation: &Operation, envelope: &Envelope) -> Self {
        let plan = &operation.plan;
        let text = str::from_utf8(&envelope.payload).unwrap_or_default();
        let Ok(finds) = answer::read(text, &plan.json) else {
            return Self::default();
        };
        let list = finds[Plan::LIST].and_then(|text| serde_json::from_str::<String>(text).ok());
        let members = list.map_or(0, |list| u32::try_from(items(&list).count()).unwrap_or(u32::MAX));
        Self { group: finds[Plan::GROUP].and_then(integer), members, page: None }
    }
}

/// The values besides group and count, as JSON text, in the order of the table.
fn variant(operation: &Operation, meant: &Meant<'_>) -> String {
    let mut out = Vec::new();
    let plan = &operation.plan;
    for (slot, value) in meant.values.iter().enumerate() {
        if let Some(value) = value
            && Some(slot) != plan.group
            && Some(slot) != plan.count
        {
            out.extend_from_slice(plan.params[slot].name.as_bytes());
            out.push(b'=');
            value.write(&mut out);
            out.push(b'&');
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A JSON read as the form that means the same, so that both doors share what is kept. `None` for
/// what is no read, has a member that no parameter of the operation is, or has one of a type that
/// no form could have.
#[must_use]
pub fn form_of_json(operation: &Operation, envelope: &Envelope) -> Option<Form> {
    if operation.row.cache != Cache::Read {
        return None;
    }
    let Ok(Json::Object(members)) = serde_json::from_slice::<Json>(&envelope.payload) else {
        return None;
    };
    let mut leaves = Vec::new();
    let own = members.iter().filter(|(name, _)| !matches!(name.as_str(), "op" | "token" | "id"));
    let all = own.into_iter().all(|(name, value)| flatten(&format!("/{name}"), value, &mut leaves));
    let mut form = Builder::new(envelope.payload.len(), leaves.len() + 2);
    form.plain(b"op", envelope.op.as_bytes()).ok()?;
    form.plain(b"token", envelope.token.as_deref()?.as_bytes()).ok()?;
    for (pointer, text) in &leaves {
        let is_at = |target: &Target| matches!(target, Target::At(at) if at.to_string() == *pointer);
        let param = operation.plan.params.iter().find(|param| is_at(&param.target))?;
        form.plain(param.name.as_bytes(), text.as_bytes()).ok()?;
    }
    form.build().ok().filter(|_| all)
}

/// Every leaf as text; `false` if one has no counterpart in a form.
fn flatten(pointer: &str, value: &Json, leaves: &mut Vec<(String, String)>) -> bool {
    match value {
        Json::Object(members) => {
            members.iter().all(|(name, value)| flatten(&format!("{pointer}/{name}"), value, leaves))
        }
        Json::Number(number) if number.is_i64() || number.is_u64() => {
            leaves.push((pointer.to_owned(), number.to_string()));
            true
        }
        Json::Number(_) | Json::String(_) | Json::Bool(_) | Json::Null | Json::Array(_) => false,
    }
}
