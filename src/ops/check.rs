//! The table checked as a whole: what no line can know of itself.

use std::collections::{BTreeMap, BTreeSet};

use super::load::Written;
use super::pointer::Pointer;
use super::row::{Field, Kind, Need, Param, Row, Shape, Target};
use crate::document::{Fault, Place};

/// The most parameters of one operation: presence is one bit each of a machine word.
pub const MOST_PARAMS: usize = 64;

/// Names that stand at the top of every request and are no operation's own.
pub const ENVELOPE: [&str; 3] = ["op", "token", "id"];

/// Names at the top of every answer that are no operation's own.
const ANSWER_ENVELOPE: [&str; 7] = ["op", "id", "result", "error", "code", "cause", "properties"];

/// Every fault of the table as a whole. `written` has only the lines of the chosen profiles.
#[must_use]
pub fn faults(written: &Written) -> Vec<Fault> {
    let mut checker = Checker::default();
    checker.names(&written.rows);
    for row in &written.rows {
        checker.row(row);
    }
    checker.faults
}

#[derive(Default)]
struct Checker {
    faults: Vec<Fault>,
}

impl Checker {
    fn fault(&mut self, place: &Place, key: String, what: impl Into<String>) {
        self.faults.push(Fault { place: place.clone(), key, what: what.into() });
    }

    fn names(&mut self, rows: &[Row]) {
        let mut seen = BTreeMap::new();
        for row in rows {
            for name in std::iter::once(&row.name).chain(&row.aliases) {
                if !is_plain(name) {
                    self.fault(
                        &row.place,
                        row.name.clone(),
                        format!("the name `{name}` is not lower-case letters and digits"),
                    );
                }
                if let Some(first) = seen.insert(name.as_str(), &row.place) {
                    self.fault(
                        &row.place,
                        row.name.clone(),
                        format!("the name `{name}` is taken already, at {first}"),
                    );
                }
            }
        }
    }

    fn row(&mut self, row: &Row) {
        if row.params.len() > MOST_PARAMS {
            self.fault(
                &row.place,
                row.name.clone(),
                format!("has {} parameters; {MOST_PARAMS} at most", row.params.len()),
            );
        }
        self.param_names(row);
        self.groups(row);
        self.pointers(row);
        for param in &row.params {
            self.param(row, param);
        }
        for field in &row.answer {
            if ANSWER_ENVELOPE.contains(&field.at.steps()[0].as_str()) {
                self.fault(
                    &field.place,
                    format!("{}.answer.{}", row.name, field.at),
                    "stands in every answer; it is no member of this one",
                );
            }
        }
        self.answer(row, &row.answer);
    }

    fn param_names(&mut self, row: &Row) {
        let mut seen = BTreeSet::new();
        for param in &row.params {
            for name in param.names() {
                let key = key(row, param);
                if !is_plain(name) {
                    self.fault(
                        &param.place,
                        key,
                        format!("the name `{name}` is not lower-case letters and digits"),
                    );
                } else if ENVELOPE.contains(&name) {
                    self.fault(
                        &param.place,
                        key,
                        format!("`{name}` stands at the top of every request; it is no parameter"),
                    );
                } else if !seen.insert(name) {
                    self.fault(
                        &param.place,
                        key,
                        format!("the name `{name}` is taken already in this operation"),
                    );
                }
            }
        }
    }

    fn groups(&mut self, row: &Row) {
        let mut groups: BTreeMap<&str, Vec<&Param>> = BTreeMap::new();
        for param in &row.params {
            if let Need::OneOf(group) = &param.need {
                groups.entry(group).or_default().push(param);
            }
        }
        for (group, members) in groups {
            if let [only] = members[..] {
                self.fault(
                    &only.place,
                    key(row, only),
                    format!("is alone in the group `{group}`; a group has two or more, or say required"),
                );
            }
        }
    }

    fn pointers(&mut self, row: &Row) {
        let envelope = ENVELOPE.map(|name| Pointer::parse(&format!("/{name}")));
        let mut taken: Vec<(Pointer, String)> =
            envelope.into_iter().flatten().map(|at| (at, "the envelope".to_owned())).collect();
        taken.extend(row.fixed.iter().map(|fixed| (fixed.at.clone(), "`fixed`".to_owned())));
        for param in &row.params {
            for at in targets(&param.target) {
                if let Some((other, owner)) = taken.iter().find(|(other, _)| other.clashes_with(at)) {
                    self.fault(
                        &param.place,
                        key(row, param),
                        format!("`{at}` runs into `{other}`, which {owner} writes"),
                    );
                }
                taken.push((at.clone(), format!("`{}`", param.name)));
            }
        }
    }

    fn param(&mut self, row: &Row, param: &Param) {
        if let Some(switch) = &param.off_with
            && !row.params.iter().any(|other| other.name == *switch && other.name != param.name)
        {
            self.fault(
                &param.place,
                key(row, param),
                format!("`off_with` names `{switch}`, which is no other parameter of this operation"),
            );
        }
        if matches!(param.target, Target::Split(_)) && param.kind != Kind::Integer {
            self.fault(&param.place, key(row, param), "`split` needs the type integer");
        }
        if let Target::Split(parts) = &param.target {
            let overlap =
                parts.iter().try_fold(0, |seen, part| (seen & part.mask == 0).then_some(seen | part.mask));
            if overlap.is_none() {
                self.fault(&param.place, key(row, param), "`split` gives a bit to two members");
            }
        }
        if param.verbatim && param.kind != Kind::Text {
            self.fault(&param.place, key(row, param), "`verbatim` needs the type text");
        }
        if param.max.is_some() && matches!(param.kind, Kind::Boolean | Kind::Bit) {
            self.fault(&param.place, key(row, param), "`max` has no meaning for true and false");
        }
    }

    fn answer(&mut self, row: &Row, fields: &[Field]) {
        for (number, field) in fields.iter().enumerate() {
            let key = format!("{}.answer.{}", row.name, field.at);
            if let Some(other) = fields[..number].iter().find(|other| other.at.clashes_with(&field.at)) {
                self.fault(&field.place, key.clone(), format!("runs into `{}`", other.at));
            }
            for from in &field.from {
                let crosses = |other: &&Pointer| other.clashes_with(from) && *other != from;
                if let Some(other) = fields[..number].iter().flat_map(|other| &other.from).find(crosses) {
                    self.fault(&field.place, key.clone(), format!("`{from}` runs into `{other}`"));
                }
            }
            if let Some(name) = &field.fill
                && !row.params.iter().any(|param| param.name == *name)
            {
                self.fault(
                    &field.place,
                    key.clone(),
                    format!("`fill` names `{name}`, which is no parameter of this operation"),
                );
            }
            if let Shape::Rows(inner) = &field.shape {
                self.answer(row, inner);
            }
        }
    }
}

/// The members that a parameter writes.
pub fn targets(target: &Target) -> Vec<&Pointer> {
    match target {
        Target::Nowhere => Vec::new(),
        Target::At(at) => vec![at],
        Target::Split(parts) => parts.iter().map(|part| &part.at).collect(),
    }
}

fn key(row: &Row, param: &Param) -> String {
    format!("{}.{}", row.name, param.name)
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(plain)
}
