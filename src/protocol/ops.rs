//! The operations table: loaded, checked as a whole, compiled.
//!
//! `config/operations.toml` is the protocol; all code that needs to know an operation asks this module. Pure: text in,
//! values out.

mod answer;
mod check;
mod json;
mod load;
mod plan;
mod pointer;
mod row;

use std::cell::RefCell;
use std::collections::HashMap;

use foldhash::quality::RandomState;

pub use answer::{AnswerPlan, Shown, ShownContent, ValueForm as AnswerForm, Wanted};
pub use json::{JsonCall, JsonCalls, JsonMember, JsonNode};
pub use load::Named;
pub use plan::{MOST_FLAGS, MemberContent, Plan, PlannedMember, bit};
pub use pointer::Pointer;
pub use row::{
    AnswerField, Caching, Destination, Effect, Fixed, Need, Param, ParamKind, Part, Row, Scalar, Shape,
};

use crate::protocol::document::{Fault, Node, Place, closest};
use crate::protocol::reject::Reject;

/// The table that is compiled into the binary.
pub const SHIPPED: &str = include_str!("../../config/operations.toml");

/// The protocol as the gateway speaks it.
#[derive(Debug)]
pub struct Table {
    operations: Vec<Operation>,
    /// Keys come from the table, never from a request, so a hash without flooding protection is safe.
    by_name: HashMap<String, usize, RandomState>,
    /// The length in bytes of the longest name, refused ones included: a longer name is no operation and is not looked
    /// up.
    longest: usize,
    /// Parameters that any request may carry and that go nowhere.
    pub ignored: Vec<Named>,
    /// Operations of old code that cannot be served, and why.
    pub refused: Vec<Named>,
    /// The alternative forms of the JSON API; the first form of each list is the default.
    pub profiles: Vec<Vec<String>>,
    /// The operation that the gateway sends upstream to find out whether a token is valid.
    probe: Option<usize>,
    /// What the JSON API's operations take, as far as the table has it.
    pub json: JsonCalls,
    /// The names of all operations, as the end of a refusal's sentence.
    all: String,
}

/// One operation: its row and the plans compiled from it.
#[derive(Debug)]
pub struct Operation {
    /// Its number in the table, for counters.
    pub number: usize,
    /// The row of the table.
    pub row: Row,
    /// How a request is translated.
    pub plan: Plan,
    /// How an answer is filtered.
    pub answer: AnswerPlan,
}

impl Table {
    /// The shipped table with its default forms.
    ///
    /// # Errors
    /// None as long as the shipped file is sound, which a test holds.
    pub fn shipped() -> Result<Self, Vec<Fault>> {
        Self::load(None, &[])
    }

    /// The shipped table, overlaid with the owner's (`own`: the file's name and text), in the forms that `profiles`
    /// chooses.
    ///
    /// # Errors
    /// Every fault of both files, each with its place.
    pub fn load(own: Option<(&str, &str)>, profiles: &[String]) -> Result<Self, Vec<Fault>> {
        let faults = RefCell::default();
        let mut written = load::read(&Node::parse("operations.toml", SHIPPED)?, &faults);
        if let Some((name, text)) = own {
            let upper = load::read(&Node::parse(name, text)?, &faults);
            twice(&upper, &faults);
            overlay(&mut written, upper);
        }
        let chosen = choose(&written.profiles, profiles, &faults);
        keep_chosen(&mut written, &chosen, &faults);
        let mut faults = faults.into_inner();
        faults.extend(check::faults(&written));
        if faults.is_empty() { Ok(Self::compile(written)) } else { Err(faults) }
    }

    fn compile(written: load::WrittenTable) -> Self {
        let compile = |(number, row): (usize, Row)| Operation {
            number,
            plan: Plan::compile(&row),
            answer: AnswerPlan::compile(&row),
            row,
        };
        let operations: Vec<Operation> = written.rows.into_iter().enumerate().map(compile).collect();
        let names = |operation: &Operation| {
            let number = operation.number;
            let row = &operation.row;
            let names = std::iter::once(&row.name).chain(&row.aliases);
            names.map(|name| (name.clone(), number)).collect::<Vec<_>>()
        };
        let by_name: HashMap<String, usize, RandomState> = operations.iter().flat_map(names).collect();
        let refused = written.refused.iter().map(|refused| &refused.name);
        let longest = by_name.keys().chain(refused).map(String::len).max();
        let all: Vec<&str> = operations.iter().map(|operation| operation.row.name.as_str()).collect();
        Self {
            probe: written.probe.and_then(|(name, _)| all.iter().position(|known| *known == name)),
            all: format!("it has {}", all.join(", ")),
            json: JsonCalls::of(operations.iter().map(|operation| &operation.row)),
            by_name,
            longest: longest.unwrap_or(0),
            operations,
            ignored: written.ignored,
            refused: written.refused,
            profiles: written.profiles,
        }
    }

    /// The operation of a name or alias, compared without case.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Operation> {
        if name.len() > self.longest {
            return None;
        }
        let number = match self.by_name.get(name) {
            Some(number) => *number,
            None => *self.by_name.get(&name.to_ascii_lowercase())?,
        };
        self.operations.get(number)
    }

    /// Every operation, in the order of the table.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation that the gateway sends upstream to find out whether a token is valid; sent with no parameter, it
    /// changes nothing.
    #[must_use]
    pub fn probe(&self) -> Option<&Operation> {
        self.operations.get(self.probe?)
    }

    /// The operation whose name is closest to an unknown one, compared without case.
    #[must_use]
    pub fn closest(&self, name: &str) -> Option<&str> {
        // A name that is far too long is not copied.
        let name = if name.len() > 4 * self.longest { "" } else { name };
        closest(&name.to_ascii_lowercase(), self.by_name.keys().map(String::as_str))
    }

    /// Whether mesibo's console has an operation of this name, compared without case.
    #[must_use]
    pub fn is_console(&self, name: &str) -> bool {
        self.refused.iter().any(|refused| refused.console && refused.name.eq_ignore_ascii_case(name))
    }

    /// The refusal of a name that is no operation. A name that old code is known to send gets its reason instead of the
    /// closest name, which may do the opposite.
    #[must_use]
    pub fn bad_op(&self, name: &str) -> Reject {
        let refused = self.refused.iter().find(|refused| refused.name.eq_ignore_ascii_case(name));
        let hint = match (refused, self.closest(name)) {
            (Some(refused), _) => refused.doc.clone(),
            (None, Some(near)) => format!("did you mean {near}?"),
            (None, None) => self.all.clone(),
        };
        Reject::BadOp { hint, carries: refused.and_then(|refused| refused.carries.clone()) }
    }
}

/// Refuses two blocks of one name in one file.
fn twice(written: &load::WrittenTable, faults: &RefCell<Vec<Fault>>) {
    for (number, row) in written.rows.iter().enumerate() {
        if let Some(first) = written.rows[..number].iter().find(|first| first.name == row.name) {
            let what = format!("the name `{}` is taken already, at {}", row.name, first.place);
            faults.borrow_mut().push(Fault { place: row.place.clone(), key: row.name.clone(), what });
        }
    }
}

fn overlay(written: &mut load::WrittenTable, upper: load::WrittenTable) {
    for row in upper.rows {
        match written.rows.iter_mut().find(|below| below.name == row.name) {
            Some(below) => *below = row,
            None => written.rows.push(row),
        }
    }
    written.probe = upper.probe.or(written.probe.take());
    replace(&mut written.ignored, upper.ignored);
    replace(&mut written.refused, upper.refused);
    written.profiles.extend(upper.profiles);
}

fn replace(below: &mut Vec<Named>, upper: Vec<Named>) {
    for mut named in upper {
        // An owner's sentence about an operation of the console does not open the operation.
        named.console |= below.iter().any(|below| below.console && below.name == named.name);
        below.retain(|below| below.name != named.name);
        below.push(named);
    }
}

/// The form that is in force for each question.
fn choose(questions: &[Vec<String>], named: &[String], faults: &RefCell<Vec<Fault>>) -> Vec<String> {
    let known: Vec<&str> = questions.iter().flatten().map(String::as_str).collect();
    for name in named.iter().filter(|name| !known.contains(&name.as_str())) {
        faults.borrow_mut().push(Fault {
            place: Place::named("the setting `profiles`"),
            key: String::new(),
            what: format!("`{name}` is no form that the table knows; known: {}", known.join(", ")),
        });
    }
    for question in questions {
        let chosen: Vec<&String> = question.iter().filter(|form| named.contains(form)).collect();
        if chosen.len() > 1 {
            faults.borrow_mut().push(Fault {
                place: Place::named("the setting `profiles`"),
                key: String::new(),
                what: format!("{chosen:?} are forms of the same thing; choose one"),
            });
        }
    }
    let form = |question: &Vec<String>| {
        let named = question.iter().find(|form| named.contains(form));
        named.or_else(|| question.first()).cloned()
    };
    questions.iter().filter_map(form).collect()
}

/// Drops the lines of all forms that are not chosen.
fn keep_chosen(written: &mut load::WrittenTable, chosen: &[String], faults: &RefCell<Vec<Fault>>) {
    let known: Vec<&String> = written.profiles.iter().flatten().collect();
    for row in &mut written.rows {
        for param in &row.params {
            if let Some(profile) = &param.profile
                && !known.contains(&profile)
            {
                faults.borrow_mut().push(Fault {
                    place: param.place.clone(),
                    key: format!("{}.{}", row.name, param.name),
                    what: format!("the profile `{profile}` is not declared under `profiles`"),
                });
            }
        }
        row.params.retain(|param| param.profile.as_ref().is_none_or(|profile| chosen.contains(profile)));
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_name_that_is_longer_than_any_is_none_and_costs_nothing() {
        let table = Table::shipped().expect("a sound table");
        let long = "GROUPGETMEMBERS".repeat(70_000);
        let found = allocation_counter::measure(|| assert!(table.find(&long).is_none()));
        assert_eq!(found.bytes_total, 0);
        let refused = allocation_counter::measure(|| drop(table.bad_op(&long)));
        assert!(refused.bytes_total < 256, "no more than the sentence: {}", refused.bytes_total);
    }

    #[test]
    fn a_name_near_to_one_or_known_to_be_none_is_told_apart_whatever_its_case() {
        let table = Table::shipped().expect("a sound table");
        for (name, hint) in [
            ("GroupGetMember", "did you mean groupgetmembers?"),
            ("UsersGet", "is not public; keep them in your own database"),
            ("nonsense", "groupeditmembers, groupgetmembers, message, otp"),
        ] {
            assert!(table.bad_op(name).cause().ends_with(hint), "{name}");
        }
    }
}
