//! The hours of the week at which a client calls, in a line.

use std::collections::BTreeMap;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// The most spans that a line has; a client with more calls at no hours of its own.
const MOST_SPANS: usize = 8;

/// The hours of a week with a call, such as `Mon–Fri 02:00–03:00; Sun 10:00–12:00`.
#[must_use]
pub fn hours(counts: &BTreeMap<u8, u64>) -> String {
    let mut days = [0_u32; 7];
    for hour in counts.keys() {
        days[usize::from(hour / 24 % 7)] |= 1 << (hour % 24);
    }
    let mut groups: Vec<(u32, Vec<usize>)> = Vec::new();
    for (day, mask) in days.into_iter().enumerate().filter(|(_, mask)| *mask != 0) {
        match groups.iter_mut().find(|(known, _)| *known == mask) {
            Some((_, days)) => days.push(day),
            None => groups.push((mask, vec![day])),
        }
    }
    let all: Vec<(String, Vec<String>)> =
        groups.iter().map(|(mask, days)| (called(days), spans(*mask))).collect();
    if all.iter().map(|(_, spans)| spans.len()).sum::<usize>() > MOST_SPANS {
        return format!("in {} of the week's 168 hours", counts.len());
    }
    all.iter().map(|(days, spans)| format!("{days} {}", spans.join(", "))).collect::<Vec<_>>().join("; ")
}

/// Days by name: runs of three and more as one.
fn called(days: &[usize]) -> String {
    if days.len() == DAYS.len() {
        return "every day".to_owned();
    }
    let runs = days.chunk_by(|one, next| one + 1 == *next);
    let name = |run: &[usize]| match run {
        [first, _, .., last] => format!("{}–{}", DAYS[*first], DAYS[*last]),
        _ => run.iter().map(|day| DAYS[*day]).collect::<Vec<_>>().join(", "),
    };
    runs.map(name).collect::<Vec<_>>().join(", ")
}

/// The spans of a day's hours.
fn spans(mask: u32) -> Vec<String> {
    if mask == (1 << 24) - 1 {
        return vec!["all day".to_owned()];
    }
    let hours: Vec<u32> = (0..24).filter(|hour| mask >> hour & 1 == 1).collect();
    let runs = hours.chunk_by(|one, next| one + 1 == *next);
    runs.map(|run| format!("{:02}:00–{:02}:00", run[0], run[run.len() - 1] + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::hours;

    fn written(week: impl Iterator<Item = u8>) -> String {
        hours(&week.map(|hour| (hour, 1)).collect())
    }

    #[test]
    fn days_with_the_same_hours_are_told_together() {
        let at = |days: &'static [u8], hours: std::ops::Range<u8>| {
            days.iter().flat_map(move |day| hours.clone().map(move |hour| day * 24 + hour))
        };
        for (week, line) in [
            (written(at(&[0, 1, 2, 3, 4], 2..3)), "Mon–Fri 02:00–03:00"),
            (written(at(&[0, 1, 2, 3, 4, 5, 6], 3..4)), "every day 03:00–04:00"),
            (written(at(&[0, 1, 2, 3, 4, 5, 6], 0..24)), "every day all day"),
            (
                written(at(&[0, 1, 4], 8..10).chain(at(&[0, 1, 4], 23..24))),
                "Mon, Tue, Fri 08:00–10:00, 23:00–24:00",
            ),
            (written(at(&[6], 0..1).chain(at(&[2, 3, 4], 9..17))), "Wed–Fri 09:00–17:00; Sun 00:00–01:00"),
            (written((0..168).step_by(7)), "in 24 of the week's 168 hours"),
        ] {
            assert_eq!(week, line);
        }
    }
}
