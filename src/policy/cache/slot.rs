//! The key under which an answer is cached.

use super::generations::Generation;
use super::terms::ReadKey;
use crate::policy::fingerprint::Fingerprint;

/// The place of an entry: all of a read's key except the number of rows.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct CacheSlot {
    pub(super) app: Fingerprint,
    upstream: u64,
    operation: usize,
    pub(super) group: String,
    variant: String,
    /// Reads with and without a count have separate entries: only upstream knows how many rows a read without count
    /// gets.
    counted: bool,
    pub(super) generation: Generation,
}

impl CacheSlot {
    /// A read's slot, and the number of rows that it asks for.
    pub(super) fn of(key: ReadKey, generation: Generation) -> (Self, Option<u64>) {
        let ReadKey { app, upstream, operation, group, variant, count } = key;
        let counted = count.is_some();
        (Self { app, upstream, operation, group, variant, counted, generation }, count)
    }

    /// This slot under another generation: for a read whose generation a write has moved since.
    pub(super) fn under(&self, generation: Generation) -> Self {
        Self { generation, ..self.clone() }
    }

    pub(super) fn text(&self) -> usize {
        self.group.len() + self.variant.len()
    }
}
