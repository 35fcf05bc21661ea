//! `mesigate scan`: old calls in source files.

use std::path::PathBuf;
use std::process::ExitCode;

use super::load::Settings;
use super::{CommandFailure, ConfigArgs, Done};
use crate::scan::{self, Report, Walked};

/// The exit code where something could not be read or written.
const UNREADABLE: u8 = 2;

#[derive(clap::Args)]
#[command(after_help = "\
Looks at PHP, Java, Kotlin, JavaScript, TypeScript, Python, Dart, Go and shells; nothing is sent, and no token is shown.
Exit code 0: no old calls. 1: there are some, so that a CI fails while any is left. 2: something could not be
read or written. With --write, 0 means that none is left.

  mesigate scan src                 every old call: where, what, how sure, and what to write instead
  mesigate scan --diff src          what --write would change
  mesigate scan --write src         change what is sure, and nothing else")]
pub(super) struct ScanArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Folders or files
    #[arg(value_name = "DIR", required = true)]
    paths: Vec<PathBuf>,
    /// As JSON, for programs
    #[arg(long, conflicts_with_all = ["diff", "write"])]
    json: bool,
    /// Show what --write would change, as a diff
    #[arg(long, conflicts_with = "write")]
    diff: bool,
    /// Replace the calls that are sure, each file as a whole, and show the diff
    #[arg(long)]
    write: bool,
    /// The JSON endpoint that the new calls are made to
    #[arg(long, value_name = "URL", default_value = "https://api.mesibo.com/backend/")]
    url: String,
}

pub(super) fn run(arguments: &ScanArgs) -> ExitCode {
    match scan(arguments) {
        Ok(code) => code,
        Err(CommandFailure(sentences)) => {
            told(&sentences);
            ExitCode::from(UNREADABLE)
        }
    }
}

fn scan(arguments: &ScanArgs) -> Done {
    let is_sound = ["http://", "https://"].iter().any(|scheme| arguments.url.starts_with(scheme));
    if !is_sound
        || arguments
            .url
            .contains(|it: char| it.is_whitespace() || it.is_control() || "'\"\\$`{}".contains(it))
    {
        return Err("--url wants a whole URL, such as https://api.mesibo.com/backend/".to_owned().into());
    }
    let fresh = Settings::of(&arguments.config).read_to_show()?;
    let mut walked = Walked::default();
    for path in &arguments.paths {
        walked.extend(scan::walk(path));
    }
    let report = Report::of(walked, &fresh.table, &arguments.url);
    told(&report.faults);
    let shown = if arguments.json {
        report.json()
    } else if arguments.diff || arguments.write {
        report.diff()
    } else {
        report.text()
    };
    super::print(&shown)?;
    let mut written = 0;
    let mut faults = report.faults.clone();
    if arguments.write {
        (written, faults) = write(&report, faults);
    }
    let left = report.findings().count() - written;
    if arguments.write {
        eprintln!("mesigate: {written} replaced, {left} left (mesigate scan tells why)");
    }
    Ok(match (faults.is_empty(), left) {
        (false, _) => ExitCode::from(UNREADABLE),
        (true, 0) => ExitCode::SUCCESS,
        (true, _) => ExitCode::FAILURE,
    })
}

/// Writes every file that has sure calls; how many calls were written, and what could not be.
fn write(report: &Report, mut faults: Vec<String>) -> (usize, Vec<String>) {
    let mut calls = 0;
    for file in &report.files {
        let Some(rewritten) = &file.rewritten else { continue };
        match scan::write(&file.sheet, &rewritten.text) {
            Ok(()) => calls += rewritten.calls,
            Err(error) => {
                let fault = format!("{}: {error}", file.sheet.path.display());
                told(std::slice::from_ref(&fault));
                faults.push(fault);
            }
        }
    }
    (calls, faults)
}

fn told(sentences: &[String]) {
    for sentence in sentences {
        eprintln!("mesigate: {sentence}");
    }
}
