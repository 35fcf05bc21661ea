//! Every way in which the gateway refuses a request.
//!
//! One enum; `kind.rs` has one arm for each variant, with its code, status, label, blame and outcome. A reject never
//! holds a value that a caller sent (it may be a token or a message): it names the parameter, says what was wrong, and
//! what would be right.

// A new variant must get an arm of its own everywhere.
#![deny(clippy::wildcard_enum_match_arm)]

mod cause;
mod kind;
mod label;

use std::borrow::Cow;
use std::sync::Arc;

pub use kind::{Blame, RejectKind};
pub use label::Label;

/// Why the gateway answers a request itself, in upstream's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reject {
    /// The request has no `op`.
    NoOp,
    /// The table has no such `op`.
    BadOp {
        /// What to do instead, as the end of a sentence.
        hint: String,
        /// Additional members of the refusal, as members of a JSON object. An owner sets them for clients that read
        /// these members without looking at `result`.
        carries: Option<Arc<str>>,
    },
    /// The request has no `token`.
    NoToken,
    /// The `token` is no app's key, and the settings refuse unknown tokens.
    UnknownToken,
    /// A limit has been reached.
    RateLimit {
        /// The rule's name in the settings.
        rule: Arc<str>,
        /// Whole seconds to wait; `None` if waiting does not help, because the request alone exceeds the limit.
        wait: Option<u64>,
        /// The most that one request may cost.
        burst: u32,
    },
    /// Upstream has disabled the app's token, and the gateway holds the app's requests back.
    TokenBreach {
        /// Whole seconds until its requests are passed on again.
        wait: u64,
    },
    /// The old door pauses as planned.
    Brownout(Box<BrownoutEnd>),
    /// The old door is closed for this client.
    Retired(Box<ClosedDoor>),
    /// After a date no new client, and no new call, may begin with the old door.
    Stranger(Box<ClosedDoor>),
    /// The gateway or upstream is at its limit of concurrent work.
    Overload(&'static str),
    /// The request cannot be read.
    BadRequest(Cow<'static, str>),
    /// The body did not come in time; the milliseconds that were allowed.
    SlowBody(u128),
    /// Parameters are missing or unusable.
    Params(Vec<ParamFault>),
    /// A parameter came with two different values.
    Ambiguous {
        /// The parameter.
        name: String,
        /// Where the two values stand.
        between: Cow<'static, str>,
    },
    /// The request, or a part of it, exceeds a cap.
    TooLarge {
        /// The part of the request.
        what: &'static str,
        /// The cap.
        limit: usize,
        /// The setting that holds the cap.
        setting: &'static str,
    },
    /// The client has closed its side of the connection while its request was queued; nothing was sent.
    ClientLeft,
    /// Upstream could not be reached: nothing was sent.
    UpstreamDown(&'static str),
    /// Upstream has failed repeatedly, and the breaker is open.
    BreakerOpen {
        /// Whole seconds until the breaker lets a request through.
        wait: u64,
    },
    /// The request has passed this gateway before, or too many gateways: upstreams form a circle.
    Loop(&'static str),
    /// Upstream did not answer in time, after the request had been sent.
    Timeout(&'static str),
    /// Upstream's answer is not an answer of the API.
    BadAnswer(&'static str),
    /// The HTTP status or Content-Type shows that upstream's answer is not an answer of the API.
    Unlike(Unlike),
    /// A fault of the gateway's own.
    Internal,
}

/// A planned pause of the old door, and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrownoutEnd {
    /// The window's name in the settings.
    pub name: Arc<str>,
    /// The operation that was asked for, by the table's name.
    pub operation: Option<String>,
    /// The window's end in UTC, as RFC 3339 writes it.
    pub until: String,
    /// Whole seconds until then.
    pub wait: u64,
}

/// An old door that is closed for a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedDoor {
    /// The operation that was asked for, by the table's name.
    pub operation: String,
    /// Since when, in UTC, as RFC 3339 writes it.
    pub since: String,
}

/// The HTTP side of an answer that is not an answer of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlike {
    /// Its HTTP status.
    pub status: u16,
    /// Whether the body is a page for people.
    pub is_page: bool,
    /// What to do about it, as the end of a sentence.
    pub hint: &'static str,
}

/// The longest parameter name that a refusal repeats, in characters; the API's own names are far shorter.
const LONGEST_NAME: usize = 64;

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamFault {
    /// None of these parameters is there; one of them is required.
    Missing(Vec<String>),
    /// The parameter is there and cannot be used.
    Bad {
        /// The legacy name.
        name: String,
        /// What is wrong and what would be right, as the end of a sentence that begins with the name.
        why: String,
    },
}

impl Reject {
    /// Upstream's answer exceeds the cap. A retry would get an answer as long.
    pub const OVERSIZE: Self = Self::BadAnswer("upstream's answer is over the limit (cap.answer)");

    /// A parameter that cannot be used. The name is cut, because a caller may have made it up.
    #[must_use]
    pub fn bad_param(name: &str, why: impl Into<String>) -> Self {
        let name = name.chars().take(LONGEST_NAME).collect();
        Self::Params(vec![ParamFault::Bad { name, why: why.into() }])
    }

    /// The value of `Retry-After` in whole seconds, if waiting helps and the time is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimit { wait, .. } => *wait,
            Self::TokenBreach { wait } | Self::BreakerOpen { wait } => Some((*wait).max(1)),
            Self::Brownout(end) => Some(end.wait.max(1)),
            Self::Overload(_) => Some(1),
            Self::NoOp
            | Self::BadOp { .. }
            | Self::NoToken
            | Self::UnknownToken
            | Self::Retired(_)
            | Self::Stranger(_)
            | Self::BadRequest(_)
            | Self::SlowBody(_)
            | Self::Params(_)
            | Self::Ambiguous { .. }
            | Self::TooLarge { .. }
            | Self::ClientLeft
            | Self::UpstreamDown(_)
            | Self::Loop(_)
            | Self::Timeout(_)
            | Self::BadAnswer(_)
            | Self::Unlike(_)
            | Self::Internal => None,
        }
    }

    /// Additional members of the refusal, as JSON text without the braces.
    #[must_use]
    pub fn carries(&self) -> Option<&str> {
        if let Self::BadOp { carries, .. } = self { carries.as_deref() } else { None }
    }

    /// Upstream's HTTP status, if the status is what is wrong.
    #[must_use]
    pub fn upstream_status(&self) -> Option<u16> {
        if let Self::Unlike(unlike) = self { Some(unlike.status) } else { None }
    }

    /// The legacy names of the parameters at fault.
    #[must_use]
    pub fn properties(&self) -> Vec<&str> {
        match self {
            Self::NoOp | Self::BadOp { .. } => vec!["op"],
            Self::NoToken | Self::UnknownToken | Self::TokenBreach { .. } => vec!["token"],
            Self::Ambiguous { name, .. } => vec![name],
            Self::Params(faults) => faults.iter().flat_map(ParamFault::names).collect(),
            Self::BadRequest(_)
            | Self::SlowBody(_)
            | Self::TooLarge { .. }
            | Self::RateLimit { .. }
            | Self::Brownout(_)
            | Self::Retired(_)
            | Self::Stranger(_)
            | Self::Overload(_)
            | Self::ClientLeft
            | Self::UpstreamDown(_)
            | Self::BreakerOpen { .. }
            | Self::Loop(_)
            | Self::Timeout(_)
            | Self::BadAnswer(_)
            | Self::Unlike(_)
            | Self::Internal => Vec::new(),
        }
    }
}

impl ParamFault {
    fn is_bad(&self) -> bool {
        matches!(self, Self::Bad { .. })
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Missing(names) => names.iter().map(String::as_str).collect(),
            Self::Bad { name, .. } => vec![name],
        }
    }
}
