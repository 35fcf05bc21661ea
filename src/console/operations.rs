//! The table as the playground's forms need it.

use serde_json::{Value, json};

use super::{Call, TOKEN};
use crate::protocol::catalogue::example;
use crate::protocol::ops::{Need, Operation, Param, ParamKind, Row};

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
        "example": example::query(operation, TOKEN),
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
        "example": example::text(param),
        "unit": unit(param),
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

/// The unit of a number, as the parameter's own line says it.
fn unit(param: &Param) -> Option<&'static str> {
    if param.kind != ParamKind::Integer {
        return None;
    }
    ["minutes", "seconds"].into_iter().find(|unit| param.doc.contains(unit))
}

#[cfg(test)]
mod tests {
    use super::unit;
    use crate::console::TOKEN;
    use crate::protocol::catalogue::example;
    use crate::protocol::explain::{self, Explained};
    use crate::protocol::ops::Table;
    use crate::protocol::translate::request::Understood;
    use crate::sandbox::Sandbox;

    #[test]
    fn every_example_is_a_call_that_the_sandbox_understands() {
        let table = Table::shipped().expect("a sound table");
        let sandbox = Sandbox::new();
        for operation in table.operations() {
            let query = example::query(operation, TOKEN);
            let sample = explain::read(std::slice::from_ref(&query)).expect("a call");
            let Ok(Explained::Legacy { operation, form }) = explain::explain(&sample, &table, 64) else {
                panic!("{query} is refused")
            };
            let understood = Understood::understand(operation, &table, &form).expect("a sound form");
            let answer = sandbox.answer(&understood.write(operation, "sandbox"));
            let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
            let is_answered = answer["result"] == true
                || ["NOUSER", "NOGROUP", "NOTALLOWED"].iter().any(|error| answer["error"] == *error);
            assert!(is_answered, "{query}: {answer}");
        }
    }

    #[test]
    fn numbers_have_the_unit_that_the_table_says() {
        let table = Table::shipped().expect("a sound table");
        let of = |operation: &str, name: &str| {
            let params = &table.find(operation).expect("an operation").plan.params;
            unit(params.iter().find(|param| param.name == name).expect("a parameter"))
        };
        assert_eq!(of("useradd", "expiry"), Some("minutes"));
        assert_eq!(of("groupadd", "expiry"), Some("seconds"));
        assert_eq!((of("message", "type"), of("message", "msg")), (None, None));
    }
}
