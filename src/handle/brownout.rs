//! Whether the old door pauses as planned for a call.

use super::client::Client;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::ledger::program;
use crate::policy::apps::App;
use crate::policy::brownout::OldCall;
use crate::protocol::ops::Operation;
use crate::protocol::reject::Reject;
use crate::snapshot::Snapshot;
use crate::telemetry::trail::Trail;

/// Checks the windows of planned pauses, and notes the rehearsals that would have refused the call. Without any window
/// nothing is looked at.
///
/// # Errors
/// BROWNOUT.
#[inline]
pub fn check(
    snapshot: &Snapshot,
    operation: &Operation,
    client: &Client<'_>,
    trail: &mut Trail,
) -> Result<(), Reject> {
    if snapshot.policies.brownouts.is_empty() {
        return Ok(());
    }
    check_windows(snapshot, operation, client, trail)
}

#[cold]
fn check_windows(
    snapshot: &Snapshot,
    operation: &Operation,
    client: &Client<'_>,
    trail: &mut Trail,
) -> Result<(), Reject> {
    let call = old_call(trail.app.as_deref(), Some(operation), program(client.user_agent));
    let now = Moment(since_1970().as_secs());
    snapshot.policies.brownouts.check(&call, now, &mut trail.rehearsed)
}

/// A call of the old door as windows select it.
pub fn old_call<'c>(app: Option<&'c App>, operation: Option<&'c Operation>, program: &'c str) -> OldCall<'c> {
    let (app, operation) =
        (app.map(|app| app.name.as_str()), operation.map(|operation| operation.row.name.as_str()));
    OldCall { app, operation, program }
}
