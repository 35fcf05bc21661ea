//! What limits and the cache need to know of a request, whichever door it came through.

use serde_json::Value as Json;

use super::answer;
use super::envelope::{DEEPEST, Envelope};
use super::form::{Builder, Form, trim};
use super::list::List;
use super::request::Meant;
use super::response::integer;
use super::scan::Fault;
use super::value::{self, Value};
use crate::protocol::ops::{Cache, Operation, Plan, Target};

/// The facts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The group's number, in decimal.
    pub group: Option<String>,
    /// How many members it names.
    pub members: u32,
    /// Whether it is a read of the kind whose answers are kept.
    pub is_read: bool,
    /// What such a read asks for besides the group; none if it asks in a way that is not kept.
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
            Some(Value::List(list)) => Some(list.count()),
            _ => None,
        });
        let is_read = operation.row.cache == Cache::Read;
        // No rows, and fewer than none, are upstream's to make sense of.
        let count = match plan.count.and_then(|slot| meant.values[slot]) {
            None => Some(None),
            Some(Value::Integer(count @ 1..)) => Some(u64::try_from(count).ok()),
            Some(_) => None,
        };
        let page = count.filter(|_| is_read).map(|count| Page { count, variant: variant(operation, meant) });
        Self {
            group: number(plan.group).map(|gid| gid.to_string()),
            members: members.unwrap_or(0),
            is_read,
            page,
        }
    }

    /// Of a JSON request. A read that asks for anything that the table does not know has no page.
    #[must_use]
    pub fn of_json(operation: &Operation, envelope: &Envelope<'_>) -> Self {
        let plan = &operation.plan;
        let is_read = operation.row.cache == Cache::Read;
        if plan.json.wanted.is_empty() {
            return Self { is_read, ..Self::default() };
        }
        let text = str::from_utf8(&envelope.payload).unwrap_or_default();
        let finds = match answer::look(text, &plan.json, DEEPEST) {
            Ok(look) => look.sound().ok(),
            // Nobody may hide a long list from the limits below a tower of brackets.
            Err(Fault::Depth) => return Self { is_read, members: u32::MAX, ..Self::default() },
            Err(_) => None,
        };
        let Some(finds) = finds else {
            return Self { is_read, ..Self::default() };
        };
        Self {
            group: finds[Plan::GROUP].and_then(number),
            members: finds[Plan::LIST].map_or(0, how_many),
            is_read,
            page: None,
        }
    }
}

/// A number, in decimal: as JSON has it, or as text in any form that a parameter may have.
fn number(json: &str) -> Option<String> {
    match serde_json::from_str::<String>(json) {
        Ok(text) => value::integer(trim(&text)).map(|number| number.to_string()),
        Err(_) => integer(json),
    }
}

/// How many members a list names, whether it is one text or a list of them.
fn how_many(json: &str) -> u32 {
    match serde_json::from_str::<Json>(json) {
        Ok(Json::String(text)) => List::read(&text).map_or(0, List::count),
        Ok(Json::Array(members)) => u32::try_from(members.len()).unwrap_or(u32::MAX),
        _ => 0,
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
pub fn form_of_json(operation: &Operation, envelope: &Envelope<'_>) -> Option<Form> {
    // Under another name than the table sends, it is upstream's to know or not.
    if operation.row.cache != Cache::Read || envelope.op != operation.row.sends {
        return None;
    }
    let Ok(Json::Object(members)) = serde_json::from_slice::<Json>(&envelope.payload) else {
        return None;
    };
    let mut leaves = Vec::new();
    if members.keys().any(|name| name.contains('/')) {
        return None;
    }
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
        // An empty object says something that no form can; a name with a slash would be another place.
        Json::Object(members) if members.is_empty() || members.keys().any(|name| name.contains('/')) => false,
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
