//! Numbers, spans and times as people say them.

use crate::ledger::calendar::{DAY, HOUR, written_time};

/// A number with its noun, which has an `s` unless it is one.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A span of seconds, in its largest unit of which it has two.
pub(super) fn span(seconds: u64) -> String {
    for (unit, length) in [("days", DAY), ("h", HOUR), ("min", 60)] {
        if seconds >= 2 * length {
            return format!("{} {unit}", seconds / length);
        }
    }
    format!("{seconds} s")
}

/// A time in microseconds, in milliseconds or seconds.
#[allow(clippy::cast_precision_loss)] // for people
pub(super) fn micros(time: u64) -> String {
    if time < 1_000_000 {
        format!("{:.1} ms", time as f64 / 1e3)
    } else {
        format!("{:.1} s", time as f64 / 1e6)
    }
}

/// Bytes, in KiB or MiB.
#[allow(clippy::cast_precision_loss)] // for people
pub(super) fn bytes(number: u64) -> String {
    if number < 1024 * 1024 {
        format!("{:.0} KiB", number as f64 / 1024.0)
    } else {
        format!("{:.1} MiB", number as f64 / 1024.0 / 1024.0)
    }
}

/// A time since 1970, in UTC.
pub(super) fn time(at: u64) -> String {
    format!("{} UTC", written_time(at))
}

/// A share in percent.
pub(super) fn percent(part: u64, whole: u64) -> String {
    format!("{} %", (part * 100).checked_div(whole).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, micros, percent, span};

    #[test]
    fn they_are_as_people_say_them() {
        assert_eq!([count(0, "app"), count(1, "app"), count(2, "app")], ["0 apps", "1 app", "2 apps"]);
        assert_eq!(
            [span(0), span(119), span(120), span(7199), span(7200), span(86_400), span(172_800)],
            ["0 s", "119 s", "2 min", "119 min", "2 h", "24 h", "2 days"]
        );
        assert_eq!([micros(70), micros(1_250), micros(2_500_000)], ["0.1 ms", "1.2 ms", "2.5 s"]);
        assert_eq!([bytes(0), bytes(2048), bytes(3 << 20)], ["0 KiB", "2 KiB", "3.0 MiB"]);
        assert_eq!([percent(0, 0), percent(1, 3), percent(3, 3)], ["0 %", "33 %", "100 %"]);
    }
}
