//! Whose budget a request is about, as 128 bits.

use std::hash::{BuildHasher, RandomState};

use super::Query;
use crate::config::limits::Per;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::network::network;
use crate::protocol::translate::form::trim;
use crate::protocol::translate::value;

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetKey {
    /// Of one that may have a budget of its own.
    Known(u128),
    /// Of one that may not, by the address it comes from. It is looked for apart from the known, so
    /// the two can neither meet nor use up each other's room.
    Stranger(u128),
}

/// Makes keys. What callers choose (a group's number) is hashed, keyed anew in each process, so that
/// nobody can find two groups that share a budget.
#[derive(Debug, Clone, Default)]
pub struct KeyHasher {
    groups: RandomState,
}

/// A group, so that `7`, `007` and `0x7` are one: upstream gets the same number of each.
#[derive(Hash)]
enum GroupNumber<'a> {
    None,
    Number(i64),
    Text(&'a str),
}

impl KeyHasher {
    /// The key of a request under a rule. A token that nobody has accepted yet is free to invent: it
    /// never gets a budget of its own, all of one address share one.
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
        // The first half is the app's alone: it tells whose the key is (`super::room`).
        app.0 >> 64 << 64 | u128::from(self.groups.hash_one((app, &group)))
    }
}
