//! Compares an old call with the JSON call that is to replace it, for `mesigate same`: by what the old call is
//! translated to, member by member.

mod calls;
mod differences;
mod json;
mod kinds;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::protocol::explain::{self, Sample};
use crate::protocol::ops::{Operation, Table};
use crate::protocol::translate::request::Understood;
use differences::Differences;

pub use calls::{NewCall, new_call, read};
pub use differences::{Difference, DifferenceKind};

/// The text that stands in the token's place wherever a value is shown.
pub const HIDDEN: &str = "(your app token)";

/// What both calls are read by.
pub struct Settings<'t> {
    /// The operations, in the forms that the settings choose.
    pub table: &'t Table,
    /// The most parameters that a request may have.
    pub most_pairs: usize,
    /// Whether upstream is mesibo's cloud, which lowers some values.
    pub is_cloud: bool,
}

/// Which of the two calls is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The old call.
    Old,
    /// The new call.
    New,
}

/// A call that cannot be compared: which one, and a sentence that says why and what would be right.
#[derive(Debug, PartialEq, Eq)]
pub struct Incomparable {
    /// The call.
    pub which: Which,
    /// The sentence.
    pub why: String,
}

impl Incomparable {
    fn old(why: impl Into<String>) -> Self {
        Self { which: Which::Old, why: why.into() }
    }

    fn new(why: impl Into<String>) -> Self {
        Self { which: Which::New, why: why.into() }
    }
}

/// How two calls compare.
#[derive(Debug)]
pub struct Comparison {
    /// The old operation's name.
    pub operation: String,
    /// Where the calls differ, each place once.
    pub differences: Vec<Difference>,
    /// The old call's parameters that say nothing, which the old door drops too.
    pub dropped: Vec<String>,
}

impl Comparison {
    /// Whether the new call means what the old call means. `allows_more` lets it say what the old door has no words for.
    #[must_use]
    pub fn is_same(&self, allows_more: bool) -> bool {
        self.differences
            .iter()
            .all(|difference| allows_more && difference.kind == DifferenceKind::BeyondTheOldDoor)
    }
}

/// Compares an old call with a new one.
///
/// # Errors
/// Which of the two cannot be read or would be refused, and why.
pub fn compare(old: &Sample, new: &Sample, by: &Settings<'_>) -> Result<Comparison, Incomparable> {
    let (operation, form) = calls::old_call(old, by)?;
    let mut understood = Understood::understand(operation, by.table, &form)
        .map_err(|reject| Incomparable::old(format!("it would be refused: {}", reject.cause())))?;
    if by.is_cloud {
        understood.clamp(&operation.plan);
    }
    let new = new_call(new, by)?;
    let meant = meant(operation, &understood);
    let secrets = [Some(understood.token), new.token.as_deref()];
    let mut differences = Differences::new(operation, by.is_cloud, secrets.into_iter().flatten());
    differences.of_envelope(&operation.row.sends, understood.id, &new);
    differences.of_members(&meant, &new.members);
    if differences.found().is_empty() {
        calls::takes(&new, by.table)?;
    }
    let dropped = explain::drops(operation, by.table, &understood);
    Ok(Comparison {
        operation: operation.row.name.clone(),
        dropped: dropped.iter().map(|(name, _)| differences.hidden(name)).collect(),
        differences: differences.found().to_vec(),
    })
}

/// The members that the old call becomes, those of the envelope left out.
fn meant(operation: &Operation, understood: &Understood<'_>) -> Map<String, Value> {
    let json = understood.write(operation, "");
    let mut members: Map<String, Value> = serde_json::from_slice(&json).unwrap_or_default();
    for name in calls::ENVELOPE {
        members.remove(name);
    }
    members
}
