//! What certainly happened to a request.

/// What certainly happened upstream: docs/promises.md, "No write is sent twice".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Upstream answered.
    Done,
    /// Nothing was sent.
    NotSent,
    /// The request was sent, and no usable answer came.
    Unknown,
}

impl Outcome {
    /// The value of `X-Mesigate-Outcome`.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }
}
