//! Moments in settings, as RFC 3339 writes them: a day, or a day and a time with its zone.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::protocol::document::{Section, TomlValue};

/// A second of the calendar, counted from 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

/// The last second of the year 9999, the last that can be written.
const LAST: u64 = 253_402_300_799;
/// The length of a day as text.
const DAY: usize = "2027-03-01".len();
/// The length of a time as text that leaves its seconds out.
const MINUTE: usize = "08:00".len();

const RIGHT: &str = "give a day, such as 2027-03-01 (its start in UTC), or a day and a time with its zone, such as 2027-03-01T08:00:00Z";

impl Moment {
    /// Reads a moment; a day alone is its start in UTC, and a time may leave its seconds out.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("`{text}` {what}: {RIGHT}");
        let Some((day, time)) = text.split_once(['T', 't', ' ']).filter(|(day, _)| day.len() == DAY) else {
            let seconds = seconds(&format!("{text}T00:00:00Z"));
            return seconds.map(Self).ok_or_else(|| wrong("is no day of the calendar since 1970"));
        };
        let (time, ahead) = zone(time).ok_or_else(|| wrong("has no zone"))?;
        let whole = if time.len() == MINUTE { ":00" } else { "" };
        let local =
            seconds(&format!("{day}T{time}{whole}Z")).ok_or_else(|| wrong("is no moment since 1970"))?;
        let seconds = local.checked_add_signed(-ahead).filter(|seconds| *seconds <= LAST);
        seconds.map(Self).ok_or_else(|| wrong("is no moment since 1970"))
    }

    /// The moment that is so much later; the last that can be written, if it were beyond that.
    #[must_use]
    pub fn plus(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time.as_secs()).min(LAST))
    }

    /// The moment as HTTP writes dates (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn http_date(self) -> String {
        httpdate::fmt_http_date(self.time())
    }

    fn time(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_seconds(self.time()).fmt(f)
    }
}

/// The seconds of a moment that is written with a Z.
fn seconds(text: &str) -> Option<u64> {
    let is_plain = text.is_ascii() && text.len() >= "1970-01-01T00:00:00Z".len();
    let time = humantime::parse_rfc3339(text).ok().filter(|_| is_plain)?;
    time.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// A time of the day without its zone, and the seconds by which the zone is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (hours, minutes) = time[at + 1..].split_once(':')?;
    let number = |text: &str, most: i64| {
        let number = text
            .parse::<i64>()
            .ok()
            .filter(|_| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()));
        number.filter(|number| *number <= most)
    };
    let ahead = 3600 * number(hours, 23)? + 60 * number(minutes, 59)?;
    Some((&time[..at], if time[at..].starts_with('-') { -ahead } else { ahead }))
}

/// A moment in a section, as a text or as a date of TOML; an empty text counts as not set.
pub fn read(section: &Section<'_>, name: &'static str) -> Option<Moment> {
    let text = match &section.node(name)?.value {
        TomlValue::Text(text) | TomlValue::Date(text) => text,
        other => {
            section.fault_at(name, format!("expected a date, found {}: {RIGHT}", other.kind()));
            return None;
        }
    };
    if text.is_empty() {
        return None;
    }
    Moment::parse(text).map_err(|what| section.fault_at(name, what)).ok()
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_a_day_or_a_time_with_its_zone() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("2026-01-01", 1_767_225_600),
            ("2026-01-01T00:00:00Z", 1_767_225_600),
            ("2026-01-01 00:00:00z", 1_767_225_600),
            ("2026-01-01T00:00Z", 1_767_225_600),
            ("2026-01-01T02:00+02:00", 1_767_225_600),
            ("2026-01-01t02:30:00+02:30", 1_767_225_600),
            ("2025-12-31T19:00:00.999-05:00", 1_767_225_600),
            ("2028-02-29", 1_835_395_200),
        ] {
            assert_eq!(Moment::parse(text), Ok(Moment(seconds)), "{text}");
        }
        for (text, what) in [
            ("2026-02-29", "is no day of the calendar"),
            ("2026-13-01", "is no day of the calendar"),
            ("2026-1-1", "is no day of the calendar"),
            ("01.03.2027", "is no day of the calendar"),
            ("tomorrow", "is no day of the calendar"),
            ("1969-12-31", "is no day of the calendar"),
            ("2027-03-01T08:00:00", "has no zone"),
            ("2027-03-01T08:00:00+2", "has no zone"),
            ("2027-03-01T25:00:00Z", "is no moment"),
            ("1970-01-01T00:00:00+01:00", "is no moment"),
        ] {
            let told = Moment::parse(text).expect_err("no moment");
            assert!(told.contains(what) && told.contains("such as 2027-03-01"), "{told}");
        }
    }

    #[test]
    fn a_moment_is_written_for_people_and_for_http() {
        let moment = Moment(1_767_225_600);
        assert_eq!(moment.to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(moment.http_date(), "Thu, 01 Jan 2026 00:00:00 GMT");
    }
}
