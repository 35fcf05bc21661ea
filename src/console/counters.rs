//! What the console counts for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How an attempt to log in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginOutcome {
    /// The token opened a session.
    Accepted,
    /// It was no token of the console's.
    Wrong,
    /// It was not looked at, after too many wrong ones from that address.
    Slowed,
}

impl LoginOutcome {
    /// Every outcome, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Accepted, Self::Wrong, Self::Slowed];

    /// The label's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Wrong => "wrong",
            Self::Slowed => "slowed",
        }
    }
}

/// Counts since the start.
#[derive(Debug, Default)]
pub struct ConsoleCounters {
    logins: [AtomicU64; LoginOutcome::ALL.len()],
    actions: AtomicU64,
}

impl ConsoleCounters {
    /// Counts an attempt to log in.
    pub(super) fn login(&self, outcome: LoginOutcome) {
        self.logins[outcome as usize].fetch_add(1, Relaxed);
    }

    /// Counts something that an operator has done.
    pub(super) fn action(&self) {
        self.actions.fetch_add(1, Relaxed);
    }

    /// How many attempts to log in ended so.
    #[must_use]
    pub fn logins(&self, outcome: LoginOutcome) -> u64 {
        self.logins[outcome as usize].load(Relaxed)
    }

    /// What operators have done.
    #[must_use]
    pub fn actions(&self) -> u64 {
        self.actions.load(Relaxed)
    }
}
