//! The facts of a request that limits and the cache use, the same for both doors.

mod look;

use super::envelope::{DEEPEST, Envelope, place};
use super::form::{Builder, Form};
use super::request::Understood;
use super::scan::{ScanFault, Scanner};
use super::value::ParamValue;
use crate::protocol::ops::{Caching, Destination, Operation};
use crate::protocol::reject::Reject;
use look::SeenFacts;

/// The facts of one request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The group's number, in decimal.
    pub group: Option<String>,
    /// How many members the request names.
    pub members: u32,
    /// Whether the request is a read whose answers may be cached.
    pub is_read: bool,
    /// What the read asks for besides the group; `None` if its answer is not cached.
    pub page: Option<Page>,
}

/// What a read asks for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Page {
    /// How many rows are asked for.
    pub count: Option<u64>,
    /// All other values that reach upstream, written the same way for both doors.
    pub variant: String,
}

impl Facts {
    /// The facts of a legacy request.
    #[must_use]
    pub fn of_form(operation: &Operation, understood: &Understood<'_>) -> Self {
        let plan = &operation.plan;
        let number = |slot: Option<usize>| match understood.values[slot?] {
            Some(ParamValue::Integer(number)) => Some(number),
            _ => None,
        };
        let members = plan.list.and_then(|slot| match understood.values[slot] {
            Some(ParamValue::List(list)) => Some(list.count()),
            _ => None,
        });
        let is_read = operation.row.cache == Caching::Read;
        // A count of zero or less is left to upstream, and its answer is not cached.
        let count = match plan.count.and_then(|slot| understood.values[slot]) {
            None => Some(None),
            Some(ParamValue::Integer(count @ 1..)) => Some(u64::try_from(count).ok()),
            Some(_) => None,
        };
        let page =
            count.filter(|_| is_read).map(|count| Page { count, variant: variant(operation, understood) });
        Self {
            group: number(plan.group).map(|gid| gid.to_string()),
            members: members.unwrap_or(0),
            is_read,
            page,
        }
    }

    /// The facts of a JSON request; only what limits use is read.
    ///
    /// # Errors
    /// BADREQUEST and BADPARAM, if another reader could find another group or more members.
    pub fn of_json(operation: &Operation, envelope: &Envelope<'_>) -> Result<Self, Reject> {
        let plan = &operation.plan;
        let is_read = operation.row.cache == Caching::Read;
        if plan.json.wanted.is_empty() {
            return Ok(Self { is_read, ..Self::default() });
        }
        let text = str::from_utf8(&envelope.payload).unwrap_or_default();
        let SeenFacts { group, members, .. } = look::look(text, plan, DEEPEST)?;
        Ok(Self { group, members, is_read, page: None })
    }
}

/// A JSON request whose count is lowered to the most that mesibo's cloud gives; `None` if it asks for no more.
#[must_use]
pub fn lowered<'e>(operation: &Operation, envelope: &'e Envelope<'_>) -> Option<Envelope<'e>> {
    let plan = &operation.plan;
    let most = plan.params[plan.count?].clamp?;
    let text = str::from_utf8(&envelope.payload).ok()?;
    let (count, json) = look::look(text, plan, DEEPEST).ok()?.count?;
    (count > most).then(|| envelope.with_number(&place(text.as_bytes(), json), most))
}

/// The values besides group and count, as JSON text in the order of the table.
fn variant(operation: &Operation, understood: &Understood<'_>) -> String {
    let mut out = Vec::new();
    let plan = &operation.plan;
    for (slot, value) in understood.values.iter().enumerate() {
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

/// The legacy form that is equivalent to a JSON read, so that both doors share cached answers. `None` for a request
/// that is no read, has a member that is no parameter of the operation, or one of a type that no form can have. The
/// scan ends at the first such member.
#[must_use]
pub fn form_of_json(operation: &Operation, envelope: &Envelope<'_>) -> Option<Form> {
    // A name that the table does not send is left to upstream.
    if operation.row.cache != Caching::Read || envelope.op != operation.row.sends {
        return None;
    }
    let mut form = Builder::new(0, operation.plan.params.len() + 2);
    form.plain(b"op", envelope.op.as_bytes()).ok()?;
    form.plain(b"token", envelope.token.as_deref()?.as_bytes()).ok()?;
    let text = str::from_utf8(&envelope.payload).ok()?;
    let mut scanner = Scanner::new(text, DEEPEST);
    members(&mut scanner, "", operation, &mut form).ok()?;
    form.build().ok()
}

/// Adds each plain member of an object to the form.
fn members(
    scanner: &mut Scanner<'_>,
    at: &str,
    operation: &Operation,
    form: &mut Builder,
) -> Result<(), ScanFault> {
    let mut is_empty = true;
    scanner.object(|scanner, name| {
        is_empty = false;
        let name = name.plain().filter(|name| !name.contains('/')).ok_or(ScanFault::Syntax)?;
        if at.is_empty() && matches!(name, "op" | "token" | "id") {
            return scanner.value().map(drop);
        }
        let at = format!("{at}/{name}");
        if scanner.peek()? == b'{' {
            return members(scanner, &at, operation, form);
        }
        let text = scanner.value()?;
        // A form's zero cannot show that it was written with a minus.
        let is_number = text.parse::<i64>().is_ok() && text != "-0";
        let is_at =
            |target: &Destination| matches!(target, Destination::At(pointer) if pointer.to_string() == at);
        let param = operation.plan.params.iter().find(|param| is_at(&param.target));
        let param = param.filter(|_| is_number).ok_or(ScanFault::Syntax)?;
        form.plain(param.name.as_bytes(), text.as_bytes()).map_err(|_| ScanFault::Syntax)
    })?;
    // No form can express an empty object.
    if is_empty { Err(ScanFault::Syntax) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::form_of_json;
    use crate::protocol::ops::Table;
    use crate::protocol::translate::envelope::{Json, read};
    use crate::protocol::translate::form::Form;

    /// A group's number as the equivalent form has it.
    fn gid(json: &str) -> Option<String> {
        let table = Table::shipped().expect("a table");
        let body = format!(r#"{{"op":"groupgetmembers","token":"T","group":{{"gid":{json}}}}}"#);
        let Ok(Json::Envelope(envelope)) = read(body.as_bytes(), &Form::default()) else {
            panic!("no request: {body}");
        };
        let form = form_of_json(table.find("groupgetmembers").expect("an operation"), &envelope)?;
        form.single("gid").expect("one").map(str::to_owned)
    }

    #[test]
    fn a_number_is_one_of_a_form_only_if_it_is_written_as_the_form_would_write_it() {
        for json in ["0", "7", "-7", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(gid(json).as_deref(), Some(json));
        }
        for json in ["-0", "7.0", "7e0", "1E1", "-0.0", "9223372036854775808", "\"7\"", "true", "null", "[7]"]
        {
            assert_eq!(gid(json), None, "{json}");
        }
    }
}
