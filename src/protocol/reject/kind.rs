//! One arm for each reject: its code, status, label, blame and outcome.

use super::{Label, ParamFault, Reject};
use crate::protocol::outcome::Outcome;

/// What clients, metrics and the breaker need to know of a reject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectKind {
    /// The `error` of the legacy envelope. BADOP and AUTHFAIL are upstream's own names; NOOP is that of mesibo's PHP
    /// servers (docs/compatibility.md).
    pub code: &'static str,
    /// The HTTP-like number of the envelope's `code`, and the status where `legacy.status` is `http`.
    pub status: u16,
    /// The `outcome` label of metrics and the access log.
    pub label: Label,
    /// Whose fault it is.
    pub blame: Blame,
    /// What certainly happened upstream.
    pub outcome: Outcome,
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
    /// The reject's kind.
    #[must_use]
    pub fn kind(&self) -> RejectKind {
        use Blame::{Client, Upstream, Us};
        use Outcome::{NotSent, Unknown};
        let (code, status, label, blame, outcome) = match self {
            Self::NoOp => ("NOOP", 400, Label::NoOp, Client, NotSent),
            Self::BadOp { .. } => ("BADOP", 400, Label::BadOp, Client, NotSent),
            Self::NoToken => ("AUTHFAIL", 401, Label::NoToken, Client, NotSent),
            Self::UnknownToken => ("AUTHFAIL", 401, Label::UnknownToken, Client, NotSent),
            Self::RateLimit { .. } => ("RATELIMIT", 429, Label::RateLimit, Client, NotSent),
            Self::TokenBreach { .. } => ("TOKENBREACH", 403, Label::TokenBreach, Upstream, NotSent),
            Self::Brownout(_) => ("BROWNOUT", 503, Label::Brownout, Us, NotSent),
            // RFC 9110, section 15.5.11: gone, and meant to be.
            Self::Retired(_) => ("RETIRED", 410, Label::Retired, Client, NotSent),
            Self::Stranger(_) => ("STRANGER", 403, Label::Stranger, Client, NotSent),
            Self::Overload(_) => ("OVERLOAD", 503, Label::Overload, Us, NotSent),
            Self::BadRequest(_) => ("BADREQUEST", 400, Label::BadRequest, Client, NotSent),
            Self::SlowBody(_) => ("BADREQUEST", 408, Label::SlowBody, Client, NotSent),
            Self::Params(faults) if faults.iter().any(ParamFault::is_bad) => {
                ("BADPARAM", 400, Label::BadParam, Client, NotSent)
            }
            Self::Params(_) => ("MISSINGPARAM", 400, Label::MissingParam, Client, NotSent),
            Self::Ambiguous { .. } => ("AMBIGUOUS", 400, Label::Ambiguous, Client, NotSent),
            Self::TooLarge { .. } => ("TOOLARGE", 413, Label::TooLarge, Client, NotSent),
            // nginx's status for a client that left; HTTP has none.
            Self::ClientLeft => ("CLIENTLEFT", 499, Label::ClientLeft, Client, NotSent),
            Self::UpstreamDown(_) => ("UPSTREAMDOWN", 503, Label::UpstreamDown, Upstream, NotSent),
            Self::BreakerOpen { .. } => ("UPSTREAMDOWN", 503, Label::BreakerOpen, Upstream, NotSent),
            // RFC 5842, section 7.2.
            Self::Loop(_) => ("LOOP", 508, Label::Loop, Us, NotSent),
            Self::Timeout(_) => ("TIMEOUT", 504, Label::Timeout, Upstream, Unknown),
            Self::BadAnswer(_) | Self::Unlike(_) => ("BADANSWER", 502, Label::BadAnswer, Upstream, Unknown),
            Self::Internal => ("INTERNAL", 500, Label::Internal, Us, Unknown),
        };
        RejectKind { code, status, label, blame, outcome }
    }

    /// [`RejectKind::code`].
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().code
    }

    /// [`RejectKind::status`].
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind().status
    }

    /// [`RejectKind::label`].
    #[must_use]
    pub fn label(&self) -> Label {
        self.kind().label
    }

    /// [`RejectKind::blame`].
    #[must_use]
    pub fn blame(&self) -> Blame {
        self.kind().blame
    }

    /// [`RejectKind::outcome`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.kind().outcome
    }
}
