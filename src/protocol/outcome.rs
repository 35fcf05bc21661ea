//! What surely happened to a request.

/// What surely happened upstream: docs/promises.md, "No write is sent twice".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Upstream answered.
    Done,
    /// Nothing was sent.
    NotSent,
    /// It was sent, and no answer came that says more.
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
