//! A caller's request to upstream, and what the policies learn from the answer.

use bytes::Bytes;
use secrecy::SecretString;
use tokio::time::Instant;

use super::client::Client;
use crate::policy::apps::Caller;
use crate::policy::scrub::scrub;
use crate::protocol::ops::Effect;
use crate::protocol::reject::Reject;
use crate::protocol::translate::response::Verdict;
use crate::snapshot::Snapshot;
use crate::upstream::asker::Asker;
use crate::upstream::{Answer, Answered, OutgoingRequest, Upstream};

/// Sends a caller's request to upstream, with deadlines from `now` on, and again where that is safe. Gives the answer
/// as the caller may see it, and what `read` makes of it.
///
/// # Errors
/// The reject that all tries together ended in.
pub async fn ask<T>(
    snapshot: &Snapshot,
    upstream: &Upstream,
    (caller, client): (&Caller, Client<'_>),
    effect: Option<Effect>,
    outgoing: &mut OutgoingRequest,
    now: Instant,
    read: impl Fn(&Answer) -> Result<(Verdict, T), Reject>,
) -> Result<Answered<(Verdict, T)>, Reject> {
    let is_known = || snapshot.policies.knows(caller);
    let asker = asker(caller, client, &is_known);
    let mut answered = upstream
        .ask_until_answered(outgoing, &asker, (effect, snapshot.config.retry.most), now, read)
        .await?;
    snapshot.policies.learn(caller, effect.is_some(), &answered.read.0, answered.at);
    answered.answer.bytes = scrubbed(answered.answer.bytes, caller.token.as_deref())?;
    Ok(answered)
}

/// The caller of a request, as upstream's breaker and gate know callers.
pub fn asker<'a>(
    caller: &'a Caller,
    client: Client<'a>,
    is_known: &'a (dyn Fn() -> bool + Sync),
) -> Asker<'a> {
    let app = caller.app.as_ref().map(|app| app.name.as_str());
    let mut asker = Asker::new(caller.fingerprint, client.address, app, is_known);
    asker.presence = client.presence;
    asker
}

/// Upstream's answer as a caller may see it: where a key stands for the real token, the token is taken out.
///
/// # Errors
/// BADANSWER, if the answer cannot be read well enough to find the token.
pub fn scrubbed(bytes: Bytes, token: Option<&SecretString>) -> Result<Bytes, Reject> {
    match token {
        Some(token) => scrub(bytes, token),
        None => Ok(bytes),
    }
}
