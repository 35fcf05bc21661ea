//! Values with which an operation can be tried, and the units of its numbers.

use crate::protocol::ops::{Need, Operation, Param, ParamKind, Row};

/// Values by the name of the parameter; the sandbox gives its first user and group these numbers.
const VALUES: [(&str, &str); 15] = [
    ("addr", "ana"),
    ("appid", "com.example.app"),
    ("name", "Ana"),
    ("uid", "101"),
    ("gid", "97001"),
    ("m", "ana,ben"),
    ("from", "ana"),
    ("to", "ben"),
    ("msg", "Hello"),
    ("title", "A picture"),
    ("url", "https://example.com/picture.jpg"),
    ("expiry", "3600"),
    ("count", "20"),
    ("flag", "0x20"),
    ("otp", "123456"),
];

/// A value for a parameter.
pub fn value(param: &Param) -> &'static str {
    let known = VALUES.iter().find(|(name, _)| *name == param.name).map(|(_, value)| *value);
    known.unwrap_or(match param.kind {
        ParamKind::Text => "text",
        ParamKind::Integer | ParamKind::Boolean | ParamKind::Bit => "1",
        ParamKind::List => "ana,ben",
    })
}

/// The unit of a number, as the parameter's own line says it.
pub fn unit(param: &Param) -> Option<&'static str> {
    if param.kind != ParamKind::Integer {
        return None;
    }
    ["minutes", "seconds"].into_iter().find(|unit| param.doc.contains(unit))
}

/// A call of the old door with all that the operation needs, and a name or text where it takes one.
pub fn call(operation: &Operation) -> String {
    let row = &operation.row;
    let pairs = [("op", row.name.as_str()), ("token", "TOKEN")].into_iter().chain(
        operation
            .plan
            .params
            .iter()
            .filter(|param| is_shown(param, row))
            .map(|param| (param.name.as_str(), value(param))),
    );
    let pairs: Vec<(&str, &str)> = pairs.collect();
    serde_urlencoded::to_string(pairs).unwrap_or_default()
}

/// Whether an example has a parameter: a required one, the first that has a place in each group of which one is, and
/// those without which nobody would call.
fn is_shown(param: &Param, row: &Row) -> bool {
    match &param.need {
        Need::Required => true,
        Need::OneOf(group) => {
            let first = row
                .params
                .iter()
                .find(|other| other.need == Need::OneOf(group.clone()) && other.name != "uid");
            first.is_some_and(|first| first.name == param.name)
        }
        Need::Optional => matches!(
            (row.name.as_str(), param.name.as_str()),
            ("groupadd" | "groupset", "name")
                | ("message", "msg")
                | ("userset", "active")
                | ("groupgetmembers", "count")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{call, unit};
    use crate::protocol::explain::{self, Explained};
    use crate::protocol::ops::Table;
    use crate::protocol::translate::request::Understood;
    use crate::sandbox::Sandbox;

    #[test]
    fn every_example_is_a_call_that_the_sandbox_understands() {
        let table = Table::shipped().expect("a sound table");
        let sandbox = Sandbox::new();
        for operation in table.operations() {
            let query = call(operation);
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
