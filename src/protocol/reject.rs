//! Every way in which the gateway says no.
//!
//! One enum, and one arm for each way, which says all that it is to whoever is told or counts ([`kind`]). A reject never holds a value that a caller sent (it may be a token or a message): it names the
//! parameter, says what was wrong, and what would be right.

// A new reject must be given what it is; it must not fall into that of another.
#![deny(clippy::wildcard_enum_match_arm)]

mod cause;
mod kind;
mod label;

use std::borrow::Cow;
use std::sync::Arc;

pub use kind::{Blame, RejectKind};
pub use label::Label;

/// Why a request has no answer of upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reject {
    /// No `op` anywhere.
    NoOp,
    /// An `op` that the table does not have.
    BadOp {
        /// What to do instead, as the end of a sentence.
        hint: String,
        /// What the refusal has besides, as members of a JSON object: an owner's own, for clients that read them
        /// without a look at `result`.
        carries: Option<Arc<str>>,
    },
    /// No `token` anywhere.
    NoToken,
    /// A `token` that is no app's key, where those are refused.
    UnknownToken,
    /// A limit has been reached.
    RateLimit {
        /// Its name in the settings.
        rule: Arc<str>,
        /// Whole seconds to wait; `None` if no waiting helps, because the request alone is over it.
        wait: Option<u64>,
        /// The most that one request may cost.
        burst: u32,
    },
    /// Upstream has disabled the app's token, and the app is held back here; seconds that are left.
    TokenBreach {
        /// Whole seconds until its requests are passed on again.
        wait: u64,
    },
    /// More at once than the gateway or upstream may have.
    Overload(&'static str),
    /// The request cannot be read.
    BadRequest(Cow<'static, str>),
    /// The body did not come in time; milliseconds allowed.
    SlowBody(u128),
    /// Parameters that are missing or unusable.
    Params(Vec<ParamFault>),
    /// Two different values where only one can be meant.
    Ambiguous {
        /// The parameter.
        name: String,
        /// Where the two stand.
        between: Cow<'static, str>,
    },
    /// More than the gateway takes.
    TooLarge {
        /// What of the request.
        what: &'static str,
        /// The most that is taken.
        limit: usize,
        /// The setting that holds the limit.
        setting: &'static str,
    },
    /// The client has ended its side of the connection while its request had to wait, and nothing was sent.
    ClientLeft,
    /// Upstream could not be reached: nothing was sent.
    UpstreamDown(&'static str),
    /// Upstream has failed again and again and is left alone for a while.
    BreakerOpen {
        /// Whole seconds until it is tried again.
        wait: u64,
    },
    /// It has been here before, or through too many gateways: upstreams lead round in circles.
    Loop(&'static str),
    /// Upstream did not answer in time, after the request had been sent.
    Timeout(&'static str),
    /// What came back is no answer of the API.
    BadAnswer(&'static str),
    /// What came back is no answer of the API, as its status or its type in HTTP tells.
    Unlike(Unlike),
    /// A fault of the gateway's own.
    Internal,
}

/// An answer that is none of the API's, as HTTP tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unlike {
    /// Its HTTP status.
    pub status: u16,
    /// Whether it is a page for people.
    pub is_page: bool,
    /// What to do about it, as the end of a sentence.
    pub hint: &'static str,
}

/// The longest name of a parameter that a refusal repeats, in characters; none of the API's comes near it.
const LONGEST_NAME: usize = 64;

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParamFault {
    /// None of these is there; one would do.
    Missing(Vec<String>),
    /// It is there and cannot be used.
    Bad {
        /// The legacy name.
        name: String,
        /// What is wrong and what would be right, as the end of a sentence that begins with the name.
        why: String,
    },
}

impl Reject {
    /// An answer that is longer than any may be: the next one would be, too.
    pub const OVERSIZE: Self = Self::BadAnswer("upstream's answer is over the limit (cap.answer)");

    /// A parameter that cannot be used. A name that the caller made up is not repeated at any length.
    #[must_use]
    pub fn bad_param(name: &str, why: impl Into<String>) -> Self {
        let name = name.chars().take(LONGEST_NAME).collect();
        Self::Params(vec![ParamFault::Bad { name, why: why.into() }])
    }

    /// The value of `Retry-After` in whole seconds, where waiting helps and it is known how long.
    #[must_use]
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimit { wait, .. } => *wait,
            Self::TokenBreach { wait } | Self::BreakerOpen { wait } => Some((*wait).max(1)),
            Self::Overload(_) => Some(1),
            Self::NoOp
            | Self::BadOp { .. }
            | Self::NoToken
            | Self::UnknownToken
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

    /// Members that the refusal has besides its own, as JSON text without the braces around it.
    #[must_use]
    pub fn carries(&self) -> Option<&str> {
        if let Self::BadOp { carries, .. } = self { carries.as_deref() } else { None }
    }

    /// The HTTP status of upstream's, where that is what is wrong.
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
