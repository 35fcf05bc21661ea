//! Retries requests to upstream where that is safe; the rule is in [`crate::protocol::retry`].

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::asker::Asker;
use super::jitter::around;
use super::outgoing::OutgoingRequest;
use super::{Answer, Answered, Upstream};
use crate::protocol::ops::Effect;
use crate::protocol::reject::Reject;
use crate::protocol::retry::{again, together};

/// The pause before the first retry; twice as long before the second, and so on.
const PAUSE: Duration = Duration::from_millis(10);
/// How far a pause varies at random, in percent: requests that failed together must not return together.
const JITTER: u32 = 50;

impl Upstream {
    /// Asks like [`Upstream::ask`], and up to `most` times more where that is safe by the request's `effect`.
    /// One deadline holds for all tries, and one budget for all requests.
    ///
    /// # Errors
    /// The refusal that covers what all tries together may have done.
    pub async fn ask_until_answered<T>(
        &self,
        outgoing: &mut OutgoingRequest,
        asker: &Asker<'_>,
        (effect, most): (Option<Effect>, u32),
        now: Instant,
        read: impl Fn(&Answer) -> Result<T, Reject>,
    ) -> Result<Answered<T>, Reject> {
        self.site.budget.earn(asker);
        let until = self.until(now);
        let mut last = match self.ask(outgoing, asker, now, until, &read).await {
            Ok(answered) => return Ok(answered),
            Err(reject) => reject,
        };
        let mut all = last.clone();
        for number in 1..=most {
            let Some(why) = again(effect, &last) else {
                break;
            };
            let pause = around(PAUSE * number, JITTER);
            if Instant::now() + pause >= until || !self.site.budget.spend(asker, number == 1) {
                break;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = asker.presence.given_up(now) => return Err(together(all, Reject::ClientLeft)),
            }
            asker.presence.heed().await;
            if asker.presence.has_given_up(now) {
                return Err(together(all, Reject::ClientLeft));
            }
            self.counters.upstream_repeated(why);
            last = match self.ask(outgoing, asker, Instant::now(), until, &read).await {
                Ok(answered) => return Ok(answered),
                Err(reject) => reject,
            };
            all = together(all, last.clone());
        }
        Err(all)
    }
}
