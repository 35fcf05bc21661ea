//! Times: with a little chance in them, and as whole numbers for headers, sentences and lines.

use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time up to `percent` of a hundred longer or shorter by chance, so that many who began at once do
/// not end at once. `percent` is 100 at most.
#[must_use]
pub fn around(time: Duration, percent: u32) -> Duration {
    // Keys of a hasher are the standard library's own chance: nothing here has to be hard to guess.
    let chance = RandomState::new().hash_one(0_u8) % 2001;
    let parts = 100_000 - u64::from(percent) * 1000 + chance * u64::from(percent);
    let nanoseconds = time.as_nanos() * u128::from(parts) / 100_000;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

/// Whole microseconds.
#[must_use]
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Whole seconds, a part of one counting as one.
#[must_use]
pub fn seconds_up(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A second of the calendar as text, which is written once for all who ask within it.
#[derive(Default)]
pub struct Written {
    second: u64,
    text: String,
}

impl Written {
    /// The text of the second that is so far behind 1970, which `write` writes.
    pub fn of(&mut self, second: u64, write: impl FnOnce(SystemTime) -> String) -> &str {
        if self.second != second || self.text.is_empty() {
            self.second = second;
            self.text = write(UNIX_EPOCH + Duration::from_secs(second));
        }
        &self.text
    }
}

/// The time since 1970.
#[must_use]
pub fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::{Written, around, seconds_up};

    #[test]
    fn a_second_is_written_once() {
        let mut written = Written::default();
        let texts = [7, 7, 8, 7].map(|second| {
            let mut is_new = false;
            let text = written.of(second, |time| {
                is_new = true;
                httpdate::fmt_http_date(time)
            });
            (text.to_owned(), is_new)
        });
        let text = |second: u32| format!("Thu, 01 Jan 1970 00:00:0{second} GMT");
        assert_eq!(texts, [(text(7), true), (text(7), false), (text(8), true), (text(7), true)]);
    }

    #[test]
    fn chance_stays_within_its_share_and_differs() {
        let times: HashSet<Duration> = (0..100).map(|_| around(Duration::from_secs(10), 20)).collect();
        assert!(times.len() > 10, "{times:?}");
        for time in times {
            assert!((Duration::from_secs(8)..=Duration::from_secs(12)).contains(&time), "{time:?}");
        }
        assert_eq!(around(Duration::from_secs(10), 0), Duration::from_secs(10));
    }

    #[test]
    fn a_part_of_a_second_counts_as_one() {
        let millis = [0, 1, 999, 1000, 1001].map(|millis| seconds_up(Duration::from_millis(millis)));
        assert_eq!(millis, [0, 1, 1, 1, 2]);
    }
}
