//! Times with some randomness: what began together must not end or return together.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// A time that is longer or shorter at random by up to `percent` of a hundred, so that what began at once does
/// not end at once. `percent` is 100 at most.
#[must_use]
pub fn around(time: Duration, percent: u32) -> Duration {
    // The standard library's random hash keys are enough: nothing here has to be hard to guess.
    let chance = RandomState::new().hash_one(0_u8) % 2001;
    let parts = 100_000 - u64::from(percent) * 1000 + chance * u64::from(percent);
    let nanoseconds = time.as_nanos() * u128::from(parts) / 100_000;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::around;

    #[test]
    fn chance_stays_within_its_share_and_differs() {
        let times: HashSet<Duration> = (0..100).map(|_| around(Duration::from_secs(10), 20)).collect();
        assert!(times.len() > 10, "{times:?}");
        for time in times {
            assert!((Duration::from_secs(8)..=Duration::from_secs(12)).contains(&time), "{time:?}");
        }
        assert_eq!(around(Duration::from_secs(10), 0), Duration::from_secs(10));
    }
}
