//! What is known of a request while it is on its way: for its refusal, the counters and its line.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use crate::policy::apps::App;
use crate::policy::cache::State;
use crate::policy::limit::Policy;

use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Label;
use crate::protocol::translate::form::Form;
use crate::protocol::translate::request;

/// The longest `op` that an answer repeats; no operation's name comes near it.
const LONGEST_ECHO: usize = 64;

/// What the access line and the counters say of a request; nothing in it is the caller's own text.
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
    /// Where the caller stands with each limit that was asked.
    pub standing: SmallVec<[Policy; 2]>,
    /// The limits in shadow mode that would have refused it.
    pub would_refuse: SmallVec<[Arc<str>; 1]>,
    /// Seconds after which a refusing limit would say yes.
    pub retry_after: Option<u64>,
    /// Where the answer to a read came from, and how old it is.
    pub cache: Option<(State, Duration)>,
    /// The app's name.
    pub app: Option<Arc<App>>,
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
            standing: SmallVec::new(),
            would_refuse: SmallVec::new(),
            retry_after: None,
            cache: None,
            app: None,
            unread,
            op: String::new(),
            id: None,
        }
    }

    /// Upstream answered, and this is its `result`.
    pub fn answered(&mut self, result: bool) {
        self.label = if result { Label::Ok } else { Label::Failed };
        self.outcome = Outcome::Done;
    }

    /// What a refusal is to repeat.
    pub fn echo(&mut self, op: &str, id: Option<String>) {
        self.op = op.chars().take(LONGEST_ECHO).collect();
        self.id = id;
    }

    /// What a refusal is to repeat of a form.
    pub fn echo_form(&mut self, form: &Form) {
        let op = form.single("op").ok().flatten().unwrap_or_default();
        self.echo(op, request::id_if_sound(form).map(|id| id.to_string()));
    }
}
