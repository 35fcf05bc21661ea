//! Waiting times in whole seconds, as `Retry-After` has them (RFC 9110, section 10.2.3).

use std::time::Duration;

/// Whole seconds, rounded up.
#[must_use]
pub fn seconds_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::seconds_up;

    #[test]
    fn a_part_of_a_second_counts_as_one() {
        let millis = [0, 1, 999, 1000, 1001].map(|millis| seconds_up(Duration::from_millis(millis)));
        assert_eq!(millis, [0, 1, 1, 1, 2]);
    }
}
