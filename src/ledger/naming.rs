//! What a row is called: everything by name, so that another table, another gateway and a file mean the same.

use super::client::{Caller, Client};
use super::program::program;
use super::row::{Door, MISTYPED, RowKey, Shape};
use super::sight::Sight;
use super::tally::{Named, params};
use crate::protocol::ops::Table;

/// Parameters were in the target.
pub const IN_QUERY: u8 = 1;
/// Parameters were in the body.
pub const IN_BODY: u8 = 2;
/// The body was multipart/form-data.
pub const MULTIPART: u8 = 4;

/// The operation of requests whose `op` the table does not have.
const OTHER: &str = "other";

/// The names of a sight.
#[cold]
#[must_use]
pub fn named(table: &Table, caller: Caller, sight: &Sight<'_>) -> Named {
    let client = Client { caller, program: program(Some(sight.agent)).to_owned() };
    let shape = sight.shape.copied().unwrap_or_default();
    let (operation, flags, booleans, params) = match sight.door {
        Door::Old => of_form(table, sight.operation, shape.present),
        Door::Json => of_json(table, sight.operation, shape.present, shape.mistyped),
    };
    let names = params.iter().map(|(_, name)| name.clone()).collect();
    let habits = shape.habits;
    let shape = Shape { door: sight.door, operation, params: names, habits, style: style(sight) };
    Named::new(RowKey { client, shape }, flags, booleans, &params)
}

/// An operation's name, the names of its bit fields, its booleans, and the parameters that were sent.
type Names = (String, Vec<String>, u64, Vec<(usize, String)>);

/// The names of a form's operation and parameters.
#[must_use]
pub fn of_form(table: &Table, operation: Option<usize>, present: u64) -> Names {
    let Some(operation) = operation.and_then(|number| table.operations().get(number)) else {
        return (OTHER.to_owned(), Vec::new(), 0, Vec::new());
    };
    let plan = &operation.plan;
    let flags = plan.flags.iter().map(|slot| plan.params[*slot].name.clone()).collect();
    let params = params(present, |slot| plan.params.get(slot).map(|param| param.name.as_str()));
    (operation.row.name.clone(), flags, plan.booleans, params)
}

fn of_json(table: &Table, number: Option<usize>, present: u64, mistyped: u64) -> Names {
    let Some(call) = number.and_then(|number| table.json.get(number)) else {
        return (OTHER.to_owned(), Vec::new(), 0, Vec::new());
    };
    let names: Vec<String> = call.members.iter().map(|member| member.at.to_string()).collect();
    let flags = call.flags.iter().map(|number| names[*number].clone()).collect();
    let mut params = params(present, |number| names.get(number).map(String::as_str));
    for (number, name) in &mut params {
        if mistyped >> *number & 1 == 1 {
            name.push(MISTYPED);
        }
    }
    (call.name.clone(), flags, call.booleans, params)
}

fn style(sight: &Sight<'_>) -> String {
    let (method, path, carried) = sight.style;
    let what = match (sight.door, carried & IN_QUERY, carried & (IN_BODY | MULTIPART)) {
        (Door::Json, 0, _) => "json",
        (Door::Json, ..) => "query+json",
        (Door::Old, 0, 0) => "nothing",
        (Door::Old, _, 0) => "query",
        (Door::Old, 0, IN_BODY) => "form",
        (Door::Old, _, IN_BODY) => "query+form",
        (Door::Old, 0, _) => "multipart",
        (Door::Old, ..) => "query+multipart",
    };
    format!("{method} {} {what}", String::from_utf8_lossy(path))
}
