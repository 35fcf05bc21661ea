//! What upstream says to a call: a kept answer, one fetch for all who ask the same, or one for this caller alone.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::asking::{ask, asker};
use super::call::Call;
use super::client::Client;
use crate::http::net::presence::Presence;
use crate::policy::apps::Caller;
use crate::policy::cache::{Derived, Filled, Provenance, ReadKey, Served};
use crate::protocol::reject::Reject;
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::kept;
use crate::protocol::translate::response::{self, LegacyReading, Verdict};
use crate::snapshot::Snapshot;
use crate::telemetry::trail::Trail;
use crate::upstream::{Answer, Answered, OutgoingRequest, Upstream};

/// What a call asks upstream.
pub enum Question<F: FnOnce() -> OutgoingRequest> {
    /// For anybody who asks the same, under this key; the request is written only where nobody has the answer yet.
    Shared(ReadKey, F),
    /// For this caller alone.
    Own(OutgoingRequest),
}

/// What came of it.
pub enum Fetched<T> {
    /// An answer for all who ask the same: without a caller's `id`, and perhaps with more rows than were asked for.
    /// Where it is kept, there is a place for what is derived from it.
    Shared(Answer, Option<Derived>),
    /// This caller's own answer, and what was read of it.
    Own(Answer, Verdict, T),
}

impl Call<'_> {
    /// Answers the question from the cache or from upstream; `read` reads an answer that is the caller's own, before
    /// the circuit breaker hears of it.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn fetch<T>(
        &self,
        facts: &Facts,
        question: Question<impl FnOnce() -> OutgoingRequest>,
        read: impl Fn(&Answer) -> Result<(Verdict, T), Reject>,
        trail: &mut Trail,
    ) -> Result<Fetched<T>, Reject> {
        let started = Instant::now();
        match question {
            Question::Shared(key, outgoing) => {
                let served = self.read_or_fill(key, outgoing, started).await;
                self.shared(served, started, trail)
            }
            Question::Own(outgoing) => {
                trail.cache = facts.is_read.then_some((Provenance::Bypass, Duration::ZERO));
                // Held until the answer has come, or the caller has left, or nothing came.
                let touched = self.snapshot.policies.touch(self.caller.fingerprint, self.operation, facts);
                let who = (&self.caller, self.client);
                let answered =
                    ask(self.snapshot, self.upstream, who, self.effect(), outgoing, started, read).await;
                drop(touched);
                own(answered, started, trail)
            }
        }
    }

    #[inline]
    fn shared<T>(
        &self,
        served: Result<Served, Reject>,
        started: Instant,
        trail: &mut Trail,
    ) -> Result<Fetched<T>, Reject> {
        if let Ok(served) = &served {
            trail.cache = Some((served.state, served.age));
        }
        if !matches!(trail.cache, Some((Provenance::Hit | Provenance::Stale, _))) {
            trail.upstream = Some(started.elapsed());
        }
        let Served { status, bytes, derived, .. } = served?;
        // A cached answer is everybody's, and so is what is derived from it.
        Ok(match self.cut(&bytes)? {
            None => Fetched::Shared(Answer { status, bytes }, derived),
            Some(bytes) => Fetched::Shared(Answer { status, bytes }, None),
        })
    }

    async fn read_or_fill(
        &self,
        key: ReadKey,
        outgoing: impl FnOnce() -> OutgoingRequest,
        since: Instant,
    ) -> Result<Served, Reject> {
        let number = key.operation;
        let prepare = || {
            let (snapshot, upstream, caller) =
                (self.snapshot.clone(), self.upstream.clone(), self.caller.clone());
            // Whoever else waits for it by then is to have it.
            let (outgoing, client) =
                (outgoing(), Client { presence: &Presence::NOBODY, passed: &[], ..self.client });
            move || fill(snapshot, upstream, caller, client, number, outgoing)
        };
        tokio::select! {
            biased;
            served = self.snapshot.policies.cache.read_or(key, prepare) => served,
            () = self.client.presence.given_up(since) => Err(Reject::ClientLeft),
        }
    }

    /// The answer to a request of the gateway's own, of about `room` bytes, which `body` writes and which makes
    /// nothing, asked once; and what `read` makes of it. What it says of the token is learnt.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn once(
        &self,
        room: usize,
        body: impl FnOnce(&mut Vec<u8>),
        read: impl FnOnce(&Answer) -> Result<LegacyReading, Reject>,
    ) -> Result<(Answer, LegacyReading), Reject> {
        let policies = &self.snapshot.policies;
        let is_known = || policies.knows(&self.caller);
        let asker = asker(&self.caller, self.client, &is_known);
        let now = Instant::now();
        let mut outgoing = self.upstream.outgoing(self.client.passed, false, room, body);
        let answered = self.upstream.ask(&mut outgoing, &asker, now, self.upstream.until(now), read).await?;
        policies.learn(&self.caller, false, &answered.read.verdict, answered.at);
        Ok((answered.answer, answered.read))
    }
}

#[inline]
fn own<T>(
    answered: Result<Answered<(Verdict, T)>, Reject>,
    started: Instant,
    trail: &mut Trail,
) -> Result<Fetched<T>, Reject> {
    let ended = answered.as_ref().map_or_else(|_| Instant::now(), |answered| answered.at);
    trail.upstream = Some(ended - started);
    let Answered { answer, read: (verdict, read), .. } = answered?;
    trail.upstream_status = Some(answer.status).filter(|status| *status != 200);
    Ok(Fetched::Own(answer, verdict, read))
}

/// Asks upstream for anybody who asks the same.
async fn fill(
    snapshot: Arc<Snapshot>,
    upstream: Arc<Upstream>,
    caller: Caller,
    client: Client<'_>,
    number: usize,
    outgoing: OutgoingRequest,
) -> Result<Filled, Reject> {
    let verdict = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
    let operation = &snapshot.table.operations()[number];
    let effect = Some(operation.row.effect);
    let answered =
        ask(&snapshot, &upstream, (&caller, client), effect, outgoing, Instant::now(), verdict).await?;
    let Answer { status, bytes } = answered.answer;
    let keep = status == 200 && kept::is_keepable(operation, &bytes);
    Ok(Filled { status, bytes, keep })
}
