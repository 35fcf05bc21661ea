//! Tables in Markdown.

use crate::experiment::{Outcome, Spoiled};
use crate::starts::Starts;
use crate::stats::Spread;
use crate::subject::Kind;
use crate::turn::Sample;

/// Rows under a heading; every column but the first is for numbers.
pub struct Table {
    text: String,
}

impl Table {
    /// A table without rows.
    pub fn new(heading: &[&str]) -> Self {
        let rule: Vec<&str> =
            heading.iter().enumerate().map(|(column, _)| if column == 0 { "---" } else { "--:" }).collect();
        Self { text: format!("| {} |\n|{}|\n", heading.join(" | "), rule.join("|")) }
    }

    /// One more row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.text.extend(["| ", &cells.join(" | "), " |\n"]);
    }

    /// The whole table.
    pub fn text(self) -> String {
        self.text
    }
}

/// A ratio with the middle half of the rounds.
pub fn ratio(spread: Spread) -> String {
    let Spread { low, median, high } = spread;
    if median >= 10.0 {
        format!("{median:.1} ({low:.1}–{high:.1})")
    } else {
        format!("{median:.2} ({low:.2}–{high:.2})")
    }
}

/// A subject's CPU time with its two parts.
pub fn cpu(outcome: &Outcome, kind: Kind) -> String {
    let (whole, user) =
        (median(outcome, kind, |sample| sample.cpu), median(outcome, kind, |sample| sample.user));
    match (whole, user) {
        (Some(whole), Some(user)) => format!("{whole:.1} ({user:.1} + {:.1})", whole - user),
        _ => "–".into(),
    }
}

/// All numbers of one experiment, a row for each subject.
pub fn of_outcome(outcome: &Outcome) -> String {
    let experiment = &outcome.experiment;
    let mut table = Table::new(&[
        "",
        "requests/s",
        "CPU µs",
        "to nginx's",
        "cores busy",
        "p50 µs",
        "p99 µs",
        "p99.9 µs",
        "RSS MiB",
        "PSS MiB",
    ]);
    for (kind, _) in &outcome.series {
        table.row(row(outcome, *kind));
    }
    format!(
        "### {}: {}\n\n{} at once.{}{}\n\n{}",
        experiment.name,
        experiment.title,
        connections(experiment.clients),
        at_rate(outcome),
        fell_behind(outcome),
        table.text()
    )
}

fn connections(clients: usize) -> String {
    if clients == 1 { "1 connection".into() } else { format!("{clients} connections") }
}

/// The sentences about a constant rate.
fn at_rate(outcome: &Outcome) -> String {
    if outcome.experiment.rate.is_none() {
        return String::new();
    }
    let rounds = outcome.series.first().map_or(0, |(_, samples)| samples.len());
    let turns = rounds * outcome.series.len() * outcome.experiment.parts();
    let Spoiled { again, kept } = outcome.spoiled;
    let kept = if kept == 0 { "none".into() } else { kept.to_string() };
    let cores = if outcome.awake { "The cores were kept awake." } else { "**The cores could sleep.**" };
    format!(
        " Latency counts from when a request was due. {cores} {turns} turns count. {again} more were taken again, \
         because the host took a core away in them; in {kept} of those that count it did too."
    )
}

fn row(outcome: &Outcome, kind: Kind) -> Vec<String> {
    let whole = |number: fn(&Sample) -> f64| median(outcome, kind, number).map_or("–".into(), thousands);
    let is_proxy = kind != Kind::Direct;
    let of_proxy = |text: String| if is_proxy { text } else { "–".into() };
    let mib = |number: fn(&Sample) -> f64| {
        median(outcome, kind, number).map_or("–".into(), |mib| format!("{mib:.1}"))
    };
    vec![
        kind.name().into(),
        whole(|sample| sample.rate),
        of_proxy(cpu(outcome, kind)),
        of_proxy(outcome.to_nginx(kind, |sample| sample.cpu).map_or("–".into(), ratio)),
        of_proxy(median(outcome, kind, |sample| sample.busy).map_or("–".into(), |busy| format!("{busy:.2}"))),
        whole(|sample| sample.p50),
        whole(|sample| sample.p99),
        whole(|sample| sample.p999),
        of_proxy(mib(|sample| sample.memory.rss_mib())),
        of_proxy(mib(|sample| sample.memory.pss_mib())),
    ]
}

/// Names the subjects that could not keep the rate, if there are any.
fn fell_behind(outcome: &Outcome) -> String {
    let Some(rate) = outcome.experiment.rate else { return String::new() };
    let slow: Vec<&str> = outcome
        .series
        .iter()
        .filter(|(kind, _)| {
            median(outcome, *kind, |sample| sample.rate).is_some_and(|kept| kept < 0.99 * f64::from(rate))
        })
        .map(|(kind, _)| kind.name())
        .collect();
    if slow.is_empty() { String::new() } else { format!(" Not kept by: {}.", slow.join(", ")) }
}

/// Start-up times and memory at rest.
pub fn of_starts(starts: &Starts) -> String {
    let mut table = Table::new(&["", "ready after, ms", "RSS MiB", "PSS MiB"]);
    for kind in Kind::ALL {
        let Some(ready) = starts.spread(kind, |start| start.ready) else { continue };
        let memory = |number: fn(&crate::starts::Start) -> f64| {
            starts.spread(kind, number).map_or("–".into(), |spread| format!("{:.1}", spread.median))
        };
        table.row(vec![
            kind.name().into(),
            ratio(ready),
            memory(|start| start.memory.rss_mib()),
            memory(|start| start.memory.pss_mib()),
        ]);
    }
    format!(
        "### Start, and memory at rest\n\nFrom the start of the process to its first good answer.\n\n{}",
        table.text()
    )
}

fn median(outcome: &Outcome, kind: Kind, number: impl Fn(&Sample) -> f64) -> Option<f64> {
    Some(outcome.spread(kind, number)?.median)
}

/// A whole number with separated thousands.
fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(thousands(999.4), "999");
        assert_eq!(thousands(45_315.0), "45,315");
        assert_eq!(thousands(1_045_315.0), "1,045,315");
    }
}
