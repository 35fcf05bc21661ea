//! What is known of a request while it is on its way: for its refusal, the counters and its line.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::policy::apps::{App, Caller};
use crate::policy::cache::Provenance;
use crate::policy::policies::Admission;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Label;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request;

/// The longest `op`, in characters, and `id`, in bytes of JSON, that a refusal repeats: no operation's name comes
/// near it, and whoever asks without a token gets back no more than that.
const LONGEST_ECHO: usize = 64;

/// What the access line and the counters say of a request.
pub struct Trail {
    /// The client's address.
    pub client: IpAddr,
    /// The door to which the request came.
    pub door: Door,
    /// The operation's number in the table.
    pub operation: Option<usize>,
    /// How it ended.
    pub label: Label,
    /// What happened upstream.
    pub outcome: Outcome,
    /// The size of the query and the body.
    pub bytes_in: usize,
    /// How many parameters had no place in the JSON.
    pub dropped: usize,
    /// The time that upstream took.
    pub upstream: Option<Duration>,
    /// Upstream's HTTP status, where it is not the 200 with which the API answers, or its answer is none.
    pub upstream_status: Option<u16>,
    /// What limits have said of it.
    pub admission: Admission,
    /// Seconds after which a refusing limit would say yes.
    pub retry_after: Option<u64>,
    /// Where the answer to a read came from, and how old it is.
    pub cache: Option<(Provenance, Duration)>,
    /// The app's name.
    pub app: Option<Arc<App>>,
    /// The key's number among the app's.
    pub key: usize,
    /// The name of the error that the caller is told, if it is a word.
    pub error: Option<Cow<'static, str>>,
    /// Whether limits were asked; what is refused before that costs its client's address.
    pub admitted: bool,
    /// Whether bytes of the request are still on the wire.
    pub unread: bool,
    /// `op` as it was sent, which a refusal repeats.
    pub op: String,
    /// `id` as JSON text, which a refusal repeats.
    pub id: Option<String>,
}

/// The two doors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Parameters.
    Legacy,
    /// JSON.
    Json,
    /// Not known: the request was not read so far.
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
    /// Of a request that has just come; `unread` says whether it has a body.
    #[must_use]
    pub fn new(client: IpAddr, unread: bool) -> Self {
        Self {
            client,
            door: Door::Unread,
            operation: None,
            label: Label::Outside,
            outcome: Outcome::NotSent,
            bytes_in: 0,
            dropped: 0,
            upstream: None,
            upstream_status: None,
            admission: Admission::default(),
            retry_after: None,
            cache: None,
            app: None,
            key: 0,
            error: None,
            admitted: false,
            unread,
            op: String::new(),
            id: None,
        }
    }

    /// Upstream answered, and this is its `result` and the name of a failure.
    pub fn answered(&mut self, result: bool, error: Option<Box<str>>) {
        self.error = error.map(|name| Cow::Owned(name.into()));
        self.label = if result { Label::Ok } else { Label::Failed };
        self.outcome = Outcome::Done;
    }

    /// Who it comes from.
    pub fn is_from(&mut self, caller: &Caller) {
        self.app.clone_from(&caller.app);
        self.key = caller.key;
    }

    /// What a refusal is to repeat.
    pub fn echo(&mut self, op: &str, id: Option<String>) {
        self.op = op.chars().take(LONGEST_ECHO).collect();
        self.id = id.filter(|id| id.len() <= LONGEST_ECHO);
    }

    /// What a refusal is to repeat of a form.
    pub fn echo_form(&mut self, form: &Form) {
        let op = form.single("op").ok().flatten().unwrap_or_default();
        self.echo(op, request::id_if_sound(form).map(|id| id.to_string()));
    }
}
