//! The list of all families, in the order of the exposition, and docs/metrics.md, which is made from it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::family::{Family, Label, Values, When};
use super::{
    brownouts, calls, certificates, console, policies, process, resilience, settings, singles, spans,
};

/// The parts of the list, with their headings.
const PARTS: [(&str, &[Family]); 10] = [
    ("Calls", &calls::FAMILIES),
    ("Cache and limits", &policies::FAMILIES),
    ("Upstream's health", &resilience::FAMILIES),
    ("Planned pauses", &brownouts::FAMILIES),
    ("Certificates and handshakes", &certificates::FAMILIES),
    ("Settings", &settings::FAMILIES),
    ("Connections, log, ledger, workers", &singles::FAMILIES),
    ("The console", &console::FAMILIES),
    ("Traces", &spans::FAMILIES),
    ("The process", &process::FAMILIES),
];

const HEAD: &str = "\
# Metrics

What the second listener has at `/metrics`: all of it, since a test compares this list with what a gateway under mixed
traffic serves. `mesigate metrics --markdown` makes this page, `mesigate metrics` shows the same in a terminal, `--json`
to programs. [observing.md](observing.md) says how to scrape, what to look at and when to be woken.

A label holds words that stand here, or names of the settings and the operations table: never what a caller can invent.
Where nothing else is said a series is there from the start on, with zero. Counters begin anew with each start.
";

/// All families.
pub fn families() -> impl Iterator<Item = &'static Family> {
    PARTS.iter().flat_map(|(_, families)| families.iter())
}

/// The list as Markdown: docs/metrics.md.
#[must_use]
pub fn markdown() -> String {
    let mut out = HEAD.to_owned();
    for (heading, families) in PARTS {
        let _ = write!(out, "\n## {heading}\n\n| metric | type, unit | what it tells |\n|---|---|---|\n");
        for family in families {
            let _ = writeln!(out, "| `{}` | {} | {} |", family.sample(), kind(family), told(family));
        }
        let labels: Vec<&Label> = families.iter().flat_map(|family| family.labels).collect();
        let mut seen = Vec::new();
        for (number, label) in labels.into_iter().enumerate() {
            let line = format!("- `{}`: {}\n", label.name, values(label));
            if !seen.contains(&line) {
                out.push_str(if number == 0 { "\nLabels:\n\n" } else { "" });
                out.push_str(&line);
                seen.push(line);
            }
        }
    }
    out
}

/// The list for a terminal.
#[must_use]
pub fn text() -> String {
    let mut out = String::new();
    for (number, (heading, families)) in PARTS.into_iter().enumerate() {
        let _ = writeln!(out, "{}{heading}", if number == 0 { "" } else { "\n" });
        for family in families {
            let labels: Vec<&str> = family.labels.iter().map(|label| label.name).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(", ")) };
            let _ = writeln!(out, "  {}{labels}  {}\n      {}", family.sample(), kind(family), told(family));
        }
    }
    out
}

/// The list for programs.
#[must_use]
pub fn json() -> String {
    let told: Vec<Value> = families()
        .map(|family| {
            let labels: Vec<Value> = family
                .labels
                .iter()
                .map(|label| match label.values {
                    Values::Words(words) => json!({ "name": label.name, "values": words() }),
                    Values::Names(what) => json!({ "name": label.name, "names": what }),
                })
                .collect();
            json!({
                "name": family.sample(), "type": family.kind.as_str(), "unit": family.unit, "labels": labels,
                "help": family.help, "always": family.when == When::Always,
            })
        })
        .collect();
    format!("{:#}\n", Value::Array(told))
}

fn kind(family: &Family) -> String {
    format!("{}, {}", family.kind.as_str(), family.unit)
}

fn told(family: &Family) -> String {
    let labels: Vec<String> = family.labels.iter().map(|label| format!("`{}`", label.name)).collect();
    let by = if labels.is_empty() { String::new() } else { format!(". By {}", labels.join(", ")) };
    let when = match family.when {
        When::Always => String::new(),
        When::Since(phrase) => format!(" There since {phrase}."),
        When::While(phrase) => format!(" There while {phrase}."),
    };
    format!("{}{by}.{when}", family.help)
}

fn values(label: &Label) -> String {
    match label.values {
        Values::Words(words) => {
            let words: Vec<String> = words().iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Values::Names(what) => what.to_owned(),
    }
}
