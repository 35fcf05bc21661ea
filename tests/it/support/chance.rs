//! Random numbers that repeat themselves if their seed is given.

use std::hash::{BuildHasher as _, RandomState};

/// Sebastiano Vigna's `SplitMix64`.
pub struct Chance(u64);

impl Chance {
    /// Seeded by `TEST_SEED`, or at random; the seed is printed.
    #[expect(clippy::print_stdout, reason = "it is shown of a test that fails")]
    pub fn new() -> Self {
        let given = std::env::var_os("TEST_SEED").and_then(|seed| seed.to_str()?.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0_u8));
        println!("TEST_SEED={seed}");
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let below = (mixed ^ (mixed >> 31)) % u64::try_from(end).expect("a number");
        usize::try_from(below).expect("a number")
    }

    pub fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
