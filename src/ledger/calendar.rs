//! Days, months and hours of a week, counted in UTC.

use time::{Date, Month, OffsetDateTime};

/// Seconds of an hour, and of a day.
pub const HOUR: u64 = 3600;
/// Seconds of a day.
pub const DAY: u64 = 24 * HOUR;
/// The Julian day of 1 January 1970, as [`time::Date`] counts days.
const OF_1970: i32 = 2_440_588;
/// 1 January 1970 was a Thursday; weeks begin on Monday.
const HOURS_BEFORE_1970: u64 = 3 * 24;

/// The day of a time, counted from 1970; the time is in seconds since 1970.
#[must_use]
pub fn day(at: u64) -> u32 {
    u32::try_from(at / DAY).unwrap_or(u32::MAX)
}

/// The hour of the week, 0 to 167, from Monday's first hour on; `hour` counts from 1970.
#[must_use]
pub fn hour_of_week(hour: u64) -> u8 {
    u8::try_from((hour + HOURS_BEFORE_1970) % 168).unwrap_or(0)
}

/// The month of a day, as year × 12 + month − 1.
#[must_use]
pub fn month(day: u32) -> u32 {
    let date = date(day);
    let year = u32::try_from(date.year()).unwrap_or(0);
    year * 12 + u32::from(u8::from(date.month())) - 1
}

/// The day as it is written: 2026-11-30.
#[must_use]
pub fn written_day(day: u32) -> String {
    let date = date(day);
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// The month as it is written: 2026-11.
#[must_use]
pub fn written_month(month: u32) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

/// The time as it is written: 2026-11-30 04:05.
#[must_use]
pub fn written_time(at: u64) -> String {
    format!("{} {:02}:{:02}", written_day(day(at)), at % DAY / HOUR, at % HOUR / 60)
}

/// The day of a date that is written as 2026-11-30.
#[must_use]
pub fn read_day(text: &str) -> Option<u32> {
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let [month, day] =
        [parts.next()?, parts.next()?].map(|part| part.parse::<u8>().ok().filter(|_| part.len() == 2));
    let date = Date::from_calendar_date(year, Month::try_from(month?).ok()?, day?).ok()?;
    let is_whole = parts.next().is_none();
    u32::try_from(date.to_julian_day() - OF_1970).ok().filter(|_| is_whole)
}

fn date(day: u32) -> Date {
    let last = OffsetDateTime::UNIX_EPOCH.date();
    let julian = i32::try_from(day).ok().and_then(|day| day.checked_add(OF_1970));
    julian.and_then(|julian| Date::from_julian_day(julian).ok()).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, day, hour_of_week, month, read_day, written_day, written_month, written_time};

    #[test]
    fn days_months_and_hours_are_those_of_a_calendar_in_utc() {
        for (at, written, its_month) in [
            (0, "1970-01-01 00:00", "1970-01"),
            (DAY - 1, "1970-01-01 23:59", "1970-01"),
            (1_709_164_800, "2024-02-29 00:00", "2024-02"),
            (1_767_225_599, "2025-12-31 23:59", "2025-12"),
            (1_767_225_600, "2026-01-01 00:00", "2026-01"),
        ] {
            assert_eq!(written_time(at), written);
            assert_eq!(written_day(day(at)), written[..10]);
            assert_eq!(written_month(month(day(at))), its_month);
            assert_eq!(read_day(&written[..10]), Some(day(at)));
        }
        for text in ["2026-02-30", "2026-2-3", "26-02-03", "2026-02-03-04", "1969-12-31", "today"] {
            assert_eq!(read_day(text), None, "{text}");
        }
        // 1970 began on a Thursday, 2024-01-01 was a Monday.
        assert_eq!(hour_of_week(0), 72);
        assert_eq!(hour_of_week(1_704_067_200 / HOUR), 0);
        assert_eq!(hour_of_week(1_704_067_200 / HOUR - 1), 167);
    }
}
