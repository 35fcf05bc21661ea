//! Writes the results as text and as a picture.

mod picture;
mod table;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::facts::Disturbance;
use crate::options::Options;
use crate::results::Results;
use crate::subject::Kind;
use crate::targets::Target;
use table::{Table, ratio};

use picture::picture;

const PAGE: &str = "docs/benchmarks.md";
const PICTURE: &str = "docs/benchmarks.svg";

const BEGIN: &str = "<!-- results: begin -->";
const END: &str = "<!-- results: end -->";

/// From here on the neighbours shape the numbers as much as the subjects do.
const QUIET: f64 = 0.03;

/// Writes the page and its picture, or, where only a part was measured, prints that part.
///
/// # Errors
/// When a file cannot be written.
pub fn write(results: &Results, options: &Options) -> Result<()> {
    let section = section(results);
    match &options.out {
        Some(file) => {
            fs::write(file, section).with_context(|| file.display().to_string())?;
            write_picture(results, &file.with_extension("svg"))
        }
        None if options.is_everything() => {
            let page = fs::read_to_string(PAGE).context(PAGE)?;
            fs::write(PAGE, replaced(&page, &section)?)?;
            write_picture(results, &PathBuf::from(PICTURE))
        }
        None => {
            print!("{section}");
            Ok(())
        }
    }
}

fn write_picture(results: &Results, file: &Path) -> Result<()> {
    fs::write(file, picture(results)).with_context(|| file.display().to_string())
}

/// `page` with `section` between its marks.
///
/// # Errors
/// When the page has no marks.
fn replaced(page: &str, section: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("the page has no mark where results begin")?;
    let (_, behind) = rest.split_once(END).context("the page has no mark where results end")?;
    Ok(format!("{before}{BEGIN}\n{section}\n{END}{behind}"))
}

/// All results in Markdown.
fn section(results: &Results) -> String {
    let mut parts = vec![machine(results), targets(results)];
    parts.extend(cpu(results));
    parts.extend(results.outcomes.iter().map(table::of_outcome));
    parts.extend(results.starts.as_ref().map(table::of_starts));
    parts.join("\n")
}

fn machine(results: &Results) -> String {
    let facts = &results.facts;
    let (rounds, seconds) = results.turns;
    let Disturbance { others, host } = results.disturbance;
    let versions: Vec<String> = facts.versions.iter().map(|version| format!("- {version}")).collect();
    let noisy = "\n**That is too much to rely on these numbers: the machine was not quiet.**\n";
    format!(
        "Taken on {} on {}, Linux {}, with:\n\n{}\n\n{rounds} rounds; a turn counts for {seconds} s. Meanwhile \
         everything else on the machine took {:.1} % of its CPU time, and the machine's host {:.1} %.\n{}",
        facts.date,
        facts.cpu,
        facts.kernel,
        versions.join("\n"),
        others * 100.0,
        host * 100.0,
        if others + host > QUIET { noisy } else { "" }
    )
}

fn targets(results: &Results) -> String {
    let mut table = Table::new(&["what", "target", "measured", "reached"]);
    for target in Target::all() {
        let spread = target.reached(results);
        let (measured, reached) = match spread {
            None => ("not measured".into(), String::new()),
            Some(spread) => (ratio(spread), verdict(&target, spread.median)),
        };
        let then = target.then.map(|goal| format!(", then {}", goal.text())).unwrap_or_default();
        table.row(vec![target.what.into(), target.goal.text() + &then, measured, reached]);
    }
    format!(
        "### Targets\n\nWithout a unit it is the ratio to nginx passing through, taken round by round: the median, and \
         in brackets the middle half of the rounds.\n\n{}",
        table.text()
    )
}

fn verdict(target: &Target, median: f64) -> String {
    match target.then {
        _ if !target.goal.holds(median) => "**no**".into(),
        Some(then) if then.holds(median) => "yes, both".into(),
        Some(_) => "the first".into(),
        None => "yes".into(),
    }
}

/// One line for each scenario at full load.
fn cpu(results: &Results) -> Option<String> {
    let proxies = &Kind::ALL[..4];
    let mut names = vec!["CPU time a request, µs"];
    names.extend(proxies.iter().map(|kind| kind.name()));
    let mut table = Table::new(&names);
    let mut any = false;
    for outcome in results.outcomes.iter().filter(|outcome| outcome.experiment.is_plain()) {
        any = true;
        let mut cells = vec![format!("{}: {}", outcome.experiment.name, outcome.experiment.title)];
        cells.extend(proxies.iter().map(|kind| table::cpu(outcome, *kind)));
        table.row(cells);
    }
    let picture = "![CPU time a request, by scenario and subject](benchmarks.svg)";
    any.then(|| format!("### CPU time\n\n{picture}\n\nThe whole, then what of it is the program's and the kernel's.\n\n{}", table.text()))
}
