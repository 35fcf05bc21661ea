//! A call in a program as a request that can be tried.

use super::TOKEN;
use crate::protocol::catalogue::example;
use crate::protocol::explain::{self, Sample};
use crate::protocol::ops::{Operation, Table};
use crate::scan::Finding;

/// The request that a program would make, with an example in the place of what it knows only when it runs.
pub struct Filled {
    pub sample: Sample,
    /// The parameters whose value is an example.
    pub examples: Vec<String>,
}

/// Fills a finding; `None` where the table does not have its operation.
pub fn filled(finding: &Finding, table: &Table) -> Option<Filled> {
    let operation = finding.operation.name().and_then(|name| table.find(name))?;
    let mut examples = Vec::new();
    let value = |(name, given): &(String, Option<String>)| {
        let text = given.clone().unwrap_or_else(|| match example(operation, name) {
            None => TOKEN.to_owned(),
            Some(text) => {
                examples.push(name.clone());
                text.to_owned()
            }
        });
        (name.clone(), text)
    };
    let own = ("op".to_owned(), operation.row.name.clone());
    let rest = finding.given.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("op"));
    let pairs: Vec<(String, String)> = std::iter::once(own).chain(rest.map(value)).collect();
    let query = serde_urlencoded::to_string(pairs).ok()?;
    Some(Filled { sample: explain::read_piped(query.as_bytes()).ok()?, examples })
}

/// An example's value for what an operation takes; `None` for its token and for what it would drop.
fn example(operation: &Operation, name: &str) -> Option<&'static str> {
    let mut params = operation.row.params.iter();
    let own = params.find(|param| param.names().any(|known| known.eq_ignore_ascii_case(name)));
    own.map(example::text).or_else(|| name.eq_ignore_ascii_case("id").then_some("1"))
}
