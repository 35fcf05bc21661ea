//! What the table says of a place in the JSON: which parameter becomes it, and what is the same there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::protocol::ops::{Destination, Operation, Param, ParamKind, Scalar};
use crate::protocol::translate::form::trim;

/// The parameter that becomes the member at a place.
pub fn param_at<'t>(operation: &'t Operation, at: &[&str]) -> Option<&'t Param> {
    let is_at = |param: &&Param| param.target.places().iter().any(|place| place.steps() == at);
    operation.plan.params.iter().find(is_at)
}

/// Whether any parameter goes below a place.
pub fn is_above_some(operation: &Operation, at: &[&str]) -> bool {
    let params = operation.plan.params.iter().flat_map(|param| param.target.places());
    let fixed = operation.row.fixed.iter().map(|fixed| &fixed.at);
    params.chain(fixed).any(|place| place.steps().len() > at.len() && place.steps()[..at.len()] == *at)
}

/// The kind of a member that a parameter becomes: bits of a number are a number too.
pub fn kind(param: &Param) -> ParamKind {
    match param.target {
        Destination::Split(_) => ParamKind::Integer,
        Destination::At(_) | Destination::Nowhere => param.kind,
    }
}

/// What belongs at a place that the parameter becomes.
pub const fn right(kind: ParamKind) -> &'static str {
    match kind {
        ParamKind::Text => "a text",
        ParamKind::List => "one text with commas",
        ParamKind::Integer => "a whole number",
        ParamKind::Boolean => "true or false",
        ParamKind::Bit => "0 or 1 as a number",
    }
}

/// Whether a value says the same as leaving the member out.
pub fn says_nothing(param: &Param, value: &Value) -> bool {
    match (&param.absent_if, value) {
        (Some(Scalar::Integer(absent)), Value::Number(number)) => number.as_i64() == Some(*absent),
        (Some(Scalar::Boolean(absent)), Value::Number(number)) if param.kind == ParamKind::Bit => {
            number.as_i64() == Some(i64::from(*absent))
        }
        (Some(Scalar::Boolean(absent)), Value::Bool(truth)) => {
            param.kind == ParamKind::Boolean && truth == absent
        }
        (Some(Scalar::Text(absent)), Value::String(text)) => text == absent,
        _ => false,
    }
}

/// Whether two values of a parameter's type mean the same. Lists are of members: neither the order nor a repetition of an
/// item means anything. Upstream lowers numbers above the table's `clamp`, where `is_cloud`.
pub fn means_same(param: Option<&Param>, old: &Value, new: &Value, is_cloud: bool) -> bool {
    let lowered =
        |value: &Value| match (param.and_then(|param| param.clamp).filter(|_| is_cloud), value.as_i64()) {
            (Some(most), Some(number)) => Some(most.min(number)),
            (_, number) => number,
        };
    match (old, new) {
        (Value::String(old), Value::String(new))
            if param.is_some_and(|param| param.kind == ParamKind::List) =>
        {
            items(old) == items(new)
        }
        (Value::Number(_), Value::Number(_)) => lowered(old).is_some() && lowered(old) == lowered(new),
        _ => old == new,
    }
}

fn items(text: &str) -> BTreeSet<&str> {
    text.split(',').map(trim).filter(|item| !item.is_empty()).collect()
}

/// The name of a value's type.
pub fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
