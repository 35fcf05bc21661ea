//! Whose token upstream may never have taken, and whose parameters are wrong: upstream looks at the token first, and
//! so does this.
//!
//! Programs find out whether a token is any good by a call without parameters. What is refused here before upstream
//! has seen it would tell them that every token is.

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

/// Upstream's code for a failure of the parameters. It looks at the token first (401), so the token was taken.
const BAD_PARAMETERS: u16 = 400;

/// What a request gets that is refused for its parameters: upstream's own words if it does not take the token, else
/// the refusal. What is asked of upstream counts against the limits as a request does.
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
    // Of the request itself nothing was sent.
    Ok(legacy_reply(snapshot, trail, told.code, told.body.into(), Outcome::NotSent))
}

/// Asks upstream, with a call that makes nothing.
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
