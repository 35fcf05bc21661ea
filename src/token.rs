//! What stands for a token where the token itself must not be: in keys of limits and the cache.

use std::hash::{BuildHasher, RandomState};

/// 128 bits that say whether two tokens are the same, and nothing else: the hash is keyed anew in
/// each process, so that it can neither be looked up nor compared with another process's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u128);

/// Makes fingerprints.
#[derive(Debug, Clone, Default)]
pub struct Fingerprints {
    high: RandomState,
    low: RandomState,
}

impl Fingerprints {
    /// The fingerprint of a token (or of a name that cannot be one: callers keep the two apart).
    #[must_use]
    pub fn of(&self, token: &str) -> Fingerprint {
        let high = u128::from(self.high.hash_one(token));
        Fingerprint(high << 64 | u128::from(self.low.hash_one(token)))
    }
}
