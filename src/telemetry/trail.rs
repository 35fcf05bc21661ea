//! Collects the facts of a request on its way, for its refusal, the counters and its log line.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::ledger::client::Client;
use crate::ledger::facts::Ending;
use crate::policy::apps::{App, Caller};
use crate::policy::brownout::Rehearsed;
use crate::policy::cache::Provenance;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::policies::Admission;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Label;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request;
use crate::protocol::translate::shape::CallShape;
use crate::telemetry::trace::span::Span;

/// The longest `op`, in characters, and `id`, in bytes of JSON, that a refusal repeats: longer than any operation's
/// name, and a bound on what a caller without a token gets back.
const LONGEST_ECHO: usize = 64;

/// The facts of a request for the access log and the counters.
pub struct Trail {
    /// The client's address.
    pub client: IpAddr,
    /// The request's span, if it may become part of a trace.
    pub span: Option<Arc<Span>>,
    /// The door to which the request came.
    pub door: Door,
    /// The operation's number in the table.
    pub operation: Option<usize>,
    /// How the request ended.
    pub label: Label,
    /// What happened upstream.
    pub outcome: Outcome,
    /// The size of the query and the body.
    pub bytes_in: usize,
    /// How many parameters are not in the JSON.
    pub dropped: usize,
    /// The time that upstream took.
    pub upstream: Option<Duration>,
    /// How often upstream was asked for this request alone, and on which kind of connection.
    pub asked: Asked,
    /// Upstream's HTTP status, if it is not the API's 200, or the answer is not one of the API.
    pub upstream_status: Option<u16>,
    /// The limits' decisions.
    pub admission: Admission,
    /// The limit that has refused the request.
    pub refusing: Option<Arc<str>>,
    /// The rehearsals of planned pauses that would have refused the request.
    pub rehearsed: Rehearsed,
    /// Seconds after which a refusing limit would let the request pass.
    pub retry_after: Option<u64>,
    /// The origin of a read's answer, and its age.
    pub cache: Option<(Provenance, Duration)>,
    /// The caller's app.
    pub app: Option<Arc<App>>,
    /// The key's number among the app's.
    pub key: usize,
    /// The fingerprint of the caller's token.
    pub caller: Option<Fingerprint>,
    /// The number of the JSON API's operation, on the JSON door.
    pub json: Option<usize>,
    /// Who has called, if the ledger does not know such a call of theirs and that matters.
    pub stranger: Option<Box<Client>>,
    /// The call's shape, for the ledger, if `understood`.
    pub shape: CallShape,
    /// Whether the call was understood so far that it has a shape.
    pub understood: bool,
    /// The `error` in the caller's answer, if it is a word.
    pub error: Option<Cow<'static, str>>,
    /// Whether limits were asked; a request that is refused earlier is charged to the client's address.
    pub admitted: bool,
    /// Whether a part of the request has not been read yet.
    pub unread: bool,
    /// `op` as sent; a refusal repeats it.
    pub op: String,
    /// `id` as JSON text; a refusal repeats it.
    pub id: Option<String>,
}

/// How upstream was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// How often, with those times at which no connection could be had.
    pub times: u8,
    /// Whether the last connection had been used before; `None` where there was none.
    pub is_reused: Option<bool>,
}

impl Asked {
    /// Notes that upstream is asked once more.
    #[inline]
    pub fn again(&mut self) {
        (self.times, self.is_reused) = (self.times.saturating_add(1), None);
    }
}

/// The two doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Parameters.
    Legacy,
    /// JSON.
    Json,
    /// Unknown: the request was not read that far.
    Unread,
}

impl Door {
    /// Every door, in the order of its number.
    pub const ALL: [Self; 3] = [Self::Legacy, Self::Json, Self::Unread];

    /// The label's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Json => "json",
            Self::Unread => "unread",
        }
    }
}

impl Trail {
    /// The trail of a new request; `unread` says whether it has a body.
    #[must_use]
    pub fn new(client: IpAddr, unread: bool) -> Self {
        Self {
            client,
            span: None,
            door: Door::Unread,
            operation: None,
            label: Label::Outside,
            outcome: Outcome::NotSent,
            bytes_in: 0,
            dropped: 0,
            upstream: None,
            asked: Asked::default(),
            upstream_status: None,
            admission: Admission::default(),
            refusing: None,
            rehearsed: Rehearsed::default(),
            retry_after: None,
            cache: None,
            app: None,
            key: 0,
            caller: None,
            json: None,
            stranger: None,
            shape: CallShape::default(),
            understood: false,
            error: None,
            admitted: false,
            unread,
            op: String::new(),
            id: None,
        }
    }

    /// Notes upstream's answer: its `result`, and the name of a failure.
    pub fn answered(&mut self, result: bool, error: Option<Box<str>>) {
        self.error = error.map(|name| Cow::Owned(name.into()));
        self.label = if result { Label::Ok } else { Label::Failed };
        self.outcome = Outcome::Done;
    }

    /// How the request ended.
    #[must_use]
    #[inline]
    pub fn ending(&self) -> Ending {
        match (self.label, self.outcome) {
            (Label::Ok, _) => Ending::Ok,
            (Label::Failed, _) => Ending::Failed,
            (Label::Brownout | Label::Retired | Label::Stranger, _) => Ending::HeldOff,
            (_, Outcome::Unknown) => Ending::Unsure,
            (_, Outcome::NotSent | Outcome::Done) => Ending::Refused,
        }
    }

    /// The limit that has refused the request; else the first in shadow mode that would have.
    #[must_use]
    #[inline]
    pub fn limit(&self) -> Option<&Arc<str>> {
        self.refusing.as_ref().or_else(|| self.admission.would_refuse.first())
    }

    /// Notes the call's shape.
    #[inline]
    pub fn is_shaped(&mut self, shape: CallShape) {
        self.shape = shape;
        self.understood = true;
    }

    /// Notes the caller.
    pub fn is_from(&mut self, caller: &Caller) {
        self.app.clone_from(&caller.app);
        self.key = caller.key;
        self.caller = Some(caller.fingerprint);
    }

    /// Notes what a refusal repeats.
    pub fn echo(&mut self, op: &str, id: Option<String>) {
        self.op = op.chars().take(LONGEST_ECHO).collect();
        self.id = id.filter(|id| id.len() <= LONGEST_ECHO);
    }

    /// Notes what a refusal repeats of a form.
    pub fn echo_form(&mut self, form: &Form) {
        let op = form.single("op").ok().flatten().unwrap_or_default();
        self.echo(op, request::id_if_sound(form).map(|id| id.to_string()));
    }
}
