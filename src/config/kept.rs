//! What of answers to reads is kept.

use std::time::Duration;

/// How long answers are kept, and how many. Times count from the moment at which upstream was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// How long an answer is as good as a new one.
    pub fresh: Duration,
    /// How long after that it is still served while a new one is fetched.
    pub stale_while_revalidate: Duration,
    /// How long after `fresh` it is still served where upstream gives none.
    pub stale_if_error: Duration,
    /// The room for all entries, in bytes. One token's take half of it at most, and then its own oldest give way;
    /// where all is full, the oldest of whoever has most.
    pub bytes: u64,
    /// The largest entry that is kept, in bytes: the answer and the text of its key.
    pub entry_bytes: usize,
}
