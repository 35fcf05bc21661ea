//! One request as a call of upstream, whichever door it came through: who calls, and whether they may.

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

/// The call. What upstream says to it is in `fetch`.
pub struct Call<'w> {
    pub(super) snapshot: &'w Arc<Snapshot>,
    pub(super) operation: Option<&'w Operation>,
    pub(super) caller: Caller,
    pub(super) client: Client<'w>,
    id: UpstreamId,
    pub(super) upstream: &'w Arc<Upstream>,
}

impl<'w> Call<'w> {
    /// The call of whoever sent an `op` and a `token`.
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

    /// Whether upstream has taken the caller's token before, or the settings have it.
    #[must_use]
    pub fn is_of_known(&self) -> bool {
        self.snapshot.policies.knows(&self.caller)
    }

    /// What upstream says of the caller's token, by `ask` if it has not said it lately.
    pub async fn standing(&self, ask: impl Future<Output = Validity>) -> Validity {
        self.snapshot.policies.known().inquiries().standing(self.caller.fingerprint, ask).await
    }

    /// What it does upstream; not known of an operation that the table does not have.
    pub(super) fn effect(&self) -> Option<Effect> {
        self.operation.map(|operation| operation.row.effect)
    }
}
