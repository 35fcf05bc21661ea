//! The ledger that a command is about: the running gateway's, or files that are joined.

use std::path::PathBuf;

use super::load::Settings;
use super::{AdminArgs, CommandFailure, tell};
use crate::admin::{KEPT, routes};
use crate::ledger::book::Ledger;
use crate::ledger::keeper::Kept;
use crate::ledger::{store, text};
use crate::report::Clients;
use crate::snapshot::Fresh;

/// The settings, the clients of a ledger with the names that the settings have for them, and where it is kept: of a
/// gateway that runs and says so.
pub(super) struct Known {
    pub(super) fresh: Fresh,
    pub(super) clients: Clients,
    pub(super) kept: Option<Kept>,
}

/// Reads the settings and a ledger: those of `files`, joined, or the running gateway's where there are none.
pub(super) fn known(admin: &AdminArgs, files: &[PathBuf], now: u64) -> Result<Known, CommandFailure> {
    let fresh = Settings::of(&admin.config).read_to_show()?;
    let (ledger, kept) = read(admin, files)?;
    let mut clients = Clients::of(&ledger, &fresh.table, now);
    clients.name(|client| fresh.config.migration.name_of(client));
    Ok(Known { fresh, clients, kept })
}

fn read(admin: &AdminArgs, files: &[PathBuf]) -> Result<(Ledger, Option<Kept>), CommandFailure> {
    if files.is_empty() {
        let told = tell::say(admin, &routes::LEDGER, "")?;
        if told.status != 200 {
            return Err(told.text.trim().to_owned().into());
        }
        let read = text::read(&told.text).map_err(|why| format!("what the gateway says: {why}"))?;
        return Ok((read.0, told.header(KEPT).and_then(Kept::of)));
    }
    let mut all = Ledger::default();
    for path in files {
        all.join(&store::read_only(path)?);
    }
    Ok((all, None))
}
