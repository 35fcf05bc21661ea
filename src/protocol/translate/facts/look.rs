//! Finds the facts that limits need in a JSON request, so strictly that no other JSON reader could find more there.

mod items;
mod number;

use std::borrow::Cow;

use crate::protocol::ops::{Plan, Scalar, Wanted};
use crate::protocol::reject::Reject;
use crate::protocol::translate::alike::{is_alike, means};
use crate::protocol::translate::scan::{ScanFault, Scanner, Text};
use items::{in_text, listed, most_items};
use number::number;

/// The facts that were found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SeenFacts<'a> {
    /// The group, in decimal.
    pub group: Option<String>,
    /// The most members that the request names.
    pub members: u32,
    /// How many rows are asked for, and the JSON text of that number.
    pub count: Option<(i64, &'a str)>,
}

/// Scans a request's payload.
///
/// # Errors
/// BADREQUEST if a member that limits use stands twice, another name may be taken for it, the path to it has something
/// else than an object, or the nesting exceeds `depth`; BADPARAM for a group or a count that is no whole number.
pub fn look<'a>(text: &'a str, plan: &Plan, depth: usize) -> Result<SeenFacts<'a>, Reject> {
    let mut look =
        FactsVisitor { refused: None, plan, strays: strays(&plan.json.wanted), finds: [None; 3], members: 0 };
    let mut scanner = Scanner::new(text, depth);
    let walked = look.object(&mut scanner, "", &plan.json.wanted).and_then(|()| scanner.end());
    if let Some(refused) = look.refused {
        return Err(refused);
    }
    // A payload that is too deep to scan is refused: members could be hidden in it.
    walked.map_err(|_| too_deep(depth))?;
    let listed = look.finds[Plan::LIST].map_or(0, listed);
    let found = |find: usize, slot: Option<usize>| match (look.finds[find], slot) {
        (Some(json), Some(slot)) => {
            let param = &plan.params[slot];
            // A value that is equivalent to leaving the parameter out must not get a budget of its own.
            let is_absent =
                |number: &i64| matches!(param.absent_if, Some(Scalar::Integer(absent)) if absent == *number);
            let number = number(json, &param.name)?.filter(|number| !is_absent(number));
            Ok(number.map(|number| (number, json)))
        }
        _ => Ok(None),
    };
    let group = found(Plan::GROUP, plan.group)?.map(|(number, _)| number.to_string());
    let count = found(Plan::COUNT, plan.count)?;
    Ok(SeenFacts { group, members: look.members.saturating_add(listed), count })
}

fn too_deep(depth: usize) -> Reject {
    let what =
        format!("the JSON has more than {depth} objects and lists in each other: write it as the API has it");
    Reject::BadRequest(what.into())
}

struct FactsVisitor<'a, 'p> {
    refused: Option<Reject>,
    plan: &'p Plan,
    /// Names under which a reader may find the list of members in another place.
    strays: Vec<&'p str>,
    finds: [Option<&'a str>; 3],
    /// How many members may be named in places that the table does not have.
    members: u32,
}

/// The last name on the path to the list, and the one before it.
fn strays(wanted: &[Wanted]) -> Vec<&str> {
    for member in wanted {
        if member.find == Some(Plan::LIST) {
            return vec![&member.name];
        }
        let mut below = strays(&member.inside);
        if !below.is_empty() {
            below.truncate(1);
            below.push(&member.name);
            return below;
        }
    }
    Vec::new()
}

impl<'a> FactsVisitor<'a, '_> {
    /// Scans the object `name` for the wanted members.
    fn object(&mut self, scanner: &mut Scanner<'a>, name: &str, wanted: &[Wanted]) -> Result<(), ScanFault> {
        if scanner.peek()? != b'{' {
            if !is_nothing(scanner.value()?) {
                self.refuse(name, "is no object in the JSON: write it as one, as the API has it");
            }
            return Ok(());
        }
        let mut seen: u64 = 0;
        scanner.object(|scanner, name| {
            // An escaped name is unescaped here, once.
            let understood = name.meaning();
            let is_meant = |wanted: &Wanted| understood.as_deref() == Some(&wanted.name);
            let Some(place) = wanted.iter().position(is_meant) else {
                return self.other(scanner, (name, understood), wanted);
            };
            if seen & 1 << place != 0 {
                self.refuse(&wanted[place].name, "stands twice in the JSON: write it once");
            }
            seen |= 1 << place;
            match wanted[place].find {
                Some(find) => {
                    let text = scanner.value()?;
                    self.finds[find] = (text != "null").then_some(text);
                    Ok(())
                }
                None => self.object(scanner, &wanted[place].name, &wanted[place].inside),
            }
        })
    }

    /// Scans a member that is not wanted.
    fn other(
        &mut self,
        scanner: &mut Scanner<'a>,
        (name, understood): (Text<'a>, Option<Cow<'a, str>>),
        wanted: &[Wanted],
    ) -> Result<(), ScanFault> {
        let written = name.json();
        let name = understood.as_deref().unwrap_or_default();
        if understood.is_none() && !wanted.is_empty() {
            self.refused.get_or_insert(Reject::BadRequest(HALF.into()));
        }
        if let Some(known) = wanted.iter().find(|wanted| is_alike(name, &wanted.name)) {
            self.refuse(&known.name, OTHERWISE);
        }
        // The table knows a few members beside the list, such as rights; any other may be a part of the list.
        let is_beside =
            wanted.iter().any(|wanted| wanted.find == Some(Plan::LIST)) && !self.plan.has_step(name);
        if is_beside || understood.is_none() || self.strays.iter().any(|stray| means(name, stray)) {
            let names = if is_beside { in_text(written) } else { 0 };
            let items = most_items(scanner.value()?).saturating_add(names);
            self.members = self.members.saturating_add(items);
            return Ok(());
        }
        self.below(scanner)
    }

    /// Scans a value that is not wanted: a list of members may stand in it all the same.
    fn below(&mut self, scanner: &mut Scanner<'a>) -> Result<(), ScanFault> {
        if self.strays.is_empty() {
            return scanner.value().map(drop);
        }
        match scanner.peek()? {
            b'{' => scanner.object(|scanner, name| self.other(scanner, (name, name.meaning()), &[])),
            b'[' => scanner.list(|scanner| self.below(scanner)),
            _ => scanner.value().map(drop),
        }
    }

    fn refuse(&mut self, name: &str, why: &str) {
        self.refused.get_or_insert_with(|| Reject::BadRequest(format!("`{name}` {why}").into()));
    }
}

const OTHERWISE: &str =
    "is written in another way, with other letters, blanks or control characters: write it exactly so";

const HALF: &str =
    "the JSON has a name with half of a surrogate pair in it, which is no text: write it as the API has it";

/// Whether a value is an absent object: PHP writes an object without members as a list.
fn is_nothing(json: &str) -> bool {
    let inside = json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    json == "null" || inside.is_some_and(|inside| inside.trim_ascii().is_empty())
}

#[cfg(test)]
mod tests;
