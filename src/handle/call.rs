//! One request's errand to upstream, whichever door it came through: who asks, whether it may, and
//! the answer, from the cache or from upstream itself.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::asking::{ask, asker, scrubbed};
use super::client::Client;
use crate::config::{UpstreamId, UpstreamKind};
use crate::http::net::presence::Presence;
use crate::policy::apps::Caller;
use crate::policy::cache::{Derived, Filled, Provenance, ReadKey, Served};
use crate::policy::known::Validity;
use crate::protocol::ops::{Effect, Operation};
use crate::protocol::reject::Reject;
use crate::protocol::retry::may_repeat;
use crate::protocol::translate::envelope::Envelope;
use crate::protocol::translate::facts::{self, Facts};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::kept;
use crate::protocol::translate::request::Understood;
use crate::protocol::translate::response::{self, LegacyReading, Verdict};
use crate::snapshot::Snapshot;
use crate::snapshot::worker::View;
use crate::telemetry::trail::Trail;
use crate::upstream::{Answer, OutgoingRequest, Upstream};

/// The longest token, in bytes, of a refused request that is looked for among the apps' keys: it costs the time of a digest.
const LONGEST_KEY: usize = 512;

/// Looks whose form it is that is refused before that was asked: so that whoever runs the gateway finds him.
#[cold]
pub fn recognize(view: &View, form: &Form, trail: &mut Trail) {
    let token = form.single("token").ok().flatten().filter(|token| token.len() <= LONGEST_KEY);
    if let Some(Ok(caller)) = token.map(|token| view.snapshot.policies.apps.caller(token)) {
        trail.is_from(&caller);
    }
}

/// Notes of a form that is refused before it is understood whose it is, and what its refusal repeats.
#[cold]
pub fn note(view: &View, form: &Form, trail: &mut Trail) {
    recognize(view, form, trail);
    trail.echo_form(form);
}

/// The errand.
pub struct Call<'w> {
    snapshot: &'w Arc<Snapshot>,
    operation: Option<&'w Operation>,
    caller: Caller,
    client: Client<'w>,
    id: UpstreamId,
    upstream: &'w Arc<Upstream>,
}

impl<'w> Call<'w> {
    /// The errand of whoever sent an `op` and a `token`.
    ///
    /// # Errors
    /// AUTHFAIL for a token that is refused here, BADOP for an operation that the app may not use.
    pub fn new(
        view: &'w View,
        operation: Option<&'w Operation>,
        [op, token]: [&str; 2],
        client: Client<'w>,
        trail: &mut Trail,
    ) -> Result<Self, Reject> {
        let snapshot = &view.snapshot;
        let caller = snapshot.policies.apps.caller(token)?;
        trail.is_from(&caller);
        if let Some(app) = &caller.app {
            app.may(&snapshot.table, operation, op)?;
        }
        let id = caller.upstream(operation);
        let upstream = &view.upstreams[id];
        Ok(Self { snapshot, operation, caller, client, id, upstream })
    }

    /// The token that upstream gets in place of the one that was sent.
    #[must_use]
    pub fn token<'a>(&'a self, sent: &'a str) -> &'a str {
        self.caller.token_for_upstream(sent)
    }

    /// Whether the real token takes the place of the one that was sent.
    #[must_use]
    pub fn has_own_token(&self) -> bool {
        self.caller.token.is_some()
    }

    /// Lowers what mesibo's cloud would lower, unless the server is the owner's own.
    pub fn clamp(&self, understood: &mut Understood<'_>) {
        if let (Some(operation), UpstreamKind::Cloud) = (self.operation, self.upstream.kind()) {
            understood.clamp(&operation.plan);
        }
    }

    /// JSON that goes on as it came, with what mesibo's cloud would lower lowered; none where nothing is.
    #[must_use]
    pub fn lowered<'e>(&self, envelope: &'e Envelope<'_>) -> Option<Envelope<'e>> {
        let operation = self.operation.filter(|_| self.upstream.kind() == UpstreamKind::Cloud)?;
        facts::lowered(operation, envelope)
    }

    /// Asks whether the app is held back, and the limits.
    ///
    /// # Errors
    /// TOKENBREACH, RATELIMIT.
    pub fn admit(&self, facts: &Facts, trail: &mut Trail) -> Result<(), Reject> {
        trail.admitted = true;
        let whence = (self.client.address, self.upstream.kind());
        self.snapshot.policies.admit(&self.caller, self.operation, facts, whence, &mut trail.admission)
    }

    /// What goes to the caller, without the real token where a key stands for it.
    ///
    /// # Errors
    /// BADANSWER, if it cannot be read well enough to tell.
    pub fn scrubbed(&self, bytes: Bytes) -> Result<Bytes, Reject> {
        scrubbed(bytes, self.caller.token.as_deref())
    }

    /// Upstream's answer without what the app's settings hide from whoever comes by a key; none where it has nothing
    /// of that.
    ///
    /// # Errors
    /// BADANSWER, if it cannot be read well enough to tell.
    #[inline]
    pub fn cut(&self, answer: &[u8]) -> Result<Option<Bytes>, Reject> {
        match &self.caller.app {
            Some(app) if !app.hide.is_nothing() => Ok(app.hide.cut(answer)?.map(Bytes::from)),
            _ => Ok(None),
        }
    }

    /// The JSON for upstream, of about `room` bytes, which `body` writes.
    pub fn outgoing(&self, room: usize, body: impl FnOnce(&mut Vec<u8>)) -> OutgoingRequest {
        self.upstream.outgoing(self.client.passed, may_repeat(self.effect()), room, body)
    }

    /// Where the answer is kept; none for what is not shared with whoever asks the same.
    #[must_use]
    pub fn key(&self, facts: &Facts) -> Option<ReadKey> {
        let settings = &self.snapshot.config.cache;
        let is_declined = settings.honour_no_cache && self.client.no_cache;
        if settings.kept.fresh.is_zero() || is_declined {
            return None;
        }
        let page = facts.page.as_ref()?;
        Some(ReadKey {
            app: self.caller.fingerprint,
            upstream: self.id.number(),
            operation: self.operation?.number,
            group: facts.group.clone()?,
            variant: page.variant.clone(),
            count: page.count,
        })
    }

    /// The answer for anybody who asks the same, kept or fetched; with a place for what is made of it, if it is
    /// kept. It has no caller's `id`, and may have more rows than were asked for. `outgoing` asks for anybody.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn shared(
        &self,
        key: ReadKey,
        outgoing: impl FnOnce() -> OutgoingRequest,
        trail: &mut Trail,
    ) -> Result<(Answer, Option<Derived>), Reject> {
        let started = Instant::now();
        let read = self.read(key, outgoing).await;
        if let Ok(served) = &read {
            trail.cache = Some((served.state, served.age));
        }
        if !matches!(trail.cache, Some((Provenance::Hit | Provenance::Stale, _))) {
            trail.upstream = Some(started.elapsed());
        }
        let Served { status, bytes, beside, .. } = read?;
        // What is kept is everybody's, and so is what is made of it.
        match self.cut(&bytes)? {
            None => Ok((Answer { status, bytes }, beside)),
            Some(bytes) => Ok((Answer { status, bytes }, None)),
        }
    }

    /// The answer for this caller alone, fetched, and what `read` makes of it.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn alone<T>(
        &self,
        facts: &Facts,
        outgoing: OutgoingRequest,
        read: impl Fn(&Answer) -> Result<(Verdict, T), Reject>,
        trail: &mut Trail,
    ) -> Result<(Answer, (Verdict, T)), Reject> {
        let started = Instant::now();
        trail.cache = facts.is_read.then_some((Provenance::Bypass, Duration::ZERO));
        // Held until the answer is there, or the caller is gone, or nothing came.
        let touched = self.snapshot.policies.touch(self.caller.fingerprint, self.operation, facts);
        let (upstream, caller) = (self.upstream, &self.caller);
        let request =
            ask(self.snapshot, upstream, (caller, self.client), self.effect(), outgoing, started, read).await;
        drop(touched);
        let ended = request.as_ref().map_or_else(|_| Instant::now(), |answered| answered.at);
        trail.upstream = Some(ended - started);
        trail.upstream_status =
            request.as_ref().ok().map(|answered| answered.answer.status).filter(|status| *status != 200);
        request.map(|answered| (answered.answer, answered.read))
    }

    /// Whether upstream has taken the caller's token before, or the settings have it.
    #[must_use]
    pub fn is_of_known(&self) -> bool {
        self.snapshot.policies.knows(&self.caller)
    }

    /// What upstream says of the caller's token, by `ask` if it has not said it lately.
    pub async fn standing(&self, ask: impl Future<Output = Validity>) -> Validity {
        self.snapshot.policies.known().inquiries().standing(self.caller.fingerprint, ask).await
    }

    /// The answer to a request of our own, of about `room` bytes, which `body` writes and which makes nothing, asked
    /// once; and what `read` makes of it. What it says of the token is learnt.
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

    /// What it does upstream; not known of an operation that the table does not have.
    fn effect(&self) -> Option<Effect> {
        self.operation.map(|operation| operation.row.effect)
    }

    async fn read(&self, key: ReadKey, outgoing: impl FnOnce() -> OutgoingRequest) -> Result<Served, Reject> {
        let (number, since) = (key.operation, Instant::now());
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
            read = self.snapshot.policies.cache.read_or(key, prepare) => read,
            () = self.client.presence.given_up(since) => Err(Reject::ClientLeft),
        }
    }
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
    let request =
        ask(&snapshot, &upstream, (&caller, client), effect, outgoing, Instant::now(), verdict).await?;
    let Answer { status, bytes } = request.answer;
    let keep = status == 200 && kept::is_keepable(operation, &bytes);
    Ok(Filled { status, bytes, keep })
}
