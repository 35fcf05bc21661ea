//! The table as the playground's forms need it.

use serde_json::{Value, json};

use super::{Call, examples};
use crate::protocol::ops::{Need, Operation, Param, Row};

pub fn operations(call: &Call<'_>) -> Value {
    let snapshot = call.console.current();
    snapshot.table.operations().iter().map(operation).collect()
}

fn operation(operation: &Operation) -> Value {
    let row = &operation.row;
    json!({
        "name": row.name,
        "aliases": row.aliases,
        "sends": row.sends,
        "effect": row.effect.word(),
        "doc": row.summary,
        "example": examples::call(operation),
        "params": operation.plan.params.iter().map(|it| param(it, row)).collect::<Value>(),
    })
}

fn param(param: &Param, row: &Row) -> Value {
    json!({
        "name": param.name,
        "aliases": param.aliases,
        "kind": param.kind.word(),
        "need": need(param, row),
        "doc": param.doc,
        "example": examples::value(param),
        "unit": examples::unit(param),
        "most": param.max.or(param.clamp.and_then(|most| u64::try_from(most).ok())),
        "to": param.target.places().iter().map(|at| at.dotted()).collect::<Vec<_>>(),
    })
}

fn need(param: &Param, row: &Row) -> String {
    match &param.need {
        Need::Required => "required".to_owned(),
        Need::Optional => "optional".to_owned(),
        Need::OneOf(group) => {
            let others = row.params.iter().filter(|other| other.need == Need::OneOf(group.clone()));
            let mut names: Vec<&str> = others.map(|other| other.name.as_str()).collect();
            names.dedup();
            format!("one of {}", names.join(", "))
        }
    }
}
