//! The JSON call that an old call becomes, and how the JSON calls of a client differ from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ledger::facts::{Bits, Ending, Facts, Seen};
use crate::ledger::row::{MISTYPED, Shape};
use crate::protocol::ops::{Destination, MemberContent, Operation, ParamKind, PlannedMember, Table, bit};

/// What an old shape becomes.
#[derive(Debug, PartialEq, Eq)]
pub struct Twin {
    /// The operation of the JSON API.
    pub operation: String,
    /// Its members, as pointers.
    pub members: BTreeSet<String>,
    /// The bits of flags and booleans, by member.
    bits: BTreeMap<String, Bits>,
}

/// The operation of an old shape, and the slots of the parameters that it has.
#[must_use]
pub fn slots<'t>(table: &'t Table, shape: &Shape) -> Option<(&'t Operation, u64)> {
    let operation = table.find(&shape.operation)?;
    let mut slots = shape.params.iter().map(|name| operation.plan.slot(name));
    let present = slots.try_fold(0, |mask, slot| Some(mask | bit(slot?)))?;
    Some((operation, present))
}

impl Twin {
    /// The twin of an old shape; `None` if the table has no such operation or parameter.
    #[must_use]
    pub fn of(table: &Table, shape: &Shape, facts: &Facts) -> Option<Self> {
        let (operation, present) = slots(table, shape)?;
        let (mut members, mut bits) = (BTreeSet::new(), BTreeMap::new());
        written("", &operation.plan.members, present, &mut |at, content| {
            members.insert(at.to_owned());
            bits.extend(of_member(operation, content, facts).map(|found| (at.to_owned(), found)));
        });
        Some(Self { operation: operation.row.sends.clone(), members, bits })
    }

    /// How a JSON shape differs, a sentence for each member; none if it says the same.
    #[must_use]
    pub fn differences(&self, shape: &Shape, facts: &Facts) -> Vec<String> {
        let theirs: BTreeSet<String> =
            shape.params.iter().map(|name| name.trim_end_matches(MISTYPED).to_owned()).collect();
        let missing = self.members.difference(&theirs).map(|at| format!("{} is missing", dotted(at)));
        let more = theirs
            .difference(&self.members)
            .map(|at| format!("{} is more than the old call says", dotted(at)));
        let mistyped = shape.params.iter().filter(|name| name.ends_with(MISTYPED));
        let mistyped =
            mistyped.map(|name| format!("{} has another type", dotted(name.trim_end_matches(MISTYPED))));
        let bits = self.bits.iter().filter_map(|(at, ours)| {
            let theirs = facts.seen.get(at).filter(|_| theirs.contains(at))?;
            other_bits(at, *ours, theirs)
        });
        missing.chain(more).chain(mistyped).chain(bits).collect()
    }

    /// The JSON shape that differs least, of those for the same operation.
    #[must_use]
    pub fn closest<'r>(&self, rows: &[(&'r Shape, &'r Facts)]) -> Option<(&'r Shape, &'r Facts)> {
        let same = rows.iter().filter(|(shape, _)| shape.operation == self.operation);
        same.min_by_key(|(shape, facts)| {
            let is_answered = facts.ended(Ending::Ok) > 0;
            (!is_answered, self.differences(shape, facts).len(), u64::MAX - facts.total())
        })
        .copied()
    }
}

/// Walks the members that are written for these slots.
fn written(at: &str, members: &[PlannedMember], present: u64, each: &mut impl FnMut(&str, &MemberContent)) {
    for member in members.iter().filter(|member| member.is_written(present)) {
        let at = format!("{at}/{}", member.key.trim_matches(['"', ':']));
        match &member.content {
            MemberContent::Object { members, .. } => written(&at, members, present, each),
            content => each(&at, content),
        }
    }
}

/// The bits of a member, from those of the parameter that it is made of.
fn of_member(operation: &Operation, content: &MemberContent, facts: &Facts) -> Option<Bits> {
    let seen = |slot: usize| facts.seen.get(&operation.plan.params[slot].name).map(|seen| seen.all);
    match content {
        MemberContent::Value(slot) => seen(*slot),
        // Flags that are split are numbers in the JSON, of which the ledger has no bits.
        MemberContent::Bits(..) | MemberContent::Object { .. } => None,
        MemberContent::Fixed(json) => match json.as_str() {
            "true" => Some(Bits { ones: 1, zeros: 0 }),
            "false" => Some(Bits { ones: 0, zeros: 1 }),
            _ => None,
        },
    }
}

/// How the bits of a member differ from those of old calls. What it says and they do not counts only if it has been
/// said lately: a program that was mended says it no more.
fn other_bits(at: &str, ours: Bits, theirs: &Seen) -> Option<String> {
    let (all, lately) = (theirs.all, theirs.lately());
    let (never_set, only_set) = (ours.ones & !all.ones, lately.ones & !ours.ones);
    let (never_clear, only_clear) = (ours.zeros & !all.zeros, lately.zeros & !ours.zeros);
    let at = dotted(at);
    match (never_set, only_set) {
        (0, 0) if never_clear | only_clear == 0 => None,
        (0, 0) if never_clear != 0 => Some(format!("{at} never has {never_clear:#x} clear, as old calls do")),
        (0, 0) => Some(format!("{at} has {only_clear:#x} clear, as no old call does")),
        (0, only) => Some(format!("{at} has {only:#x} set, as no old call does")),
        (never, _) => Some(format!("{at} never has {never:#x} set, as old calls do")),
    }
}

/// A pointer as people write it: group.members.m.
#[must_use]
pub fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".")
}

/// Each parameter of an old shape: its name, where it goes, how it is converted, and what it is.
#[must_use]
pub fn fields(operation: &Operation, present: u64) -> Vec<(String, String, String)> {
    let params = operation.plan.params.iter().enumerate();
    let sent = params.filter(|(slot, _)| present & bit(*slot) != 0);
    sent.map(|(_, param)| {
        let to = match &param.target {
            Destination::Nowhere => "nowhere".to_owned(),
            target => target.places().iter().map(|at| at.dotted()).collect::<Vec<_>>().join(", "),
        };
        let kind = match param.kind {
            ParamKind::Text => "a text",
            ParamKind::Integer => "a number, without quotes",
            ParamKind::Boolean => "true or false, in place of 1 or 0",
            ParamKind::Bit => "1 or 0, without quotes",
            ParamKind::List => "one text, items between commas",
        };
        (param.name.clone(), to, format!("{kind}; {}", param.doc))
    })
    .collect()
}
