//! The answer to a call: cached, fetched once for all callers with one question, or fetched for this caller alone.

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
use crate::upstream::along::ALONE;
use crate::upstream::{Answer, Answered, OutgoingRequest, Upstream};

/// What a call asks upstream.
pub enum Question<F: FnOnce() -> OutgoingRequest> {
    /// A question that callers share under this key; the request is written only if no fresh answer is cached.
    Shared(ReadKey, F),
    /// A question of this caller alone.
    Own(OutgoingRequest),
}

/// The answer to a question.
pub enum Fetched<T> {
    /// A shared answer, without a caller's `id`, and perhaps with more rows than the caller asked for. A cached one
    /// comes with a place for what is derived from it.
    Shared(Answer, Option<Derived>),
    /// This caller's own answer, and what was read of it.
    Own(Answer, Verdict, T),
}

impl Call<'_> {
    /// Answers the question from the cache or from upstream; `read` reads an answer that is the caller's own, before
    /// the circuit breaker counts it.
    ///
    /// # Errors
    /// Every reject that upstream's part may end in.
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
            Question::Own(mut outgoing) => {
                trail.cache = facts.is_read.then_some((Provenance::Bypass, Duration::ZERO));
                // A write makes answers stale here, and once more when this guard is dropped, however the call ends.
                let touched = self.snapshot.policies.touch(self.caller.fingerprint, self.operation, facts);
                let who = (&self.caller, self.client);
                let answered =
                    ask(self.snapshot, self.upstream, who, self.effect(), &mut outgoing, started, read).await;
                trail.asked = outgoing.asked;
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
        // All callers share what is derived from a cached answer, so none goes with one that is cut for this caller.
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
            // The fetch does not end when its first caller leaves, since others may wait for the answer.
            let (outgoing, client) = (
                outgoing(),
                Client { presence: &Presence::NOBODY, along: &ALONE, user_agent: None, ..self.client },
            );
            move || fill(snapshot, upstream, caller, client, number, outgoing)
        };
        tokio::select! {
            biased;
            served = self.snapshot.policies.cache.read_or(key, prepare) => served,
            () = self.client.presence.given_up(since) => Err(Reject::ClientLeft),
        }
    }

    /// Sends a request of the gateway's own once, which changes nothing and whose JSON `body` writes, in about `room`
    /// bytes. Gives the answer and what `read` makes of it; the policies learn what it says of the token.
    ///
    /// # Errors
    /// Every reject that upstream's part may end in.
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
        let mut outgoing = self.upstream.outgoing(self.client.along, false, room, body);
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

/// Asks upstream for all callers with one question.
async fn fill(
    snapshot: Arc<Snapshot>,
    upstream: Arc<Upstream>,
    caller: Caller,
    client: Client<'_>,
    number: usize,
    mut outgoing: OutgoingRequest,
) -> Result<Filled, Reject> {
    let verdict = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
    let operation = &snapshot.table.operations()[number];
    let effect = Some(operation.row.effect);
    let answered =
        ask(&snapshot, &upstream, (&caller, client), effect, &mut outgoing, Instant::now(), verdict).await?;
    let Answer { status, bytes } = answered.answer;
    let keep = status == 200 && kept::is_keepable(operation, &bytes);
    Ok(Filled { status, bytes, keep })
}
