//! Rules as they are applied: for which requests one holds, and what it takes.

use std::num::NonZeroU32;

use governor::Quota;

use super::Query;
use crate::config::limits::{Cost, Per, Rule};

/// A rule as governor takes it, with a burst that [`Rule::fault`] has nothing against.
pub fn quota(rule: &Rule) -> Quota {
    // An interval is never zero, so the second one is never made.
    Quota::with_period(rule.rate.interval())
        .unwrap_or(Quota::per_second(NonZeroU32::MIN))
        .allow_burst(rule.burst.min(rule.most_burst()))
}

/// Whether a rule holds for a request.
pub fn holds(rule: &Rule, ask: &Query<'_>) -> bool {
    let named = || rule.operations.iter().any(|operation| Some(operation.as_str()) == ask.operation);
    (rule.on_premise || !ask.on_premise) && (rule.operations.is_empty() || named())
}

/// What a request takes from a budget.
pub fn cost(cost: Cost, ask: &Query<'_>) -> NonZeroU32 {
    match cost {
        Cost::One => NonZeroU32::MIN,
        Cost::Members => NonZeroU32::new(ask.members).unwrap_or(NonZeroU32::MIN),
    }
}

/// How many parts of the room for keys a rule needs: one for the known, one for strangers, none where
/// nobody has a key.
pub fn parts(per: Per) -> usize {
    match per {
        Per::AppAndGroup | Per::App | Per::Token => 2,
        Per::Client => 1,
        Per::All => 0,
    }
}
