//! What is to be expected of calls in a time to come, by the hours of the week and the days on which they came so far.
//!
//! All expectations are in thousandths, so that they are the same on every machine.

use std::ops::Range;

use super::calendar::{DAY, HOUR, day, hour_of_week};
use super::days::Days;
use super::facts::Facts;

/// The hours of a week.
const HOURS: u64 = 168;
/// One call, or certainty.
pub const ONE: u64 = 1000;
/// The days before today that count; [`Days`] remembers no more.
const MOST_DAYS: u32 = 730;

/// How many calls like those of a row are to be expected within `span`, in seconds since 1970: of each hour of the week
/// those that came in it, divided by how often there has been such an hour since the first call.
#[must_use]
pub fn expected(facts: &Facts, span: &Range<u64>, now: u64) -> u64 {
    let seconds = seconds_by_hour(span);
    // An hour that is not over counts once a call has come in it.
    let end = now / HOUR + u64::from(facts.last / HOUR >= now / HOUR);
    let seen = facts.first / HOUR..end;
    let each = facts.hours.iter().map(|(hour, count)| {
        let times = u128::from(hours_like(*hour, &seen).max(1));
        let within = u128::from(seconds[usize::from(*hour) % seconds.len()]);
        u128::from(*count) * within * u128::from(ONE) / (times * u128::from(HOUR))
    });
    u64::try_from(each.sum::<u128>()).unwrap_or(u64::MAX)
}

/// How likely a day of `span` is one on which calls come, by the share of each day of the week that had some since
/// `first`. Jobs that make a thousand calls once a month are not taken for daily ones by this.
#[must_use]
pub fn chance(days: &Days, first: u64, span: &Range<u64>, now: u64) -> u64 {
    let today = day(now);
    let end = today + u32::from(days.last() == Some(today));
    let seen = day(first).max(today.saturating_sub(MOST_DAYS))..end;
    let (mut active, mut all) = ([0_u64; 7], [0_u64; 7]);
    for day in seen.clone() {
        all[day as usize % 7] += 1;
    }
    for day in days.all().filter(|day| seen.contains(day)) {
        active[day as usize % 7] += 1;
    }
    let share = |day: u64| {
        let day = usize::try_from(day % 7).unwrap_or(0);
        active[day] * ONE / all[day].max(1)
    };
    let days = span.start / DAY..span.end.div_ceil(DAY).max(span.start / DAY);
    let (weeks, rest) = ((days.end - days.start) / 7, (days.end - days.start) % 7);
    let whole: u64 = (0..7).map(share).sum();
    let sum = weeks.saturating_mul(whole) + (days.end - rest..days.end).map(share).sum::<u64>();
    sum.min(ONE)
}

/// The first moment of `span` in an hour of the week in which calls have come.
#[must_use]
pub fn next(facts: &Facts, span: &Range<u64>) -> Option<u64> {
    let last = span.end.div_ceil(HOUR).min(span.start / HOUR + HOURS);
    let mut hours = span.start / HOUR..last;
    let found = hours.find(|hour| facts.hours.contains_key(&hour_of_week(*hour)))?;
    Some((found * HOUR).max(span.start))
}

/// The seconds of `span` in each hour of the week.
fn seconds_by_hour(span: &Range<u64>) -> [u64; 168] {
    let weeks = span.end.saturating_sub(span.start) / (HOURS * HOUR);
    let mut seconds = [weeks * HOUR; 168];
    let mut at = span.start + weeks * HOURS * HOUR;
    while at < span.end {
        let end = span.end.min((at / HOUR + 1) * HOUR);
        seconds[usize::from(hour_of_week(at / HOUR))] += end - at;
        at = end;
    }
    seconds
}

/// How many hours of `seen`, counted from 1970, are this hour of the week.
fn hours_like(hour: u8, seen: &Range<u64>) -> u64 {
    let all = seen.end.saturating_sub(seen.start);
    let ahead = (u64::from(hour) + HOURS - u64::from(hour_of_week(seen.start))) % HOURS;
    all / HOURS + u64::from(ahead < all % HOURS)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::{ONE, chance, expected, next};
    use crate::ledger::calendar::{DAY, HOUR};
    use crate::ledger::facts::{Batch, Facts};

    /// 2024-01-01, a Monday.
    const MONDAY: u64 = 1_704_067_200;
    const WEEK: u64 = 7 * DAY;

    /// `count` calls at each of these moments.
    fn calls(count: u64, at: impl Iterator<Item = u64>) -> Facts {
        let mut facts = Facts::default();
        for at in at {
            let endings = [count, 0, 0, 0, 0];
            facts.add(&Batch { hour: at / HOUR, first: at, last: at, endings, ..Batch::default() });
        }
        facts
    }

    /// Calls and chance within so many seconds from a time on.
    fn forecast(facts: &Facts, from: u64, seconds: u64, now: u64) -> (u64, u64) {
        let span: Range<u64> = from..from + seconds;
        (expected(facts, &span, now), chance(&facts.active, facts.first, &span, now))
    }

    #[test]
    fn a_nightly_job_is_expected_once_a_night_and_at_no_other_hour() {
        let facts = calls(1, (0..30).map(|night| MONDAY + night * DAY + 3 * HOUR));
        let (now, later) = (MONDAY + 29 * DAY + 20 * HOUR, MONDAY + 70 * DAY);
        assert_eq!(forecast(&facts, later + 3 * HOUR, HOUR, now), (ONE, ONE));
        assert_eq!(forecast(&facts, later + 3 * HOUR, HOUR / 2, now), (ONE / 2, ONE));
        assert_eq!(forecast(&facts, later + 4 * HOUR, 23 * HOUR, now).0, 0);
        assert_eq!(forecast(&facts, later, 4 * WEEK, now).0, 28 * ONE);
        assert_eq!(next(&facts, &(later..later + DAY)), Some(later + 3 * HOUR));
        assert_eq!(next(&facts, &(later + 4 * HOUR..later + DAY)), None);
        let within = later + 3 * HOUR + 5;
        assert_eq!(next(&facts, &(within..within + 60)), Some(within));
    }

    #[test]
    fn a_monthly_job_is_unlikely_within_a_week_however_much_it_calls_at_once() {
        // 28 days of February 2026 apart, for 112 days: always on a Monday.
        let facts = calls(500, (0..5).map(|month| MONDAY + 4 * month * WEEK + 8 * HOUR));
        let (now, later) = (MONDAY + 112 * DAY + 9 * HOUR, MONDAY + 20 * WEEK);
        // Five of 17 Mondays.
        assert_eq!(forecast(&facts, later, WEEK, now), (147_058, 294));
        assert_eq!(forecast(&facts, later + DAY, 6 * DAY, now), (0, 0));
        assert_eq!(forecast(&facts, later, 4 * WEEK, now).1, ONE);
    }

    #[test]
    fn a_phone_app_that_calls_all_day_is_expected_in_any_hour_by_its_share() {
        let calls_at = (0..28).flat_map(|day| (7..23).map(move |hour| MONDAY + day * DAY + hour * HOUR));
        let facts = calls(6, calls_at);
        let (now, later) = (MONDAY + 28 * DAY, MONDAY + 30 * DAY);
        assert_eq!(forecast(&facts, later + 9 * HOUR, HOUR, now), (6 * ONE, ONE));
        assert_eq!(forecast(&facts, later + 9 * HOUR + 600, 2 * HOUR, now), (12 * ONE, ONE));
        assert_eq!(forecast(&facts, later, 7 * HOUR, now).0, 0);
        assert_eq!(forecast(&facts, later, DAY, now), (96 * ONE, ONE));
    }

    #[test]
    fn the_hour_that_is_not_over_counts_once_a_call_has_come_in_it() {
        let facts = calls(1, (0..2).map(|week| MONDAY + week * WEEK));
        for (now, calls) in [
            (MONDAY + WEEK + 5, ONE),
            (MONDAY + 2 * WEEK - 1, ONE),
            // It has begun, and the call may still come.
            (MONDAY + 2 * WEEK + 5, ONE),
            (MONDAY + 2 * WEEK + HOUR, 2 * ONE / 3),
        ] {
            assert_eq!(forecast(&facts, MONDAY + 9 * WEEK, HOUR, now).0, calls, "{now}");
        }
    }
}
