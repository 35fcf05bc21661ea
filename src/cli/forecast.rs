//! `mesigate brownout --forecast`: whom planned pauses of the old door would meet, said from the ledger.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::form::Form;
use super::ledger::{Known, known};
use super::{AdminArgs, Done};
use crate::config::migration::{Brownout, Moment};
use crate::http::net::clock::since_1970;
use crate::ledger::book::Window;
use crate::ledger::client::Caller;
use crate::report::{Block, Clients, Forecast, Planned, Selection};

#[derive(Args)]
#[command(next_help_heading = "Forecast")]
pub(super) struct ForecastArgs {
    /// Say from the ledger who would be met by each window that is to come or in force
    #[arg(long, conflicts_with_all = ["pause", "resume"])]
    pub(super) forecast: bool,
    /// Read these ledgers, joined, in place of the running gateway's
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "forecast")]
    merge: Vec<PathBuf>,
    /// A window of your own in place of those of the settings: when it begins, such as 2027-03-01T10:00Z
    #[arg(long, value_name = "WHEN", requires = "forecast", value_parser = Moment::parse)]
    from: Option<Moment>,
    /// How long it is [default: 1h]
    #[arg(long = "for", value_name = "TIME", requires = "from", value_parser = humantime::parse_duration)]
    length: Option<Duration>,
    /// Only for these apps
    #[arg(long = "app", value_name = "APP", num_args = 1.., requires = "from")]
    apps: Vec<String>,
    /// Only for these operations
    #[arg(long = "op", value_name = "OPERATION", num_args = 1.., requires = "from")]
    operations: Vec<String>,
    /// Show only these: a client, a caller, or a state
    #[arg(long = "client", value_name = "NAME", num_args = 1.., requires = "forecast")]
    only: Vec<String>,
    /// The form of the forecast
    #[arg(long, value_name = "FORM", default_value = "text", requires = "forecast")]
    format: Form,
}

pub(super) fn run(admin: &AdminArgs, asked: &ForecastArgs) -> Done {
    let now = since_1970().as_secs();
    let mut known = known(admin, &asked.merge, now)?;
    let windows = match asked.from {
        Some(from) => vec![own(asked, from, &known)?],
        None => planned(&known.fresh.config.migration.brownouts, now),
    };
    known.clients.select(&Selection { since: None, only: asked.only.clone() })?;
    let forecasts: Vec<Forecast> =
        windows.into_iter().map(|planned| Forecast::of(&known.clients, planned)).collect();
    let json = || json!({ "at": now, "windows": forecasts.iter().map(Forecast::json).collect::<Vec<_>>() });
    super::print(&asked.format.shown(|| blocks(&forecasts), json))?;
    Ok(ExitCode::SUCCESS)
}

fn blocks(forecasts: &[Forecast]) -> Vec<Block> {
    if forecasts.is_empty() {
        let nothing = "No brownout is planned: write a [[brownout]], or give a window with --from and --for.";
        return vec![Block::Sentence(nothing.to_owned())];
    }
    forecasts.iter().flat_map(Forecast::blocks).collect()
}

/// The windows of the settings that are not over.
fn planned(brownouts: &[Brownout], now: u64) -> Vec<Planned> {
    let left = brownouts.iter().filter(|brownout| brownout.to.0 > now);
    left.map(|brownout| {
        let selector = &brownout.selector;
        let selects = [&selector.apps, &selector.operations, &selector.programs].map(Clone::clone);
        let (from, to, name) = (brownout.from.0, brownout.to.0, brownout.name.clone());
        Planned { window: Window { from, to, name, selects }, rehearse: Some(brownout.rehearse) }
    })
    .collect()
}

/// The window that was typed.
fn own(asked: &ForecastArgs, from: Moment, known: &Known) -> Result<Planned, String> {
    for app in &asked.apps {
        is_known(app, &known.clients)?;
    }
    let table = &known.fresh.table;
    let operation = |name: &String| match table.find(name) {
        Some(found) => Ok(found.row.name.clone()),
        None => Err(format!("--op: `{name}` is no operation's name: `mesigate ops` has all of them")),
    };
    let operations = asked.operations.iter().map(operation).collect::<Result<Vec<_>, _>>()?;
    let to = from.plus(asked.length.unwrap_or(Duration::from_hours(1)));
    if to == from {
        return Err(
            "--for: no call can fall into this window: give a second or more, such as 15m or 1h".to_owned()
        );
    }
    let selects = [asked.apps.clone(), operations, Vec::new()];
    let window = Window { from: from.0, to: to.0, name: String::new(), selects };
    Ok(Planned { window, rehearse: None })
}

fn is_known(app: &str, clients: &Clients) -> Result<(), String> {
    let is_its = |caller: &Caller| matches!(caller, Caller::App(name) if name == app);
    if clients.all.iter().any(|client| is_its(&client.client.caller)) {
        return Ok(());
    }
    Err(format!(
        "--app: `{app}` is no app that has called by the old door: `mesigate report` has all clients, each as APP/PROGRAM"
    ))
}
