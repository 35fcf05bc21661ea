//! Every way in which the gateway says no.
//!
//! One enum; one exhaustive match each for the code, the number, the metric label and whose fault it
//! is. A reject never holds a value that a caller sent (it may be a token or a message): it names the
//! parameter, says what was wrong, and what would be right.

// A new reject must be given its code, number, label and blame; it must not fall into one.
#![deny(clippy::wildcard_enum_match_arm)]

mod cause;
mod label;

use std::borrow::Cow;
use std::sync::Arc;

pub use label::Label;

use crate::protocol::outcome::Outcome;

/// Why a request has no answer of upstream's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reject {
    /// No `op` anywhere.
    NoOp,
    /// An `op` that the table does not have.
    BadOp {
        /// What to do instead, as the end of a sentence.
        hint: String,
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
    /// Upstream could not be reached: nothing was sent.
    UpstreamDown(&'static str),
    /// Upstream has failed again and again and is left alone for a while.
    BreakerOpen {
        /// Whole seconds until it is tried again.
        wait: u64,
    },
    /// Upstream did not answer in time, after the request had been sent.
    Timeout(&'static str),
    /// What came back is no answer of the API.
    BadAnswer(&'static str),
    /// A fault of the gateway's own.
    Internal,
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

/// Whose fault a reject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The caller's.
    Client,
    /// Upstream's.
    Upstream,
    /// The gateway's.
    Us,
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

    /// The `error` of the legacy envelope. BADOP and AUTHFAIL are upstream's own for the same
    /// thing; NOOP is what mesibo's PHP servers say (contract, section 1).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoOp => "NOOP",
            Self::BadOp { .. } => "BADOP",
            Self::NoToken | Self::UnknownToken => "AUTHFAIL",
            Self::RateLimit { .. } => "RATELIMIT",
            Self::TokenBreach { .. } => "TOKENBREACH",
            Self::Overload(_) => "OVERLOAD",
            Self::BadRequest(_) | Self::SlowBody(_) => "BADREQUEST",
            Self::Params(faults) if faults.iter().any(ParamFault::is_bad) => "BADPARAM",
            Self::Params(_) => "MISSINGPARAM",
            Self::Ambiguous { .. } => "AMBIGUOUS",
            Self::TooLarge { .. } => "TOOLARGE",
            Self::UpstreamDown(_) | Self::BreakerOpen { .. } => "UPSTREAMDOWN",
            Self::Timeout(_) => "TIMEOUT",
            Self::BadAnswer(_) => "BADANSWER",
            Self::Internal => "INTERNAL",
        }
    }

    /// The HTTP-like number of the envelope's `code`, and the status where `legacy.status` is `http`.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NoOp
            | Self::BadOp { .. }
            | Self::BadRequest(_)
            | Self::Params(_)
            | Self::Ambiguous { .. } => 400,
            Self::NoToken | Self::UnknownToken => 401,
            Self::TokenBreach { .. } => 403,
            Self::RateLimit { .. } => 429,
            Self::SlowBody(_) => 408,
            Self::TooLarge { .. } => 413,
            Self::Internal => 500,
            Self::UpstreamDown(_) | Self::BreakerOpen { .. } | Self::Overload(_) => 503,
            Self::Timeout(_) => 504,
            Self::BadAnswer(_) => 502,
        }
    }

    /// The `outcome` label of metrics and the access line.
    #[must_use]
    pub fn label(&self) -> Label {
        match self {
            Self::NoOp => Label::NoOp,
            Self::BadOp { .. } => Label::BadOp,
            Self::NoToken => Label::NoToken,
            Self::UnknownToken => Label::UnknownToken,
            Self::RateLimit { .. } => Label::RateLimit,
            Self::TokenBreach { .. } => Label::TokenBreach,
            Self::Overload(_) => Label::Overload,
            Self::BadRequest(_) => Label::BadRequest,
            Self::SlowBody(_) => Label::SlowBody,
            Self::Params(faults) if faults.iter().any(ParamFault::is_bad) => Label::BadParam,
            Self::Params(_) => Label::MissingParam,
            Self::Ambiguous { .. } => Label::Ambiguous,
            Self::TooLarge { .. } => Label::TooLarge,
            Self::UpstreamDown(_) => Label::UpstreamDown,
            Self::BreakerOpen { .. } => Label::BreakerOpen,
            Self::Timeout(_) => Label::Timeout,
            Self::BadAnswer(_) => Label::BadAnswer,
            Self::Internal => Label::Internal,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn blame(&self) -> Blame {
        match self {
            Self::NoOp
            | Self::BadOp { .. }
            | Self::NoToken
            | Self::UnknownToken
            | Self::RateLimit { .. }
            | Self::BadRequest(_)
            | Self::SlowBody(_)
            | Self::Params(_)
            | Self::Ambiguous { .. }
            | Self::TooLarge { .. } => Blame::Client,
            Self::TokenBreach { .. }
            | Self::UpstreamDown(_)
            | Self::BreakerOpen { .. }
            | Self::Timeout(_)
            | Self::BadAnswer(_) => Blame::Upstream,
            Self::Overload(_) | Self::Internal => Blame::Us,
        }
    }

    /// What it says of what happened upstream.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Timeout(_) | Self::BadAnswer(_) | Self::Internal => Outcome::Unknown,
            Self::NoOp
            | Self::BadOp { .. }
            | Self::NoToken
            | Self::UnknownToken
            | Self::RateLimit { .. }
            | Self::BadRequest(_)
            | Self::SlowBody(_)
            | Self::Params(_)
            | Self::Ambiguous { .. }
            | Self::TooLarge { .. }
            | Self::TokenBreach { .. }
            | Self::Overload(_)
            | Self::BreakerOpen { .. }
            | Self::UpstreamDown(_) => Outcome::NotSent,
        }
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
            | Self::UpstreamDown(_)
            | Self::Timeout(_)
            | Self::BadAnswer(_)
            | Self::Internal => None,
        }
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
            | Self::UpstreamDown(_)
            | Self::BreakerOpen { .. }
            | Self::Timeout(_)
            | Self::BadAnswer(_)
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
