//! Asking upstream: once more where that is safe, and what is learnt from the answer.

use bytes::Bytes;
use secrecy::SecretString;
use tokio::time::{Instant, sleep};

use std::time::Duration;

use crate::http::net::clock::around;
use crate::policy::apps::Caller;
use crate::policy::scrub::scrub;
use crate::protocol::ops::Effect;
use crate::protocol::reject::Reject;
use crate::protocol::retry::{again, together};
use crate::protocol::translate::response::Verdict;
use crate::snapshot::Snapshot;
use crate::upstream::{Answer, Heard, Letter, Upstream};

/// Before the first repeat; twice as long before the second, and so on.
const PAUSE: Duration = Duration::from_millis(10);
/// How far chance moves a pause, in percent: what failed together must not come again together.
const JITTER: u32 = 50;

/// Asks upstream for a caller from `now` on, and gives what it says as the caller may see it, and what `read`
/// makes of it.
///
/// # Errors
/// What all tries together may have ended in.
pub async fn ask<T>(
    snapshot: &Snapshot,
    upstream: &Upstream,
    caller: &Caller,
    effect: Option<Effect>,
    mut letter: Letter,
    now: Instant,
    read: impl Fn(&Answer) -> Result<(Verdict, T), Reject>,
) -> Result<Heard<(Verdict, T)>, Reject> {
    let mut heard = until_answered(snapshot, upstream, effect, &mut letter, now, read).await?;
    snapshot.policies.learn(caller, heard.read.0, heard.at);
    heard.answer.bytes = scrubbed(heard.answer.bytes, caller.token.as_deref());
    Ok(heard)
}

/// One deadline holds for all tries, and one budget for all requests.
async fn until_answered<T>(
    snapshot: &Snapshot,
    upstream: &Upstream,
    effect: Option<Effect>,
    letter: &mut Letter,
    now: Instant,
    read: impl Fn(&Answer) -> Result<T, Reject>,
) -> Result<Heard<T>, Reject> {
    upstream.site.budget.earn();
    let until = upstream.until(now);
    let mut last = match upstream.ask(letter, now, until, &read).await {
        Ok(heard) => return Ok(heard),
        Err(reject) => reject,
    };
    let mut all = last.clone();
    for number in 1..=snapshot.config.retry.most {
        let Some(why) = again(effect, &last) else {
            break;
        };
        let pause = around(PAUSE * number, JITTER);
        if Instant::now() + pause >= until || !upstream.site.budget.spend() {
            break;
        }
        sleep(pause).await;
        upstream.repeated(why);
        last = match upstream.ask(letter, Instant::now(), until, &read).await {
            Ok(heard) => return Ok(heard),
            Err(reject) => reject,
        };
        all = together(all, last.clone());
    }
    Err(all)
}

/// Upstream's answer as a caller may see it: the real token, where a key stands for it, is not in it.
pub fn scrubbed(bytes: Bytes, token: Option<&SecretString>) -> Bytes {
    match token {
        Some(token) => scrub(bytes, token),
        None => bytes,
    }
}
