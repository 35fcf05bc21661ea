//! Finds the budget of a request under a rule, as a key of 128 bits.

use std::hash::{BuildHasher, RandomState};

use super::Query;
use crate::config::limits::Per;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::network::network;
use crate::protocol::translate::form::trim;
use crate::protocol::translate::value;

/// The key of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetKey {
    /// A caller that may have a budget of its own.
    Known(u128),
    /// A caller that may not, by its address. Strangers are kept apart from known callers, so the two can neither
    /// collide nor use up each other's room.
    Stranger(u128),
}

/// Makes keys. Values that callers choose (a group's number) are hashed with a key of each process, so that no caller
/// can find two groups that share a budget.
#[derive(Debug, Clone, Default)]
pub struct KeyHasher {
    groups: RandomState,
}

/// A group's number, so that `7`, `007` and `0x7` are one: upstream gets the same number of each.
#[derive(Hash)]
enum GroupNumber<'a> {
    None,
    Number(i64),
    Text(&'a str),
}

impl KeyHasher {
    /// The key of a request under a rule. A token that upstream has not accepted yet may be invented, so it gets no
    /// budget of its own: all such tokens of one address share one.
    pub fn of(&self, per: Per, ask: &Query<'_>) -> BudgetKey {
        match per {
            Per::All => BudgetKey::Known(0),
            Per::Client => BudgetKey::Known(network(ask.client)),
            Per::App | Per::AppAndGroup | Per::Token if !ask.proven => {
                BudgetKey::Stranger(network(ask.client))
            }
            Per::App => BudgetKey::Known(ask.app.0),
            Per::Token => BudgetKey::Known(ask.token.0),
            Per::AppAndGroup => BudgetKey::Known(self.of_group(ask.app, ask.group)),
        }
    }

    fn of_group(&self, app: Fingerprint, group: Option<&str>) -> u128 {
        let group = match group.map(trim) {
            None | Some("") => GroupNumber::None,
            Some(group) => value::integer(group).map_or(GroupNumber::Text(group), GroupNumber::Number),
        };
        // The first half is the app's alone: it identifies the key's owner (`super::capacity`).
        app.0 >> 64 << 64 | u128::from(self.groups.hash_one((app, &group)))
    }
}
