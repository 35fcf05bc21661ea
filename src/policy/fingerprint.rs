//! Fingerprints identify tokens in keys of limits and the cache, where the token itself must not be.

use std::hash::{BuildHasher as _, BuildHasherDefault, Hasher, RandomState};

use siphasher::sip128::SipHasher13;

/// 128 bits that say only whether two tokens are equal: the hash is keyed, so a fingerprint cannot be looked up. The key
/// is made anew in each process, unless a ledger that is kept has one, by which a client is the same after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub u128);

/// Makes fingerprints.
#[derive(Debug, Clone, Copy)]
pub struct Fingerprints {
    keys: (u64, u64),
}

impl Default for Fingerprints {
    fn default() -> Self {
        // The standard library's random keys, which guard its tables against flooding.
        let chance = RandomState::new();
        Self { keys: (chance.hash_one(0_u8), chance.hash_one(1_u8)) }
    }
}

impl Fingerprints {
    /// Fingerprints with constant keys.
    #[cfg(test)]
    pub const SAME: Self = Self { keys: (1, 2) };

    /// Fingerprints that are the same in each process with this key.
    #[must_use]
    pub fn keyed(key: u128) -> Self {
        let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default();
        Self { keys: (half(key), half(key >> 64)) }
    }

    /// The fingerprint of a token (or of a name that cannot be one: callers keep the two apart).
    #[must_use]
    pub fn of(&self, token: &str) -> Fingerprint {
        self.of_bytes(token.as_bytes())
    }

    /// The fingerprint of bytes.
    #[must_use]
    pub fn of_bytes(&self, bytes: &[u8]) -> Fingerprint {
        Fingerprint(SipHasher13::new_with_keys(self.keys.0, self.keys.1).hash(bytes).as_u128())
    }
}

/// The hasher for maps with fingerprints as keys: a fingerprint is a keyed hash already, which no caller can choose.
pub type Ready = BuildHasherDefault<Half>;

/// Half of a fingerprint, unchanged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Half(u64);

impl Hasher for Half {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Fingerprints are hashed as one number; this is only for completeness.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, number: u128) {
        let [low @ .., _, _, _, _, _, _, _, _] = number.to_le_bytes();
        self.0 = u64::from_le_bytes(low);
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprints;

    #[test]
    fn it_tells_tokens_apart_and_is_another_in_another_process() {
        let (one, other) = (Fingerprints::default(), Fingerprints::default());
        assert_eq!(one.of("token"), one.of("token"));
        assert_ne!(one.of("token"), one.of("tokem"));
        assert_ne!(one.of("token"), other.of("token"));
    }
}
