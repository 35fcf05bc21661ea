//! Asking once more where that is safe: the rule is [`crate::protocol::retry`]'s.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::jitter::around;
use super::letter::OutgoingRequest;
use super::who::Asker;
use super::{Answer, Answered, Upstream};
use crate::protocol::ops::Effect;
use crate::protocol::reject::Reject;
use crate::protocol::retry::{again, together};

/// Before the first repeat; twice as long before the second, and so on.
const PAUSE: Duration = Duration::from_millis(10);
/// How far chance moves a pause, in percent: what failed together must not come again together.
const JITTER: u32 = 50;

impl Upstream {
    /// Asks as [`Upstream::ask`] does, and up to `most` times more where that is safe, by its `effect`. One deadline holds for all tries, and one budget
    /// for all requests.
    ///
    /// # Errors
    /// What all tries together may have ended in.
    pub async fn ask_until_answered<T>(
        &self,
        letter: &mut OutgoingRequest,
        who: &Asker<'_>,
        (effect, most): (Option<Effect>, u32),
        now: Instant,
        read: impl Fn(&Answer) -> Result<T, Reject>,
    ) -> Result<Answered<T>, Reject> {
        self.site.budget.earn(who);
        let until = self.until(now);
        let mut last = match self.ask(letter, who, now, until, &read).await {
            Ok(heard) => return Ok(heard),
            Err(reject) => reject,
        };
        let mut all = last.clone();
        for number in 1..=most {
            let Some(why) = again(effect, &last) else {
                break;
            };
            let pause = around(PAUSE * number, JITTER);
            if Instant::now() + pause >= until || !self.site.budget.spend(who, number == 1) {
                break;
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = who.presence.given_up(now) => return Err(together(all, Reject::ClientLeft)),
            }
            who.presence.heed().await;
            if who.presence.has_given_up(now) {
                return Err(together(all, Reject::ClientLeft));
            }
            self.cells.upstream_repeated(why);
            last = match self.ask(letter, who, Instant::now(), until, &read).await {
                Ok(heard) => return Ok(heard),
                Err(reject) => reject,
            };
            all = together(all, last.clone());
        }
        Err(all)
    }
}
