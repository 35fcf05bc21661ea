//! Which tokens upstream has ever accepted.

use std::time::Duration;

use moka::sync::Cache;

use crate::token::Fingerprint;

/// How many are remembered unless told otherwise; about 330 bytes each, 11 MiB of all.
pub const MOST_PROVEN: u64 = 32_768;

/// For how long one is remembered after its last use, unless told otherwise.
pub const PROVEN_IDLE: Duration = Duration::from_hours(24);

/// The tokens that upstream has accepted, by fingerprint. One that was never accepted may be an
/// invention, and gets no budget of its own ([`super::Ask::proven`]).
///
/// Beyond the most that it remembers, those in use push out those that are not; a token that is
/// forgotten shares its address's budget until upstream accepts it again.
#[derive(Debug, Clone)]
pub struct Proven(Cache<Fingerprint, ()>);

impl Proven {
    /// Remembers at most `most` tokens, each until it was not used for `idle`.
    #[must_use]
    pub fn new(most: u64, idle: Duration) -> Self {
        Self(Cache::builder().max_capacity(most).time_to_idle(idle).build())
    }

    /// Upstream has accepted it. Call it where `contains` said no: an insertion costs more than a look.
    pub fn insert(&self, token: Fingerprint) {
        self.0.insert(token, ());
    }

    /// Whether upstream has accepted it; asking is a use.
    #[must_use]
    pub fn contains(&self, token: Fingerprint) -> bool {
        // `contains_key` would not count as a use, and a busy token would be forgotten as idle.
        self.0.get(&token).is_some()
    }

    /// Upstream has refused it (AUTHFAIL): it is like any invented one again.
    pub fn remove(&self, token: Fingerprint) {
        self.0.invalidate(&token);
    }

    /// How many are remembered, about.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.0.run_pending_tasks();
        self.0.entry_count()
    }
}

impl Default for Proven {
    fn default() -> Self {
        Self::new(MOST_PROVEN, PROVEN_IDLE)
    }
}
