//! The types of the cache's interface: keys of reads, writes, fills and served answers.

use std::time::Duration;

use bytes::Bytes;

use super::derived::Derived;
use crate::policy::fingerprint::Fingerprint;

/// The key of a read.
#[derive(Debug, Clone)]
pub struct ReadKey {
    /// The caller, by the real token.
    pub app: Fingerprint,
    /// The upstream that is asked.
    pub upstream: u64,
    /// The operation's number in the table.
    pub operation: usize,
    /// The group, written as in [`Touches::Group`]: one group must have one spelling.
    pub group: String,
    /// Every other parameter that reaches upstream, except `count`, in one canonical spelling.
    pub variant: String,
    /// How many rows are asked for; `None` leaves the number to upstream.
    pub count: Option<u64>,
}

/// What a write may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// One group, written as in [`ReadKey::group`].
    Group(String),
    /// Any group of the real token's app.
    App,
}

/// The result of a fill.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Upstream's HTTP status.
    pub status: u16,
    /// The answer, without anything of the caller's own.
    pub bytes: Bytes,
    /// Whether the answer may be cached: not if it is a failure or has not the expected shape.
    pub keep: bool,
}

/// The answer to a read.
pub struct Served {
    /// Upstream's HTTP status; 200 for a cached answer.
    pub status: u16,
    /// The answer; it may have more rows than this read asked for.
    pub bytes: Bytes,
    /// The slot for a value derived from the answer, if the answer is cached with the same number of rows.
    pub derived: Option<Derived>,
    /// The answer's origin.
    pub state: Provenance,
    /// How long ago upstream was asked; zero if this read waited for its answer.
    pub age: Duration,
}

/// The origin of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// A fresh entry.
    Hit,
    /// An entry that is no longer fresh.
    Stale,
    /// Upstream, asked for this read or for an earlier one that it joined.
    Miss,
    /// Upstream, past the cache: the cache is off, or the operation is not cached.
    Bypass,
}

impl Provenance {
    /// Every state, in the order of its number.
    pub const ALL: [Self; 4] = [Self::Hit, Self::Stale, Self::Miss, Self::Bypass];

    /// The label's and the header's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Stale => "stale",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        }
    }
}
