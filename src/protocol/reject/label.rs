//! The outcome label of metrics and the access log.

/// How a request ended: a closed set, the same in metrics and the access log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Label {
    /// Upstream answered `result: true`; on the JSON door, any answer of upstream's.
    Ok,
    /// Upstream answered `result: false`.
    Failed,
    /// See [`super::Reject::NoOp`].
    NoOp,
    /// See [`super::Reject::BadOp`].
    BadOp,
    /// See [`super::Reject::NoToken`].
    NoToken,
    /// See [`super::Reject::UnknownToken`].
    UnknownToken,
    /// See [`super::Reject::RateLimit`].
    RateLimit,
    /// See [`super::Reject::TokenBreach`].
    TokenBreach,
    /// See [`super::Reject::Brownout`].
    Brownout,
    /// See [`super::Reject::Retired`].
    Retired,
    /// See [`super::Reject::Stranger`].
    Stranger,
    /// See [`super::Reject::Overload`].
    Overload,
    /// See [`super::Reject::BadRequest`].
    BadRequest,
    /// See [`super::Reject::SlowBody`].
    SlowBody,
    /// See [`super::Reject::Params`].
    BadParam,
    /// See [`super::Reject::Params`].
    MissingParam,
    /// See [`super::Reject::Ambiguous`].
    Ambiguous,
    /// See [`super::Reject::TooLarge`].
    TooLarge,
    /// See [`super::Reject::ClientLeft`].
    ClientLeft,
    /// See [`super::Reject::UpstreamDown`].
    UpstreamDown,
    /// See [`super::Reject::BreakerOpen`].
    BreakerOpen,
    /// See [`super::Reject::Loop`].
    Loop,
    /// See [`super::Reject::Timeout`].
    Timeout,
    /// See [`super::Reject::BadAnswer`].
    BadAnswer,
    /// See [`super::Reject::Internal`].
    Internal,
    /// Not a request to the API: another path, another method, `OPTIONS`, `HEAD`.
    Outside,
}

impl Label {
    /// Every label, in the order of its number.
    pub const ALL: [Self; 26] = [
        Self::Ok,
        Self::Failed,
        Self::NoOp,
        Self::BadOp,
        Self::NoToken,
        Self::UnknownToken,
        Self::RateLimit,
        Self::TokenBreach,
        Self::Brownout,
        Self::Retired,
        Self::Stranger,
        Self::Overload,
        Self::BadRequest,
        Self::SlowBody,
        Self::BadParam,
        Self::MissingParam,
        Self::Ambiguous,
        Self::TooLarge,
        Self::ClientLeft,
        Self::UpstreamDown,
        Self::BreakerOpen,
        Self::Loop,
        Self::Timeout,
        Self::BadAnswer,
        Self::Internal,
        Self::Outside,
    ];

    /// The label's text.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::NoOp => "no_op",
            Self::BadOp => "bad_op",
            Self::NoToken => "no_token",
            Self::UnknownToken => "unknown_token",
            Self::RateLimit => "rate_limit",
            Self::TokenBreach => "token_breach",
            Self::Brownout => "brownout",
            Self::Retired => "retired",
            Self::Stranger => "stranger",
            Self::Overload => "overload",
            Self::BadRequest => "bad_request",
            Self::SlowBody => "slow_body",
            Self::BadParam => "bad_param",
            Self::MissingParam => "missing_param",
            Self::Ambiguous => "ambiguous",
            Self::TooLarge => "too_large",
            Self::ClientLeft => "client_left",
            Self::UpstreamDown => "upstream_down",
            Self::BreakerOpen => "breaker_open",
            Self::Loop => "loop",
            Self::Timeout => "timeout",
            Self::BadAnswer => "bad_answer",
            Self::Internal => "internal",
            Self::Outside => "outside",
        }
    }
}
