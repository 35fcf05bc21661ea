//! The report for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{File, Report};
use crate::scan::finding::{Asked, Finding};
use crate::scan::hide::HIDDEN;

const TITLE: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const FIELD: Style = AnsiColor::Green.on_default();
const GUESS: Style = AnsiColor::Yellow.on_default();

pub(super) fn text(report: &Report) -> String {
    let mut out = String::new();
    for file in &report.files {
        let path = file.sheet.path.display();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "{TITLE}{path}{TITLE:#}");
        for finding in &file.findings {
            one(&mut out, file, finding);
        }
        out.push('\n');
    }
    out.push_str(&summary(report));
    out
}

fn one(out: &mut String, file: &File, finding: &Finding) {
    let path = file.sheet.path.display();
    let (sure, style) = if finding.is_sure() { ("sure", FIELD) } else { ("guess", GUESS) };
    let what = match &finding.operation {
        Asked::Operation(name) => name.clone(),
        Asked::Stranger(name, _) => format!("an operation that is not known here, `{}`", file.shown(name)),
        Asked::Unknown(expression) => {
            format!("an operation that is known at run time, `{}`", file.shown(expression))
        }
    };
    let (line, column, words) = (finding.line, finding.column, finding.habit.words());
    let _ = writeln!(
        out,
        "  {path}:{line}:{column}: {TITLE}{what}{TITLE:#}, {style}{sure}{style:#} {FAINT}({words}){FAINT:#}"
    );
    for doubt in &finding.doubts {
        let _ = writeln!(out, "      why a guess: {}", file.shown(doubt));
    }
    if let Asked::Stranger(_, why) = &finding.operation {
        let _ = writeln!(out, "      {}", file.shown(why));
    }
    for parameter in &finding.parameters {
        let name = file.shown(&parameter.name);
        let _ = match &parameter.to {
            Some(to) => writeln!(out, "      {FIELD}{name}{FIELD:#} → {to}"),
            None => writeln!(out, "      {FAINT}{name} → nowhere: {}{FAINT:#}", file.shown(&parameter.note)),
        };
    }
    if finding.has_plain_token {
        let _ = writeln!(
            out,
            "      token: {HIDDEN}: move it into the environment, MESIBO_APP_TOKEN, and change it at mesibo"
        );
    }
    if let Some(replacement) = &finding.replacement {
        let _ = writeln!(out, "      instead: {}", file.shown(replacement));
    }
    let _ = match &finding.rewrite {
        Ok(_) if !file.sheet.is_exact => {
            writeln!(out, "      {FAINT}--write leaves it: the file is no UTF-8{FAINT:#}")
        }
        Ok(_) => writeln!(out, "      --write replaces it"),
        Err(why) => writeln!(out, "      {FAINT}--write leaves it: {}{FAINT:#}", file.shown(why)),
    };
}

/// The last lines: how many of what, and what was left out.
fn summary(report: &Report) -> String {
    let all = report.findings().count();
    let sure = report.findings().filter(|finding| finding.is_sure()).count();
    let files = report.files.len();
    let mut out = if all == 0 {
        format!("no old calls in {}\n", counted(report.read, "file"))
    } else {
        let operations: Vec<String> =
            report.by_operation().into_iter().map(|(name, count)| format!("{name} {count}")).collect();
        format!(
            "{} in {} of {}: {sure} sure, {} with guesses; {}\n",
            counted(all, "old call"),
            counted(files, "file"),
            report.read,
            all - sure,
            operations.join(", ")
        )
    };
    if !report.skipped.is_empty() {
        let reasons: Vec<String> =
            report.skipped.iter().map(|(why, count)| format!("{count} {why}")).collect();
        let _ = writeln!(out, "left out: {}", reasons.join("; "));
    }
    out
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
