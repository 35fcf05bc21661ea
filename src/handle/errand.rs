//! One request's errand to upstream, whichever door it came through: who asks, whether it may, and
//! the answer, from the cache or from upstream itself.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use secrecy::SecretString;

use crate::apps::Caller;
use crate::cache::{Filled, Key, Served, State};
use crate::config::Kind;
use crate::ops::Operation;
use crate::reject::Reject;
use crate::scrub::scrub;
use crate::snapshot::Snapshot;
use crate::trail::Trail;
use crate::translate::facts::{Facts, Page};
use crate::translate::request::Meant;
use crate::translate::{kept, response};
use crate::upstream::{Answer, Upstream};
use crate::worker::View;

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
    upstream: Arc<Upstream>,
}

/// An answer, and whether it was fetched for anybody who asks the same.
pub struct Fetched {
    /// The answer.
    pub answer: Answer,
    /// It holds no caller's `id`, and may have more rows than were asked for.
    pub is_shared: bool,
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
        let upstream = view.upstreams[number].clone();
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
        if let (Some(operation), Kind::Cloud) = (self.operation, self.upstream.kind) {
            meant.clamp(&operation.plan);
        }
    }

    /// Asks the limits.
    ///
    /// # Errors
    /// RATELIMIT.
    pub fn admit(&self, facts: &Facts, trail: &mut Trail) -> Result<(), Reject> {
        let (client, kind) = (self.client.address, self.upstream.kind);
        self.snapshot.policies.admit(&self.caller, self.operation, facts, client, kind, trail)
    }

    /// Fetches the answer. `call` gives the JSON for upstream; with `true`, the one that asks for
    /// anybody.
    ///
    /// # Errors
    /// What upstream's part may end in.
    pub async fn fetch(
        &self,
        facts: &Facts,
        call: impl Fn(bool) -> Bytes,
        trail: &mut Trail,
    ) -> Result<Fetched, Reject> {
        let started = Instant::now();
        let fetched = match (&facts.page, &facts.group, self.operation) {
            (Some(page), Some(group), Some(operation)) if self.may_be_kept() => {
                let key = self.key(page, group, operation);
                let served = self.read(key, call(true)).await;
                served.map(|served| Self::shared(served, trail))
            }
            _ => {
                trail.cache = facts.is_read.then_some((State::Bypass, Duration::ZERO));
                // Held until the answer is there, or the caller is gone, or nothing came.
                let touched = self.snapshot.policies.touch(self.caller.fingerprint, self.operation, facts);
                let answer = self.upstream.call(call(false)).await;
                drop(touched);
                answer.map(|Answer { status, bytes }| {
                    let answer = Answer { status, bytes: scrubbed(bytes, self.caller.token.as_deref()) };
                    Fetched { answer, is_shared: false }
                })
            }
        };
        if !matches!(trail.cache, Some((State::Hit | State::Stale, _))) {
            trail.upstream = Some(started.elapsed());
        }
        fetched
    }

    fn may_be_kept(&self) -> bool {
        let settings = &self.snapshot.config.cache;
        let is_declined = settings.honour_no_cache && self.client.no_cache;
        !settings.kept.fresh.is_zero() && !is_declined
    }

    fn key(&self, page: &Page, group: &str, operation: &Operation) -> Key {
        Key {
            app: self.caller.fingerprint,
            upstream: self.number as u64,
            operation: operation.number,
            group: group.to_owned(),
            variant: page.variant.clone(),
            count: page.count,
        }
    }

    async fn read(&self, key: Key, call: Bytes) -> Result<Served, Reject> {
        let (snapshot, upstream, number) = (self.snapshot.clone(), self.upstream.clone(), key.operation);
        let (token, known_by) = (self.caller.token.clone(), self.caller.known_by());
        let fill = move || async move {
            let Answer { status, bytes } = upstream.call(call).await?;
            // With the token that was sent: by the time it is served, the app may have another.
            let bytes = scrubbed(bytes, token.as_deref());
            let verdict = response::verdict(&bytes, &snapshot.envelope).ok();
            if let Some(accepted) = verdict.and_then(|verdict| verdict.token) {
                snapshot.policies.learn(known_by, accepted);
            }
            let operation = &snapshot.table.operations()[number];
            let keep = status == 200 && kept::is_keepable(operation, &bytes);
            Ok(Filled { status, bytes, keep })
        };
        self.snapshot.policies.cache.read(key, fill).await
    }

    fn shared(served: Served, trail: &mut Trail) -> Fetched {
        trail.cache = Some((served.state, served.age));
        Fetched { answer: Answer { status: served.status, bytes: served.bytes }, is_shared: true }
    }

    /// Learns from upstream's own answer whether it takes the token; a shared one's fill has done so.
    pub fn learn(&self, token_accepted: Option<bool>) {
        if let Some(accepted) = token_accepted {
            self.snapshot.policies.learn(self.caller.known_by(), accepted);
        }
    }
}

/// Upstream's answer as a caller may see it: the real token, where a key stands for it, is not in it.
fn scrubbed(bytes: Bytes, token: Option<&SecretString>) -> Bytes {
    match token {
        Some(token) => scrub(bytes, token),
        None => bytes,
    }
}
