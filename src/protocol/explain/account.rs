//! One line for each member of the JSON, and one for each parameter that is not in it.

use crate::protocol::ops::{MemberContent, Operation, Param, ParamKind, PlannedMember, Table};
use crate::protocol::translate::request::{DropReason, DroppedParam, Understood};

/// A member of the JSON and its origin.
#[derive(Debug, PartialEq, Eq)]
pub struct AccountLine {
    /// The member, with dots.
    pub member: String,
    /// Its value as JSON text.
    pub value: String,
    /// The parameter that it comes from, as the caller wrote it; `None` for a constant of the operation.
    pub parameter: Option<String>,
    /// Why the member is there, and its unit.
    pub why: String,
}

/// Every member below the envelope, in the order of the JSON.
#[must_use]
pub fn lines(operation: &Operation, understood: &Understood<'_>) -> Vec<AccountLine> {
    let mut lines = Vec::new();
    walk(&operation.plan.members, "", operation, understood, &mut lines);
    lines
}

fn walk(
    members: &[PlannedMember],
    above: &str,
    operation: &Operation,
    understood: &Understood<'_>,
    lines: &mut Vec<AccountLine>,
) {
    for member in members.iter().filter(|member| member.is_written(understood.present)) {
        let name = format!("{above}{}", member.key.trim_matches(['"', ':']));
        match &member.content {
            MemberContent::Object { members, .. } => {
                walk(members, &format!("{name}."), operation, understood, lines);
            }
            MemberContent::Fixed(json) => lines.push(AccountLine {
                member: name,
                value: json.clone(),
                parameter: None,
                why: format!("`{}` is this in JSON", operation.row.name),
            }),
            MemberContent::Value(slot) => {
                let mut value = Vec::new();
                if let Some(understood) = understood.values[*slot] {
                    understood.write(&mut value);
                }
                lines.push(line(
                    name,
                    String::from_utf8(value).unwrap_or_default(),
                    *slot,
                    operation,
                    understood,
                ));
            }
            MemberContent::Bits(slot, part) => {
                if let Some(crate::protocol::translate::value::ParamValue::Integer(number)) =
                    understood.values[*slot]
                {
                    let value = part.of(number).to_string();
                    let mut line = line(name, value, *slot, operation, understood);
                    line.why = format!("bits {:#x} of it; {}", part.mask, line.why);
                    lines.push(line);
                }
            }
        }
    }
}

fn line(
    member: String,
    value: String,
    slot: usize,
    operation: &Operation,
    understood: &Understood<'_>,
) -> AccountLine {
    let param = &operation.plan.params[slot];
    let conversion = match param.kind {
        ParamKind::Text => "",
        ParamKind::Integer => " (a number)",
        ParamKind::Boolean => " (true or false)",
        ParamKind::Bit => " (1 or 0)",
        ParamKind::List => " (one text, items trimmed)",
    };
    AccountLine {
        member,
        value,
        parameter: Some(understood.name(slot).to_owned()),
        why: format!("{}{conversion}", param.doc),
    }
}

/// Every parameter that is not in the JSON, and why. Unknown names are shown: they are the reader's own.
#[must_use]
pub fn drops(operation: &Operation, table: &Table, understood: &Understood<'_>) -> Vec<(String, String)> {
    let why = |dropped: &DroppedParam<'_>| match dropped.why {
        DropReason::Unknown => "no parameter of this operation".to_owned(),
        DropReason::Absent => "empty, or the same as leaving it out".to_owned(),
        DropReason::Replaced => "sent again later or in the body, which counts".to_owned(),
        DropReason::SwitchedOff => {
            link(operation, dropped.name, |param| param.off_with.as_ref(), ["because", " is set"])
        }
        DropReason::Alone => link(operation, dropped.name, |param| param.only_with.as_ref(), ["without", ""]),
        DropReason::Forgiven => forgiven(operation, dropped.name),
        DropReason::Nowhere => nowhere(operation, table, dropped.name),
    };
    understood.dropped.iter().map(|dropped| (dropped.name.to_owned(), why(dropped))).collect()
}

/// How another parameter makes this one void.
fn link(
    operation: &Operation,
    name: &str,
    other: impl Fn(&Param) -> Option<&String>,
    [before, after]: [&str; 2],
) -> String {
    let other = param(operation, name).and_then(other).map_or("another parameter", String::as_str);
    format!("void, {before} `{other}`{after}")
}

fn forgiven(operation: &Operation, name: &str) -> String {
    let kind = param(operation, name).map_or("value of its type", |param| param.kind.word());
    format!("no {kind}, and without it the request can be served")
}

fn param<'t>(operation: &'t Operation, name: &str) -> Option<&'t Param> {
    operation.plan.slot(name).map(|slot| &operation.plan.params[slot])
}

fn nowhere(operation: &Operation, table: &Table, name: &str) -> String {
    let own = operation.plan.slot(name).map(|slot| operation.plan.params[slot].doc.as_str());
    let any =
        || table.ignored.iter().find(|ignored| ignored.name == name).map(|ignored| ignored.doc.as_str());
    format!("has no place in the JSON API: {}", own.or_else(any).unwrap_or("it is known and dropped"))
}
