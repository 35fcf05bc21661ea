//! Under which key an answer is kept.

use super::generations::Generation;
use super::terms::ReadKey;
use crate::policy::fingerprint::Fingerprint;

/// Where an entry stands: all of a read except how many rows it wants.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct CacheSlot {
    pub(super) app: Fingerprint,
    upstream: u64,
    operation: usize,
    pub(super) group: String,
    variant: String,
    /// Nobody but upstream knows how many rows a read without count gets: it neither serves those
    /// with one nor is it served by them, and they do not push each other out.
    counted: bool,
    pub(super) generation: Generation,
}

impl CacheSlot {
    /// Where a read looks, and the rows it wants.
    pub(super) fn of(key: ReadKey, generation: Generation) -> (Self, Option<u64>) {
        let ReadKey { app, upstream, operation, group, variant, count } = key;
        let counted = count.is_some();
        (Self { app, upstream, operation, group, variant, counted, generation }, count)
    }

    /// This slot under another generation: for what was read by a key that a write has since moved.
    pub(super) fn under(&self, generation: Generation) -> Self {
        Self { generation, ..self.clone() }
    }

    /// How many bytes its texts have.
    pub(super) fn text(&self) -> usize {
        self.group.len() + self.variant.len()
    }
}
