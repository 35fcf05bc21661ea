//! What the simulated upstream says, and what each door makes of it.

use std::time::Duration;

/// How many members a group has.
const MEMBERS: u64 = 5;
/// How many rows upstream gives if none are asked for.
const ROWS_BY_DEFAULT: u64 = 3;

/// A group of one of upstream's tokens.
pub(super) type Group = (u64, u64);

/// An answer of upstream's: it tells where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) group: Group,
    /// How many writes the group had seen.
    pub(super) version: u64,
    /// When upstream looked.
    pub(super) looked: Duration,
    /// Whether later reads may have it.
    pub(super) keep: bool,
    pub(super) rows: u64,
    /// The id in the answer, if there is one.
    pub(super) id: Option<u64>,
}

/// Through which door a read came.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door {
    Legacy,
    Json,
}

/// The rows that a read for so many has to get.
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

    /// What the caller gets: its rows, and its id where the answer has none. The legacy door cuts a
    /// page without `count` too; the JSON door passes it on.
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
