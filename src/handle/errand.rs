//! One request's errand to upstream, whichever door it came through: who asks, whether it may, and
//! the answer, from the cache or from upstream itself.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::asking::{ask, scrubbed};
use crate::config::Kind;
use crate::policy::apps::Caller;
use crate::policy::cache::{Beside, Filled, Key, Served, State};
use crate::protocol::ops::{Effect, Operation};
use crate::protocol::reject::Reject;
use crate::protocol::retry::may_repeat;
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::kept;
use crate::protocol::translate::request::Meant;
use crate::protocol::translate::response::{self, Verdict};
use crate::snapshot::Snapshot;
use crate::snapshot::worker::View;
use crate::telemetry::trail::Trail;
use crate::upstream::{Answer, Letter, Upstream};

/// Who sent a request, as far as HTTP tells.
#[derive(Debug, Clone, Copy)]
pub struct Client {
    /// The client's address.
    pub address: IpAddr,
    /// Whether it asks for an answer that is not kept.
    pub no_cache: bool,
}

/// The errand.
pub struct Errand<'w> {
    snapshot: &'w Arc<Snapshot>,
    operation: Option<&'w Operation>,
    caller: Caller,
    client: Client,
    number: usize,
    upstream: &'w Arc<Upstream>,
}

impl<'w> Errand<'w> {
    /// The errand of whoever sent `token`.
    ///
    /// # Errors
    /// AUTHFAIL for a token that is refused here, BADOP for an operation that the app may not use.
    pub fn new(
        view: &'w View,
        operation: Option<&'w Operation>,
        token: &str,
        client: Client,
        trail: &mut Trail,
    ) -> Result<Self, Reject> {
        let snapshot = &view.snapshot;
        let caller = snapshot.policies.apps.caller(token)?;
        trail.app.clone_from(&caller.app);
        if caller.app.as_ref().is_some_and(|app| !app.may(operation)) {
            let hint = "this app may not use it; whoever runs the gateway can add it to the app's operations";
            return Err(Reject::BadOp { hint: hint.to_owned() });
        }
        let number = caller.upstream(operation);
        let upstream = &view.upstreams[number];
        Ok(Self { snapshot, operation, caller, client, number, upstream })
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
    pub fn clamp(&self, meant: &mut Meant<'_>) {
        if let (Some(operation), Kind::Cloud) = (self.operation, self.upstream.kind()) {
            meant.clamp(&operation.plan);
        }
    }

    /// Asks whether the app is held back, and the limits.
    ///
    /// # Errors
    /// TOKENBREACH, RATELIMIT.
    pub fn admit(&self, facts: &Facts, trail: &mut Trail) -> Result<(), Reject> {
        let (client, kind) = (self.client.address, self.upstream.kind());
        self.snapshot.policies.admit(&self.caller, self.operation, facts, client, kind, trail)
    }

    /// What goes to the caller, without the real token where a key stands for it.
    #[must_use]
    pub fn scrubbed(&self, bytes: Bytes) -> Bytes {
        scrubbed(bytes, self.caller.token.as_deref())
    }

    /// The JSON for upstream, of about `room` bytes, which `body` writes.
    pub fn letter(&self, room: usize, body: impl FnOnce(&mut Vec<u8>)) -> Letter {
        self.upstream.letter(may_repeat(self.effect()), room, body)
    }

    /// Where the answer is kept; none for what is not shared with whoever asks the same.
    #[must_use]
    pub fn key(&self, facts: &Facts) -> Option<Key> {
        let settings = &self.snapshot.config.cache;
        let is_declined = settings.honour_no_cache && self.client.no_cache;
        if settings.kept.fresh.is_zero() || is_declined {
            return None;
        }
        let page = facts.page.as_ref()?;
        Some(Key {
            app: self.caller.fingerprint,
            upstream: self.number as u64,
            operation: self.operation?.number,
            group: facts.group.clone()?,
            variant: page.variant.clone(),
            count: page.count,
        })
    }

    /// The answer for anybody who asks the same, kept or fetched; with a place for what is made of it, if it is
    /// kept. It has no caller's `id`, and may have more rows than were asked for. `letter` asks for anybody.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn shared(
        &self,
        key: Key,
        letter: impl FnOnce() -> Letter,
        trail: &mut Trail,
    ) -> Result<(Answer, Option<Beside>), Reject> {
        let started = Instant::now();
        let read = self.read(key, letter).await;
        if let Ok(served) = &read {
            trail.cache = Some((served.state, served.age));
        }
        if !matches!(trail.cache, Some((State::Hit | State::Stale, _))) {
            trail.upstream = Some(started.elapsed());
        }
        let Served { status, bytes, beside, .. } = read?;
        Ok((Answer { status, bytes }, beside))
    }

    /// The answer for this caller alone, fetched, and what `read` makes of it.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn alone<T>(
        &self,
        facts: &Facts,
        letter: Letter,
        read: impl Fn(&Answer) -> Result<(Verdict, T), Reject>,
        trail: &mut Trail,
    ) -> Result<(Answer, (Verdict, T)), Reject> {
        let started = Instant::now();
        trail.cache = facts.is_read.then_some((State::Bypass, Duration::ZERO));
        // Held until the answer is there, or the caller is gone, or nothing came.
        let touched = self.snapshot.policies.touch(self.caller.fingerprint, self.operation, facts);
        let (upstream, caller) = (self.upstream, &self.caller);
        let asked = ask(self.snapshot, upstream, caller, self.effect(), letter, started, read).await;
        drop(touched);
        let ended = asked.as_ref().map_or_else(|_| Instant::now(), |heard| heard.at);
        trail.upstream = Some(ended - started);
        asked.map(|heard| (heard.answer, heard.read))
    }

    /// What it does upstream; not known of an operation that the table does not have.
    fn effect(&self) -> Option<Effect> {
        self.operation.map(|operation| operation.row.effect)
    }

    async fn read(&self, key: Key, letter: impl FnOnce() -> Letter) -> Result<Served, Reject> {
        let number = key.operation;
        let prepare = || {
            let (snapshot, upstream, caller) =
                (self.snapshot.clone(), self.upstream.clone(), self.caller.clone());
            let letter = letter();
            move || fill(snapshot, upstream, caller, number, letter)
        };
        self.snapshot.policies.cache.read_or(key, prepare).await
    }
}

/// Asks upstream for anybody who asks the same.
async fn fill(
    snapshot: Arc<Snapshot>,
    upstream: Arc<Upstream>,
    caller: Caller,
    number: usize,
    letter: Letter,
) -> Result<Filled, Reject> {
    let verdict = |answer: &Answer| Ok((response::verdict(&answer.bytes, &snapshot.envelope)?, ()));
    let operation = &snapshot.table.operations()[number];
    let effect = Some(operation.row.effect);
    let asked = ask(&snapshot, &upstream, &caller, effect, letter, Instant::now(), verdict).await?;
    let Answer { status, bytes } = asked.answer;
    let keep = status == 200 && kept::is_keepable(operation, &bytes);
    Ok(Filled { status, bytes, keep })
}
