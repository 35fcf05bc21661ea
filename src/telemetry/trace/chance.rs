//! Numbers that nobody else draws, for ids: a sequence that begins at random, of one worker alone.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::context::hex;
use crate::http::number::Made;

/// The step of the sequence, and the mixing of its numbers: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom
/// number generators, 2014).
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A sequence of numbers.
pub struct Chance(AtomicU64);

impl Default for Chance {
    fn default() -> Self {
        // The standard library's random hash keys are enough: ids need not be hard to guess.
        Self(AtomicU64::new(RandomState::new().hash_one(0_u8)))
    }
}

impl Chance {
    /// A sequence that begins with this number.
    #[must_use]
    pub const fn of(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number, which is never 0: ids are not (Trace Context, section 3.2.2).
    #[inline]
    pub fn next(&self) -> u64 {
        // One worker draws, or few do: two that draw at once would need the same number twice to notice.
        let state = self.0.fetch_add(STEP, Relaxed).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)).max(1)
    }

    /// The next number as digits, for a request.
    #[must_use]
    pub fn number(&self) -> Made {
        let mut digits = Made::default();
        hex(self.next().into(), &mut digits);
        digits
    }

    /// The next number of twice as many bits.
    pub fn next_long(&self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Chance;

    #[test]
    fn numbers_differ_and_are_not_zero() {
        let (one, other) = (Chance::default(), Chance::default());
        let numbers: HashSet<u64> = (0..1000).flat_map(|_| [one.next(), other.next()]).collect();
        assert_eq!(numbers.len(), 2000);
        assert!(!numbers.contains(&0));
    }
}
