//! The counters that a token has for as long as it is known.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed, Ordering::SeqCst};

/// How many groups of one token have a counter each; two groups that share one merely invalidate each other's entries.
/// 4 KiB, allocated with the first write to a group.
const GROUPS: usize = 1024;

/// The time for which a token is known, with counts of possible changes to its data. Other tokens' writes do not move
/// these counters, and a token that was unknown for a moment gets a new tenure: entries from before are not found
/// again.
pub struct Tenure {
    number: u64,
    all: AtomicU64,
    groups: OnceLock<Box<[AtomicU32]>>,
}

impl Default for Tenure {
    /// A fresh tenure with a unique number.
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let number = LAST.fetch_add(1, Relaxed) + 1;
        Self { number, all: AtomicU64::new(0), groups: OnceLock::new() }
    }
}

impl Tenure {
    /// The tenure's number, 1 or more.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How often all of the token's groups, and this group (by its hash), may have changed.
    #[must_use]
    pub fn at(&self, group: u64) -> (u64, u64) {
        let groups = self.groups.get().map_or(0, |groups| groups[place(group)].load(SeqCst));
        (self.all.load(SeqCst), groups.into())
    }

    /// Notes that all of the token's groups may have changed.
    pub fn move_all(&self) {
        self.all.fetch_add(1, SeqCst);
    }

    /// Notes that a group, given by its hash, may have changed.
    pub fn move_group(&self, group: u64) {
        let fresh = || std::iter::repeat_with(AtomicU32::default).take(GROUPS).collect();
        self.groups.get_or_init(fresh)[place(group)].fetch_add(1, SeqCst);
    }
}

fn place(group: u64) -> usize {
    // The cast is exact: the remainder is small.
    #[allow(clippy::cast_possible_truncation)]
    let place = (group % GROUPS as u64) as usize;
    place
}

#[cfg(test)]
mod tests {
    use super::Tenure;

    #[test]
    fn a_write_to_a_group_moves_it_and_one_to_all_moves_all() {
        let (one, other) = (Tenure::default(), Tenure::default());
        assert_ne!(one.number(), other.number());
        assert_eq!(one.at(7), (0, 0));
        one.move_group(7);
        assert_eq!((one.at(7), one.at(8), other.at(7)), ((0, 1), (0, 0), (0, 0)));
        one.move_all();
        assert_eq!((one.at(7), one.at(8), other.at(7)), ((1, 1), (1, 0), (0, 0)));
    }
}
