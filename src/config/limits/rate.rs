//! The rate of a limit: a count per window.

use std::num::NonZeroU32;
use std::time::Duration;

/// How fast a budget fills: `count` in each `window`, evenly spread over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many requests, or members.
    pub count: NonZeroU32,
    /// The window; whole seconds.
    pub window: Duration,
}

const UNITS: [(&str, u64); 5] = [("s", 1), ("sec", 1), ("min", 60), ("hour", 3600), ("day", 86400)];

/// The longest window, in seconds: more than a year is taken for a typing error.
const LONGEST: u64 = 365 * 86400;

/// The highest rate per second. Up to it the interval is a microsecond or more, so that rounding it to nanoseconds
/// changes the rate by a thousandth at most.
const HIGHEST: u64 = 1_000_000;

impl Rate {
    /// Reads a rate such as `30/min`, `5/10s` or `1000/day`.
    ///
    /// # Errors
    ///
    /// What is wrong and what would be right, as a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let example = || {
            format!(
                "`{text}` is no rate: give how many in how long (s, sec, min, hour, day), such as 30/min, 5/10s or 1000/day"
            )
        };
        let (count, window) = text.split_once('/').ok_or_else(example)?;
        let count = number(count.trim()).and_then(|count| u32::try_from(count).ok()).ok_or_else(example)?;
        let window = seconds(window.trim()).ok_or_else(example)?;
        let count = NonZeroU32::new(count)
            .ok_or_else(|| format!("`{text}` lets nothing pass: give 1 or more, such as 1/day"))?;
        match window {
            0 => Err(format!("`{text}` is in no time: give 1s or more")),
            _ if window > LONGEST => Err(format!("`{text}` is over a year: give 365day or less")),
            _ if u64::from(count.get()) > HIGHEST * window => {
                Err(format!("`{text}` is over {HIGHEST}/s: give a lower one, or no limit at all"))
            }
            _ => Ok(Self { count, window: Duration::from_secs(window) }),
        }
    }

    /// The time after which a budget has one more, 1 ns or more. Rounded up, so that never more passes than was
    /// written.
    #[must_use]
    pub fn interval(self) -> Duration {
        let nanos = self.window.as_nanos().div_ceil(u128::from(self.count.get())).max(1);
        // `parse` refuses windows that do not fit; a year stands for one.
        u64::try_from(nanos).map_or(Duration::from_secs(LONGEST), Duration::from_nanos)
    }
}

/// `10s` → 10, `min` → 60.
fn seconds(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (times, unit) = text.split_at(digits);
    let times = if times.is_empty() { 1 } else { number(times)? };
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    times.checked_mul(*seconds)
}

/// Digits only: `u64::from_str` would take a plus sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
