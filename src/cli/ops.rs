//! `mesigate ops`: the table, for people and for programs.

use std::process::ExitCode;

use super::load::Settings;
use super::{Done, OpsArgs};
use crate::protocol::catalogue;
use crate::protocol::ops::Operation;

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
