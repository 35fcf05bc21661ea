//! The answers of the simulated upstream, and their form at each door.

use std::time::Duration;

const MEMBERS: u64 = 5;
/// How many rows upstream gives a read without count.
const ROWS_BY_DEFAULT: u64 = 3;

/// A group of one of upstream's tokens.
pub(super) type Group = (u64, u64);

/// An answer of upstream's, with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) group: Group,
    /// How many writes the group had seen by then.
    pub(super) version: u64,
    /// When upstream read its state.
    pub(super) looked: Duration,
    /// Whether the answer may be cached.
    pub(super) keep: bool,
    pub(super) rows: u64,
    /// The id in the answer, if there is one.
    pub(super) id: Option<u64>,
}

/// The door of a read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door {
    Legacy,
    Json,
}

/// The rows that a read with this count must get.
pub(super) fn rows(count: Option<u64>) -> u64 {
    count.unwrap_or(ROWS_BY_DEFAULT).min(MEMBERS)
}

impl Answer {
    pub(super) fn write(&self) -> String {
        let Self { group: (app, group), version, looked, keep, rows, id } = self;
        let (looked, keep) = (looked.as_nanos(), u64::from(*keep));
        let id = id.map(|id| id.to_string()).unwrap_or_default();
        format!("{app} {group} {version} {looked} {keep} {rows} {id}")
    }

    pub(super) fn read(text: &[u8]) -> Self {
        let text = std::str::from_utf8(text).unwrap();
        let mut numbers = text.split_whitespace().map(|number| number.parse().unwrap());
        let mut next = || numbers.next().unwrap();
        let (group, version) = ((next(), next()), next());
        let (looked, keep, rows) = (Duration::from_nanos(next()), next() == 1, next());
        Self { group, version, looked, keep, rows, id: numbers.next() }
    }

    /// The caller's answer: its rows, and its id if the answer has none. The legacy door cuts a page without `count`
    /// too; the JSON door passes it on.
    pub(super) fn through(mut self, door: Door, count: Option<u64>, id: u64) -> Self {
        let most = match (door, count) {
            (_, Some(count)) => count,
            (Door::Legacy, None) => ROWS_BY_DEFAULT,
            (Door::Json, None) => u64::MAX,
        };
        self.rows = self.rows.min(most);
        self.id.get_or_insert(id);
        self
    }
}
