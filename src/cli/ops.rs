//! `mesigate ops`: the table, for people and for programs.

use std::process::ExitCode;

use clap::Args;

use super::load::Settings;
use super::{ConfigArgs, Done};
use crate::protocol::catalogue;
use crate::protocol::ops::Operation;

#[derive(Args)]
pub struct OpsArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only this operation, by name or alias
    #[arg(value_name = "OPERATION")]
    name: Option<String>,
    /// As JSON, for programs
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// As Markdown: this makes docs/operations.md
    #[arg(long)]
    markdown: bool,
    /// Both doors as OpenAPI 3.1: what the second listener has at /openapi.json
    #[arg(long, conflicts_with_all = ["json", "markdown", "name"])]
    openapi: bool,
}

pub fn run(ops: &OpsArgs) -> Done {
    let fresh = Settings::of(&ops.config).read_to_show()?;
    let table = &fresh.table;
    let chosen: Vec<&Operation> = match &ops.name {
        None => table.operations().iter().collect(),
        Some(name) => vec![table.find(name).ok_or_else(|| match table.closest(name) {
            Some(near) => format!("`{name}` is no operation; did you mean `{near}`?"),
            None => format!("`{name}` is no operation; `mesigate ops` lists them all"),
        })?],
    };
    let shown = if ops.openapi {
        catalogue::openapi(table, &fresh.config.listen.paths)
    } else if ops.json {
        catalogue::json(&chosen)
    } else if ops.markdown {
        catalogue::markdown(&chosen, table)
    } else {
        catalogue::text(&chosen)
    };
    super::print(&shown)?;
    Ok(ExitCode::SUCCESS)
}
