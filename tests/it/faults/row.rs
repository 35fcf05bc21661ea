//! One fault of upstream's, and what may become of a request that meets it.

use crate::support::chaos::{Fault, Identity, Step, When};

/// The caller's answer: an error and the outcome that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Done: upstream said so.
    Yes,
    /// Not done: upstream said why.
    No,
    /// UPSTREAMDOWN, not-sent.
    NotSent,
    /// BADANSWER, unknown.
    BadAnswer,
    /// TIMEOUT, unknown.
    Timeout,
}

/// How often chance picks a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odds {
    Often,
    /// Rarely, because the fault takes long, or many bytes.
    Rarely,
    /// Never, because the caller's answer depends on its door, or on which of two bytes comes first.
    Never,
}

/// A fault, and its possible outcomes.
pub struct Row {
    pub name: &'static str,
    pub fault: Fault,
    /// A write's caller is told one of these.
    pub ends: &'static [End],
    /// How often upstream reads the whole write.
    pub seen: usize,
    /// Whether the connection may carry another request.
    pub may_be_reused: bool,
    /// Whether a read that meets the fault once succeeds where reads are repeated.
    pub is_mended_by_repeating: bool,
    pub odds: Odds,
}

impl Row {
    /// A fault that a request meets on an open connection.
    pub const fn request(
        name: &'static str,
        steps: &'static [Step],
        ends: &'static [End],
        seen: usize,
    ) -> Self {
        Self::new(name, When::Request, steps, ends, seen)
    }

    /// A fault that meets a new connection.
    pub const fn accept(name: &'static str, steps: &'static [Step], ends: &'static [End]) -> Self {
        Self::new(name, When::Accept, steps, ends, 0)
    }

    /// A certificate that the gateway must not accept.
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

    /// For faults after which it is unknown where on the connection the next answer begins.
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
