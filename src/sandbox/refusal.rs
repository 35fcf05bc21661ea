//! Refusals of the JSON API, and their codes.

/// The result of an operation that the API may refuse.
pub(crate) type Refusable<T> = Result<T, Refusal>;

/// The string code and the HTTP-like number of a refusal.
///
/// mesibo's pages and published answers have `BADOP`, `AUTHFAIL` with 401, `TOKENBREACH`, and 400 as the number for bad
/// parameters. The other names are the sandbox's own: the real ones are not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalReason {
    BadJson,
    BadProperty,
    MissingProperty,
    BadOp,
    AuthFail,
    TokenBreach,
    NoUser,
    NoGroup,
    NotAllowed,
}

impl RefusalReason {
    /// The answer's `error`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BadJson => "BADJSON",
            Self::BadProperty => "BADPROPERTY",
            Self::MissingProperty => "MISSINGPROPERTY",
            Self::BadOp => "BADOP",
            Self::AuthFail => "AUTHFAIL",
            Self::TokenBreach => "TOKENBREACH",
            Self::NoUser => "NOUSER",
            Self::NoGroup => "NOGROUP",
            Self::NotAllowed => "NOTALLOWED",
        }
    }

    /// The answer's `code`.
    pub(crate) fn code(self) -> u16 {
        match self {
            Self::AuthFail => 401,
            Self::TokenBreach | Self::NotAllowed => 403,
            Self::BadJson
            | Self::BadProperty
            | Self::MissingProperty
            | Self::BadOp
            | Self::NoUser
            | Self::NoGroup => 400,
        }
    }
}

/// One refusal: the reason, a sentence for a person, and the dotted JSON paths at fault.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: RefusalReason,
    pub(crate) cause: String,
    pub(crate) properties: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(reason: RefusalReason, property: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { reason, cause: cause.into(), properties: vec![property.into()] }
    }

    /// A property that is unknown, given twice, of the wrong type or out of range.
    pub(crate) fn bad(property: impl Into<String>, cause: impl Into<String>) -> Self {
        Self::new(RefusalReason::BadProperty, property, cause)
    }

    /// A mandatory property that is absent; several if one of them would suffice.
    pub(crate) fn missing(properties: Vec<String>) -> Self {
        Self {
            reason: RefusalReason::MissingProperty,
            cause: format!("{} is missing", properties.join(" or ")),
            properties,
        }
    }

    /// A user that this app does not have.
    pub(crate) fn no_user(property: &str) -> Self {
        Self::new(RefusalReason::NoUser, property, format!("{property} names no user of this app"))
    }

    /// A group that this app does not have, or no longer has.
    pub(crate) fn no_group(property: &str) -> Self {
        Self::new(RefusalReason::NoGroup, property, format!("{property} names no group of this app"))
    }

    /// A message that its sender may not send.
    pub(crate) fn not_allowed(property: &str, cause: &str) -> Self {
        Self::new(RefusalReason::NotAllowed, property, cause)
    }
}
