//! Requests with wrong parameters and a token that upstream may never have taken: upstream checks the token first, and
//! so does the gateway.
//!
//! Programs find out whether a token is valid by a call without parameters. If the gateway refused such calls for their
//! parameters before upstream has seen the token, every token would seem valid.

use super::call::Call;
use super::legacy_reply::legacy_reply;
use crate::http::reply::Reply;
use crate::policy::known::Validity;
use crate::protocol::ops::Operation;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::{Label, Reject};
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::reply_context::ReplyContext;
use crate::protocol::translate::request::{Understood, id_if_sound};
use crate::protocol::translate::response::{self, TokenVerdict};
use crate::snapshot::Snapshot;
use crate::telemetry::trail::Trail;

/// Upstream's code for wrong parameters. Upstream checks the token first (401), so this code means a valid token.
const BAD_PARAMETERS: u16 = 400;

/// Answers a request that is refused for its parameters: with upstream's own words if upstream does not take the token,
/// else with the refusal. The question to upstream counts against the limits as a request does.
///
/// # Errors
/// The refusal; RATELIMIT and TOKENBREACH, as for any request.
#[cold]
pub async fn told(
    snapshot: &Snapshot,
    operation: &Operation,
    call: &Call<'_>,
    form: &Form,
    reject: Reject,
    trail: &mut Trail,
) -> Result<Reply, Reject> {
    let harmless =
        snapshot.table.probe().filter(|_| snapshot.config.legacy.token_first && !call.is_of_known());
    let (Some(harmless), Some(token)) = (harmless, form.single("token")?) else {
        return Err(reject);
    };
    call.admit(&Facts::default(), trail)?;
    let Validity::Dead(words) = call.standing(ask(harmless, call, token)).await else {
        return Err(reject);
    };
    let own = ReplyContext::plain(form.single("op")?.unwrap_or_default(), id_if_sound(form));
    let told = response::legacy(operation, &own, &words)?;
    trail.label = Label::Failed;
    // Nothing of the request itself was sent.
    Ok(legacy_reply(snapshot, trail, told.code, told.body.into(), Outcome::NotSent))
}

/// Asks upstream about the token, with a call that changes nothing.
async fn ask(harmless: &Operation, call: &Call<'_>, token: &str) -> Validity {
    let op = harmless.row.name.as_str();
    let body = |out: &mut Vec<u8>| Understood::new(op, token).compose(harmless, token, true, out);
    let own = ReplyContext::plain(op, None);
    let request = call.once(token.len(), body, |answer| response::read(harmless, &own, &answer.bytes)).await;
    let Ok((answer, read)) = request else {
        return Validity::Unknown;
    };
    match (read.verdict.token, read.told.ok().and_then(|told| told.code)) {
        (TokenVerdict::Refused | TokenVerdict::Disabled, _) => Validity::dead(&answer.bytes),
        (TokenVerdict::Taken, _) | (TokenVerdict::Unknown, Some(BAD_PARAMETERS)) => Validity::Alive,
        (TokenVerdict::Unknown, _) => Validity::Unknown,
    }
}
