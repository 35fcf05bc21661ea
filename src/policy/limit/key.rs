//! Whose budget a request is about, as 128 bits.

use std::hash::{BuildHasher, RandomState};

use super::Ask;
use crate::config::limits::Per;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::network::network;
use crate::protocol::translate::form::trim;
use crate::protocol::translate::value;

/// Whose budget it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Of one that may have a budget of its own.
    Known(u128),
    /// Of one that may not, by the address it comes from. It is looked for apart from the known, so
    /// the two can neither meet nor use up each other's room.
    Stranger(u128),
}

/// Makes keys. What callers choose (a group's number) is hashed, keyed anew in each process, so that
/// nobody can find two groups that share a budget.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    groups: RandomState,
}

/// A group, so that `7`, `007` and `0x7` are one: upstream gets the same number of each.
#[derive(Hash)]
enum Group<'a> {
    None,
    Number(i64),
    Text(&'a str),
}

impl Keys {
    /// The key of a request under a rule. A token that nobody has accepted yet is free to invent: it
    /// never gets a budget of its own, all of one address share one.
    pub fn of(&self, per: Per, ask: &Ask<'_>) -> Key {
        match per {
            Per::All => Key::Known(0),
            Per::Client => Key::Known(network(ask.client)),
            Per::App | Per::AppAndGroup | Per::Token if !ask.proven => Key::Stranger(network(ask.client)),
            Per::App => Key::Known(ask.app.0),
            Per::Token => Key::Known(ask.token.0),
            Per::AppAndGroup => Key::Known(self.of_group(ask.app, ask.group)),
        }
    }

    fn of_group(&self, app: Fingerprint, group: Option<&str>) -> u128 {
        let group = match group.map(trim) {
            None | Some("") => Group::None,
            Some(group) => value::integer(group).map_or(Group::Text(group), Group::Number),
        };
        // The first half is the app's alone: it tells whose the key is (`super::room`).
        app.0 >> 64 << 64 | u128::from(self.groups.hash_one((app, &group)))
    }
}
