//! One request of either door as a call of upstream: its caller, and what the caller may.

use std::sync::Arc;

use bytes::Bytes;

use super::asking::scrubbed;
use super::client::Client;
use crate::config::{UpstreamId, UpstreamKind};
use crate::policy::apps::Caller;
use crate::policy::cache::ReadKey;
use crate::policy::known::Validity;
use crate::protocol::ops::{Effect, Operation};
use crate::protocol::reject::Reject;
use crate::protocol::retry::may_repeat;
use crate::protocol::translate::envelope::Envelope;
use crate::protocol::translate::facts::{self, Facts};
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request::Understood;
use crate::snapshot::Snapshot;
use crate::snapshot::worker::View;
use crate::telemetry::trail::Trail;
use crate::upstream::{OutgoingRequest, Upstream};

/// The longest token of a refused request, in bytes, that is looked up among the apps' keys: a lookup costs a digest.
const LONGEST_KEY: usize = 512;

/// Notes the caller of a form that is refused before callers are looked up, so that the operator finds the client.
#[cold]
pub fn recognize(view: &View, form: &Form, trail: &mut Trail) {
    let token = form.single("token").ok().flatten().filter(|token| token.len() <= LONGEST_KEY);
    if let Some(Ok(caller)) = token.map(|token| view.snapshot.policies.apps.caller(token)) {
        trail.is_from(&caller);
    }
}

/// Notes the caller of a form that is refused before it is understood, and what the refusal repeats of the form.
#[cold]
pub fn note(view: &View, form: &Form, trail: &mut Trail) {
    recognize(view, form, trail);
    trail.echo_form(form);
}

/// A call of upstream; its answer comes from `fetch`.
pub struct Call<'w> {
    pub(super) snapshot: &'w Arc<Snapshot>,
    pub(super) operation: Option<&'w Operation>,
    pub(super) caller: Caller,
    pub(super) client: Client<'w>,
    id: UpstreamId,
    pub(super) upstream: &'w Arc<Upstream>,
}

impl<'w> Call<'w> {
    /// The call of a client that sent an `op` and a `token`.
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

    /// The token that upstream gets in place of the one that the client sent.
    #[must_use]
    pub fn token<'a>(&'a self, sent: &'a str) -> &'a str {
        self.caller.token_for_upstream(sent)
    }

    /// Whether the real token takes the place of the one that the client sent.
    #[must_use]
    pub fn has_own_token(&self) -> bool {
        self.caller.token.is_some()
    }

    /// Lowers values to the maximum of mesibo's cloud, unless upstream is a server of the owner's own.
    pub fn clamp(&self, understood: &mut Understood<'_>) {
        if let (Some(operation), UpstreamKind::Cloud) = (self.operation, self.upstream.kind()) {
            understood.clamp(&operation.plan);
        }
    }

    /// A JSON request with its values lowered to the maximum of mesibo's cloud; `None` where none is above it.
    #[must_use]
    pub fn lowered<'e>(&self, envelope: &'e Envelope<'_>) -> Option<Envelope<'e>> {
        let operation = self.operation.filter(|_| self.upstream.kind() == UpstreamKind::Cloud)?;
        facts::lowered(operation, envelope)
    }

    /// Checks whether the app is held back, then the limits.
    ///
    /// # Errors
    /// TOKENBREACH, RATELIMIT.
    pub fn admit(&self, facts: &Facts, trail: &mut Trail) -> Result<(), Reject> {
        trail.admitted = true;
        let whence = (self.client.address, self.upstream.kind());
        self.snapshot.policies.admit(&self.caller, self.operation, facts, whence, &mut trail.admission)
    }

    /// An answer as the caller may see it: where a key stands for the real token, the token is taken out.
    ///
    /// # Errors
    /// BADANSWER, if the answer cannot be read well enough to find the token.
    pub fn scrubbed(&self, bytes: Bytes) -> Result<Bytes, Reject> {
        scrubbed(bytes, self.caller.token.as_deref())
    }

    /// Upstream's answer without what the app's settings hide from clients with a key; `None` where the answer has
    /// nothing of that.
    ///
    /// # Errors
    /// BADANSWER, if the answer cannot be read well enough to find what is hidden.
    #[inline]
    pub fn cut(&self, answer: &[u8]) -> Result<Option<Bytes>, Reject> {
        match &self.caller.app {
            Some(app) if !app.hide.is_nothing() => Ok(app.hide.cut(answer)?.map(Bytes::from)),
            _ => Ok(None),
        }
    }

    /// The request for upstream, whose JSON `body` writes, in about `room` bytes.
    pub fn outgoing(&self, room: usize, body: impl FnOnce(&mut Vec<u8>)) -> OutgoingRequest {
        self.upstream.outgoing(self.client.along, may_repeat(self.effect()), room, body)
    }

    /// The key under which callers share the answer in the cache; `None` where the answer is not shared.
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

    /// Whether upstream has taken the caller's token before, or the settings have it.
    #[must_use]
    pub fn is_of_known(&self) -> bool {
        self.snapshot.policies.knows(&self.caller)
    }

    /// Whether upstream takes the caller's token; `ask` asks, unless upstream has been asked lately.
    pub async fn standing(&self, ask: impl Future<Output = Validity>) -> Validity {
        self.snapshot.policies.known().inquiries().standing(self.caller.fingerprint, ask).await
    }

    /// What the operation does upstream; `None` for an operation that is not in the table.
    pub(super) fn effect(&self) -> Option<Effect> {
        self.operation.map(|operation| operation.row.effect)
    }
}
