//! `mesigate done` and `mesigate retire`: what somebody decides about a client.

use std::process::ExitCode;

use clap::Args;

use super::{AdminArgs, Done, tell};
use crate::admin::routes;
use crate::ledger::client::Client;

#[derive(Args)]
#[command(after_help = "\
A client is done by the four facts of `mesigate report`; or because somebody who knows says so, as with a program
that was switched off. The reason stands in the report. Exit code 1: nothing was changed.")]
pub(super) struct DoneArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// The client, as `mesigate report` writes it: CALLER/PROGRAM
    client: Client,
    /// Why, for whoever reads the report
    #[arg(long, value_name = "TEXT", required_unless_present = "undo")]
    reason: Option<String>,
    /// Take it back: the facts count again
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
}

#[derive(Args)]
#[command(after_help = "\
Its calls by the old door are refused from now on (RETIRED), with what to send instead; JSON is served. For 72 hours
--undo takes it back; behind that it is final, unless --force is given too. --undo also lets in a client that
migration.strangers refuses. With several gateways, tell each one. Exit code 1: nothing was changed.")]
pub(super) struct RetireArgs {
    #[command(flatten)]
    admin: AdminArgs,
    /// The client, as `mesigate report` writes it: CALLER/PROGRAM
    client: Client,
    /// Why, for whoever reads the report
    #[arg(long, value_name = "TEXT", conflicts_with = "undo")]
    reason: Option<String>,
    /// Open the old door for it again
    #[arg(long)]
    undo: bool,
    /// Retire a client that is not done, or take back what is final
    #[arg(long)]
    force: bool,
}

pub fn done(done: &DoneArgs) -> Result<ExitCode, super::CommandFailure> {
    let what = if done.undo { "open" } else { "done" };
    decide(&done.admin, &done.client, what, done.reason.as_deref(), false)
}

pub fn retire(retire: &RetireArgs) -> Done {
    let what = if retire.undo { "open" } else { "retired" };
    decide(&retire.admin, &retire.client, what, retire.reason.as_deref(), retire.force)
}

fn decide(admin: &AdminArgs, client: &Client, what: &str, reason: Option<&str>, force: bool) -> Done {
    let client = client.to_string();
    let mut pairs = vec![("client", client.as_str()), ("what", what), ("reason", reason.unwrap_or_default())];
    if force {
        pairs.push(("force", "1"));
    }
    let query = serde_urlencoded::to_string(pairs).map_err(|error| error.to_string())?;
    let told = tell::say(admin, &routes::DECIDE, &format!("?{query}"))?;
    super::print(&told.text)?;
    Ok(told.code())
}
