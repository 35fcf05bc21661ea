//! Applies a rule: for which requests it holds, and what a request costs.

use std::num::NonZeroU32;

use governor::Quota;

use super::Query;
use crate::config::limits::{Cost, Per, Rule};

/// A rule as governor's quota. The burst is valid: [`Rule::fault`] has checked it.
pub fn quota(rule: &Rule) -> Quota {
    // An interval is never zero, so the fallback is never used.
    Quota::with_period(rule.rate.interval())
        .unwrap_or(Quota::per_second(NonZeroU32::MIN))
        .allow_burst(rule.burst.min(rule.most_burst()))
}

/// Whether a rule holds for a request.
pub fn holds(rule: &Rule, ask: &Query<'_>) -> bool {
    let named = || rule.operations.iter().any(|operation| Some(operation.as_str()) == ask.operation);
    (rule.on_premise || !ask.on_premise) && (rule.operations.is_empty() || named())
}

/// The cost of a request.
pub fn cost(cost: Cost, ask: &Query<'_>) -> NonZeroU32 {
    match cost {
        Cost::One => NonZeroU32::MIN,
        Cost::Members => NonZeroU32::new(ask.members).unwrap_or(NonZeroU32::MIN),
    }
}

/// How many shares of the room for keys a rule needs: one for known callers, one for strangers, none if the rule has no
/// keys.
pub fn parts(per: Per) -> usize {
    match per {
        Per::AppAndGroup | Per::App | Per::Token => 2,
        Per::Client => 1,
        Per::All => 0,
    }
}
