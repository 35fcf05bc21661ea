//! The time of day, for headers and log lines.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A second of the calendar as text, written once for everything that needs it within that second.
#[derive(Default)]
pub struct WrittenSecond {
    second: u64,
    text: String,
}

impl WrittenSecond {
    /// The text of `second`, counted from 1970; `write` formats it if it is not the last one.
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
    use super::WrittenSecond;

    #[test]
    fn a_second_is_written_once() {
        let mut written = WrittenSecond::default();
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
}
