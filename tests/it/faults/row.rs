//! One fault of upstream's, and what may become of a request that meets it.

use crate::support::chaos::{Fault, Identity, Step, When};

/// What the caller is told: an error and an outcome that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is done: upstream said so.
    Yes,
    /// Upstream said why it is not done.
    No,
    /// UPSTREAMDOWN, not-sent.
    NotSent,
    /// BADANSWER, unknown.
    BadAnswer,
    /// TIMEOUT, unknown.
    Timeout,
}

/// How often a fault comes where chance decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odds {
    Often,
    /// It takes long, or many bytes.
    Rarely,
    /// What the caller is to be told depends on its door, or on which of two bytes comes first.
    Never,
}

/// A fault, and what it may lead to.
pub struct Row {
    pub name: &'static str,
    pub fault: Fault,
    /// What a write's caller is told: one of these.
    pub ends: &'static [End],
    /// How often upstream reads the write to its end.
    pub seen: usize,
    /// Whether the connection may get another request.
    pub may_be_reused: bool,
    /// Whether a read that meets it once ends well where reads are repeated.
    pub is_mended_by_repeating: bool,
    pub odds: Odds,
}

impl Row {
    /// A fault that a request meets on a connection that stands.
    pub const fn request(
        name: &'static str,
        steps: &'static [Step],
        ends: &'static [End],
        seen: usize,
    ) -> Self {
        Self::new(name, When::Request, steps, ends, seen)
    }

    /// A fault that meets whoever connects.
    pub const fn accept(name: &'static str, steps: &'static [Step], ends: &'static [End]) -> Self {
        Self::new(name, When::Accept, steps, ends, 0)
    }

    /// A certificate that must not be taken.
    pub const fn identity(name: &'static str, identity: Identity) -> Self {
        Self::new(name, When::Handshake(identity), &[], &[End::NotSent], 0)
    }

    const fn new(
        name: &'static str,
        when: When,
        steps: &'static [Step],
        ends: &'static [End],
        seen: usize,
    ) -> Self {
        Self {
            name,
            fault: Fault { when, steps },
            ends,
            seen,
            may_be_reused: true,
            is_mended_by_repeating: false,
            odds: Odds::Often,
        }
    }

    /// After it nobody can know where on the connection the next answer begins.
    pub const fn never_reused(mut self) -> Self {
        self.may_be_reused = false;
        self
    }

    pub const fn mended_by_repeating(mut self) -> Self {
        self.is_mended_by_repeating = true;
        self
    }

    pub const fn odds(mut self, odds: Odds) -> Self {
        self.odds = odds;
        self
    }
}
