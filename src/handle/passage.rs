//! Whether the old door is still open for a call: not for a retired client, and after a date not for strangers.

use super::client::Client;
use super::record::caller;
use crate::config::migration::{Moment, StrangersMode};
use crate::ledger::client::Client as Known;
use crate::ledger::gate::{Gate, Passage};
use crate::ledger::naming::of_form;
use crate::ledger::program;
use crate::protocol::ops::Operation;
use crate::protocol::reject::{ClosedDoor, Reject};
use crate::snapshot::worker::{View, Worker};
use crate::telemetry::trail::Trail;

/// Checks a call against the ledger. Where nobody is retired and strangers are allowed, nothing is looked at.
///
/// # Errors
/// RETIRED, STRANGER.
#[inline]
pub fn check(
    view: &View,
    operation: &Operation,
    client: &Client<'_>,
    trail: &mut Trail,
) -> Result<(), Reject> {
    let Some(keeper) = &view.snapshot.ledger else { return Ok(()) };
    if keeper.is_open() { Ok(()) } else { check_gate(view, &keeper.gate(), operation, client, trail) }
}

#[cold]
fn check_gate(
    view: &View,
    gate: &Gate,
    operation: &Operation,
    client: &Client<'_>,
    trail: &mut Trail,
) -> Result<(), Reject> {
    let known = Known { caller: caller(view, trail), program: program(client.user_agent).to_owned() };
    let (_, _, _, params) = of_form(&view.snapshot.table, Some(operation.number), trail.shape.present);
    let params: Vec<String> = params.into_iter().map(|(_, name)| name).collect();
    let closed = |since: u64| {
        let since = Moment(since).to_string();
        Box::new(ClosedDoor { operation: operation.row.name.clone(), since })
    };
    match gate.passage(&known, &operation.row.name, &params) {
        Passage::Open => Ok(()),
        Passage::Retired(since) => Err(Reject::Retired(closed(since))),
        Passage::Stranger(since) => {
            trail.stranger = Some(Box::new(known));
            match view.snapshot.config.migration.strangers.mode {
                StrangersMode::Refuse => Err(Reject::Stranger(closed(since))),
                StrangersMode::Warn | StrangersMode::Allow => Ok(()),
            }
        }
    }
}

/// Counts a stranger, and tells of some of them: a client must not fill the log.
#[inline]
pub fn tell(worker: &Worker, trail: &Trail) {
    if let Some(client) = &trail.stranger {
        worker.counters.stranger();
        if let Some(untold) = worker.strangers.now() {
            tracing::warn!(%client, untold, "a call by the old door that did not come before migration.strangers_from");
        }
    }
}
