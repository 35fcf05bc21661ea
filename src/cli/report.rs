//! `mesigate report`: who calls by the old door, and what each client has to write instead.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::form::Form;
use super::ledger::{Known, known};
use super::{AdminArgs, Done};
use crate::code::Language;
use crate::http::net::clock::since_1970;
use crate::ledger::calendar::day;
use crate::ledger::date;
use crate::ledger::keeper::Kept;
use crate::report::{Block, Clients, Context, Selection, State, page};

#[derive(Args)]
#[command(after_help = "\
Who is left, of the gateway on this host:
  mesigate report

One client on one page, with the code that replaces its calls, to paste into an issue:
  mesigate report --only bot/okhttp --format markdown

Of several gateways, by their files or by what GET /ledger of each one says:
  mesigate report --merge a.ledger b.ledger

For a script that waits for the end:
  mesigate report --check --only bot

A client is CALLER/PROGRAM: an app of the settings, or token: and a fingerprint; the program is the first name in
its User-Agent. States, in their order: calling, twinned, agreeing, rehearsed, done, retired; docs/migrating.md tells
what each means. Exit code 0: the report is there. 1: it could not be made. 3, with --check: somebody who was selected
still needs the old door.")]
pub(super) struct ReportArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// Read these ledgers, joined, in place of the running gateway's
    #[arg(long, value_name = "FILE", num_args = 1..)]
    merge: Vec<PathBuf>,
    /// Only clients that have called by the old door since: a date (2027-03-01) or a time (90d)
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Only these: a client, a caller, or a state; a client or a caller gets a page
    #[arg(long, value_name = "NAME", num_args = 1..)]
    only: Vec<String>,
    /// The form of the report
    #[arg(long, value_name = "FORM", default_value = "text")]
    format: Form,
    /// The language of the code [default: that of the client's program]
    #[arg(long = "as", value_name = "LANGUAGE")]
    language: Option<Language>,
    /// Exit with 3 if somebody still needs the old door
    #[arg(long)]
    check: bool,
}

pub fn run(report: &ReportArgs) -> Done {
    let now = since_1970().as_secs();
    let Known { fresh, mut clients, kept } = known(&report.admin, &report.merge, now)?;
    let since = report.since.as_deref().map(|text| since(text, now)).transpose()?;
    clients.select(&Selection { since, only: report.only.clone() })?;
    let context = Context {
        table: &fresh.table,
        url: fresh.config.upstream.all.url.to_string(),
        language: report.language,
    };
    let all = || {
        let warning = kept.and_then(Kept::warning).map(|text| Block::Sentence(text.to_owned()));
        blocks(&clients, report, &context).into_iter().chain(warning).collect()
    };
    let json = || {
        let mut json = clients.json();
        json["ledger"] = kept.map(Kept::word).into();
        json
    };
    super::print(&report.format.shown(all, json))?;
    Ok(if report.check && clients.left() > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

/// A page for each client, if clients were asked for; else the table of all.
fn blocks(clients: &Clients, report: &ReportArgs, context: &Context<'_>) -> Vec<Block> {
    let is_state = |name: &String| State::WORDS.iter().any(|(word, _)| word == name);
    if report.only.iter().all(is_state) {
        return clients.summary();
    }
    clients.all.iter().flat_map(|client| page(client, context)).collect()
}

/// The day of a date, or of a time before now.
fn since(text: &str, now: u64) -> Result<u32, String> {
    if let Ok(before) = humantime::parse_duration(text) {
        return Ok(day(now.saturating_sub(before.as_secs())));
    }
    date(text)
        .ok_or_else(|| format!("--since: `{text}` is neither a date, as 2027-03-01, nor a time, as 90d"))
}
