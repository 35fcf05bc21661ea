//! Settings of the cache for answers to reads.

use std::time::Duration;

/// How long answers are cached, and how many. Times count from the moment at which upstream was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// How long an answer is fresh.
    pub fresh: Duration,
    /// How long after that an answer is still served while a new one is fetched.
    pub stale_while_revalidate: Duration,
    /// How long after `fresh` an answer is still served if upstream gives none.
    pub stale_if_error: Duration,
    /// The room for all entries, in bytes. One token may use half of it, and then loses its own oldest entries; when
    /// all is full, the token with the most bytes loses its oldest.
    pub bytes: u64,
    /// The largest entry that is cached, in bytes: the answer and the text of its key.
    pub entry_bytes: usize,
}
