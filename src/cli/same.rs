//! `mesigate same`: whether a JSON call means what an old call means.

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value, json};

use super::load::Settings;
use super::{ConfigArgs, Done};
use crate::config::UpstreamKind;
use crate::protocol::explain::Sample;
use crate::protocol::same::{self, Comparison, Difference, DifferenceKind, Incomparable, Which};

const FIELD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const FAINT: Style = Style::new().dimmed();

/// The most bytes of a call; the gateway itself takes less.
const MOST: u64 = 16 * 1024 * 1024;

#[derive(Args)]
#[command(after_help = "\
OLD and NEW are each one of these, in quotes so that the shell leaves it alone:
  a URL or a query    'op=userdel&token=T&uid=5'              (OLD)
  a JSON object       '{\"op\":\"userdel\",\"token\":\"T\",\"user\":{\"uid\":5}}'  (NEW)
  a curl command      \"curl https://api.mesibo.com/backend/ --json '{…}'\"
  @FILE               the file's text: any of these, or a raw HTTP request
  -                   the same from standard input, for one of the two

  mesigate same 'op=userdel&token=T&uid=5' '{\"op\":\"userdel\",\"token\":\"T\",\"user\":{\"uid\":5}}'

The old call is translated as the gateway would (--config chooses table and profiles), and compared with the
new one member by member. Not compared: the order of members, the order of a list's items, which token it
is, and a value that the table says is the same as none (uid 0). Numbers in quotes differ from numbers.
Nothing is sent, and no token is shown.

Exit code 0: the same. 1: they differ; each place is named. 2: one of them cannot be read or would be
refused; which one and why is told.")]
pub(super) struct SameArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The old call
    #[arg(value_name = "OLD", allow_hyphen_values = true)]
    old: String,
    /// The JSON call that is to replace it
    #[arg(value_name = "NEW", allow_hyphen_values = true)]
    new: String,
    /// Let the new call say what the old door has no parameter for; what a parameter would have said still counts
    #[arg(long)]
    allow_more: bool,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// The exit code where the calls cannot be compared.
const INCOMPARABLE: u8 = 2;

pub fn run(arguments: &SameArgs) -> Done {
    let compared = match compared(arguments) {
        Ok(compared) => compared,
        Err(sentences) => {
            for sentence in sentences {
                eprintln!("mesigate: {sentence}");
            }
            return Ok(ExitCode::from(INCOMPARABLE));
        }
    };
    let allows_more = arguments.allow_more;
    super::print(&match (&compared, arguments.json) {
        (Ok(comparison), false) => text(comparison, allows_more),
        (Ok(comparison), true) => line(&as_json(comparison, allows_more)),
        (Err(incomparable), false) => refused(incomparable),
        (Err(Incomparable { which, why }), true) => {
            line(&json!({ "same": null, "error": { "which": word(*which), "cause": why } }))
        }
    })?;
    Ok(match compared {
        Ok(comparison) if comparison.is_same(allows_more) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(_) => ExitCode::from(INCOMPARABLE),
    })
}

/// The comparison, or which call cannot be compared; what is wrong with settings or files is an error of its own.
fn compared(arguments: &SameArgs) -> Result<Result<Comparison, Incomparable>, Vec<String>> {
    let fresh = Settings::of(&arguments.config).read_to_show()?;
    if [&arguments.old, &arguments.new].into_iter().all(|call| is_piped(call)) {
        return Err(vec!["both calls cannot come from standard input: give one as @FILE".to_owned()]);
    }
    let by = same::Settings {
        table: &fresh.table,
        most_pairs: fresh.config.cap.pairs,
        is_cloud: fresh.config.upstream.all.kind == UpstreamKind::Cloud,
    };
    let old = match sample(&arguments.old, Which::Old)? {
        Ok(old) => old,
        Err(incomparable) => return Ok(Err(incomparable)),
    };
    Ok(sample(&arguments.new, Which::New)?.and_then(|new| same::compare(&old, &new, &by)))
}

/// Reads one of the calls; the outer error is that of a file.
fn sample(argument: &str, which: Which) -> Result<Result<Sample, Incomparable>, Vec<String>> {
    let text = bytes(argument).map_err(|error| {
        let name = argument.strip_prefix('@').filter(|_| !is_piped(argument)).unwrap_or("standard input");
        vec![format!("{}: {name} cannot be read: {error}", capital(which))]
    })?;
    Ok(same::read(&text).map_err(|why| Incomparable { which, why }))
}

fn bytes(argument: &str) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    match argument.strip_prefix('@') {
        _ if is_piped(argument) => io::stdin().take(MOST).read_to_end(&mut text)?,
        Some(file) => std::fs::File::open(file)?.take(MOST).read_to_end(&mut text)?,
        None => return Ok(argument.as_bytes().to_vec()),
    };
    Ok(text)
}

fn is_piped(argument: &str) -> bool {
    matches!(argument, "-" | "@-")
}

fn word(which: Which) -> &'static str {
    match which {
        Which::Old => "old",
        Which::New => "new",
    }
}

fn capital(which: Which) -> &'static str {
    match which {
        Which::Old => "OLD",
        Which::New => "NEW",
    }
}

fn refused(Incomparable { which, why }: &Incomparable) -> String {
    format!("{BAD}{} cannot be compared{BAD:#}: {why}\n", capital(*which))
}

fn line(value: &Value) -> String {
    format!("{value:#}\n")
}

fn text(comparison: &Comparison, allows_more: bool) -> String {
    let mut out = if comparison.is_same(allows_more) {
        format!("{}: the same\n", comparison.operation)
    } else {
        format!("{}: {BAD}they differ{BAD:#}\n", comparison.operation)
    };
    // Writing to a string cannot fail.
    for difference in &comparison.differences {
        let hint = if difference.hint.is_empty() { String::new() } else { format!(": {}", difference.hint) };
        let (path, both) = (&difference.path, both(difference));
        let _ = writeln!(out, "  {FIELD}{path}{FIELD:#}  {both}{FAINT}{hint}{FAINT:#}");
    }
    if !comparison.dropped.is_empty() {
        let names = comparison.dropped.join(", ");
        let _ = writeln!(out, "  {FAINT}not compared, for the old door drops it: {names}{FAINT:#}");
    }
    out
}

/// What each call says at a place.
fn both(difference: &Difference) -> String {
    let old = difference.old.as_ref().map(short).unwrap_or_default();
    let new = difference.new.as_ref().map(short).unwrap_or_default();
    match difference.kind {
        DifferenceKind::Missing => format!("the old call means {old}, the new one does not say it"),
        DifferenceKind::Type | DifferenceKind::Value => {
            format!("the old call means {old}, the new one says {new}")
        }
        DifferenceKind::More | DifferenceKind::BeyondTheOldDoor => {
            format!("the old call does not say it, the new one says {new}")
        }
    }
}

/// A value as JSON, cut where it is long.
fn short(value: &Value) -> String {
    const LONGEST: usize = 60;
    let json = value.to_string();
    let cut: String = json.chars().take(LONGEST).collect();
    if cut.len() < json.len() { format!("{cut}…") } else { json }
}

fn as_json(comparison: &Comparison, allows_more: bool) -> Value {
    let differences: Vec<Value> = comparison
        .differences
        .iter()
        .map(|difference| {
            json!({
                "path": difference.path,
                "kind": difference.kind.word(),
                "old": difference.old,
                "new": difference.new,
                "hint": difference.hint,
            })
        })
        .collect();
    json!({
        "same": comparison.is_same(allows_more),
        "operation": comparison.operation,
        "differences": differences,
        "dropped": comparison.dropped,
    })
}
