//! What the cache is told, and what it tells.

use std::time::Duration;

use bytes::Bytes;

use super::derived::Derived;
use crate::policy::fingerprint::Fingerprint;

/// What is read.
#[derive(Debug, Clone)]
pub struct ReadKey {
    /// Who asks, by the real token.
    pub app: Fingerprint,
    /// Which upstream is asked.
    pub upstream: u64,
    /// The operation's number in the table.
    pub operation: usize,
    /// What is read, written as [`Touches::Group`] writes it: one group must have one spelling.
    pub group: String,
    /// Every other parameter that reaches upstream, except `count`, in one canonical spelling.
    pub variant: String,
    /// How many rows are asked for; without it upstream decides.
    pub count: Option<u64>,
}

/// What a write may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// One group, written as [`Key::group`] writes it.
    Group(String),
    /// Any group of the real token's app.
    App,
}

/// What a fill brings.
#[derive(Debug, Clone)]
pub struct Filled {
    /// Upstream's HTTP status.
    pub status: u16,
    /// The answer, without anything of the caller's own.
    pub bytes: Bytes,
    /// Whether later reads may have it too: not if it is a failure or has not the expected shape.
    pub keep: bool,
}

/// What a read gets.
pub struct Served {
    /// Upstream's HTTP status; what is kept has 200.
    pub status: u16,
    /// The answer; it may have more rows than were asked for.
    pub bytes: Bytes,
    /// For what is made of the answer, if it is kept and was asked for with as many rows.
    pub derived: Option<Derived>,
    /// Where it comes from.
    pub state: Provenance,
    /// How long ago upstream was asked; zero if this read waited for its answer.
    pub age: Duration,
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// A fresh entry.
    Hit,
    /// An entry that is no longer fresh.
    Stale,
    /// Upstream, asked by this read or by one that began before it.
    Miss,
    /// Upstream, past the cache: it is off, or the operation is none that is kept.
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
