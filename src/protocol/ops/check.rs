//! Checks the table as a whole: faults that no line shows by itself.

mod answer;
mod param;

use std::collections::{BTreeMap, BTreeSet};

use super::load::WrittenTable;
use super::pointer::Pointer;
use super::row::{Caching, Effect, Need, Param, ParamKind, Row};
use crate::protocol::document::{Fault, Place};

/// The most parameters of one operation: one bit of a machine word says whether each is present.
pub const MOST_PARAMS: usize = 64;

/// Names of the envelope, which every request has at its top.
pub const ENVELOPE: [&str; 3] = ["op", "token", "id"];

/// Every fault of the table as a whole. `written` has only the lines of the chosen profiles.
#[must_use]
pub fn faults(written: &WrittenTable) -> Vec<Fault> {
    let mut checker = Checker::default();
    checker.names(&written.rows);
    checker.named(written);
    checker.probe(written);
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

    /// Refuses ignored and refused names that no request can send.
    fn named(&mut self, written: &WrittenTable) {
        for named in written.ignored.iter().chain(&written.refused) {
            if !is_plain(&named.name) {
                self.fault(&named.place, named.name.clone(), "is not lower-case letters and digits");
            }
        }
        for ignored in written.ignored.iter().filter(|ignored| ENVELOPE.contains(&ignored.name.as_str())) {
            self.fault(
                &ignored.place,
                ignored.name.clone(),
                "stands at the top of every request and cannot be ignored",
            );
        }
    }

    /// The probe must need parameters, so that upstream refuses it instead of carrying it out.
    fn probe(&mut self, written: &WrittenTable) {
        let Some((name, place)) = written.probe.as_ref().filter(|(name, _)| !name.is_empty()) else {
            return;
        };
        let what = match written.rows.iter().find(|row| row.name == *name) {
            None => format!("`{name}` is no operation's name"),
            Some(row)
                if !row.fixed.is_empty() || row.params.iter().all(|param| param.need == Need::Optional) =>
            {
                format!("`{name}` needs nothing: with the token alone it would be done")
            }
            Some(_) => return,
        };
        self.fault(place, "probe".to_owned(), what);
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
        self.policies(row);
        self.groups(row);
        self.pointers(row);
        for param in &row.params {
            self.param(row, param);
        }
        self.answer_envelope(row);
        self.answer(row, &row.answer);
    }

    /// Checks the words that limits and the cache use.
    fn policies(&mut self, row: &Row) {
        let is_group =
            |param: &Param| Some(&param.name) == row.group.as_ref() && param.kind == ParamKind::Integer;
        if row.group.is_some() && !row.params.iter().any(is_group) {
            self.fault(&row.place, row.name.clone(), "`group` names no integer parameter of this operation");
        }
        if matches!(row.cache, Caching::Read | Caching::DropsGroup) && row.group.is_none() {
            self.fault(
                &row.place,
                row.name.clone(),
                "`cache` goes by the group: say which parameter names it, as `group`",
            );
        }
        if row.cache == Caching::Read && row.effect != Effect::Read {
            self.fault(
                &row.place,
                row.name.clone(),
                "`cache` is read, and `effect` is not: only reads are kept",
            );
        }
        for param in
            row.params.iter().filter(|param| param.clamp.is_some() && param.kind != ParamKind::Integer)
        {
            self.fault(&param.place, key(row, param), "`clamp` needs the type integer");
        }
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
        for fixed in &row.fixed {
            if let Some((other, owner)) = taken.iter().find(|(other, _)| other.clashes_with(&fixed.at)) {
                let what = format!("`fixed`: `{}` runs into `{other}`, which {owner} writes", fixed.at);
                self.fault(&row.place, row.name.clone(), what);
            }
            taken.push((fixed.at.clone(), "`fixed`".to_owned()));
        }
        for param in &row.params {
            for at in param.target.places() {
                let switch = param.off_with.as_ref().map(|switch| format!("`{switch}`"));
                // Two parameters may share a place if the presence of one makes the other void.
                let shares = |other: &Pointer, owner: &String| other == at && Some(owner) == switch.as_ref();
                let clash =
                    |(other, owner): &&(Pointer, String)| other.clashes_with(at) && !shares(other, owner);
                if let Some((other, owner)) = taken.iter().find(clash) {
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
}

fn key(row: &Row, param: &Param) -> String {
    format!("{}.{}", row.name, param.name)
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    !name.is_empty() && name.bytes().all(plain)
}
