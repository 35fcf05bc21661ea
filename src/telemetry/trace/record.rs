//! What a sampled request leaves behind: all that its spans say, of a size that is fixed.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Method;

use super::context::Context;
use super::span::Attempts;
use crate::policy::apps::App;
use crate::policy::cache::Provenance;
use crate::protocol::outcome::Outcome;
use crate::protocol::reject::Label;
use crate::telemetry::trail::Door;

/// A request that is over.
pub struct Record {
    /// Its place in its trace.
    pub own: Context,
    /// The caller's span.
    pub parent: Option<u64>,
    /// When its head was whole, since 1970.
    pub at: Duration,
    /// How long it took.
    pub took: Duration,
    /// The method.
    pub method: Method,
    /// The path: one of the settings', or another one as the log shows it.
    pub path: Word<64>,
    /// Whether the path is one of the settings'.
    pub is_known: bool,
    /// The host to which it was sent; empty if that is not known.
    pub host: Word<128>,
    /// The version of HTTP.
    pub version: &'static str,
    /// Whether it came over TLS.
    pub is_secure: bool,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The size of the request's body, if it was read.
    pub came: Option<u64>,
    /// The size of the answer's body.
    pub went: u64,
    /// The door.
    pub door: Door,
    /// The operation, if the table has it.
    pub operation: Word<32>,
    /// How it ended.
    pub label: Label,
    /// What happened upstream.
    pub outcome: Outcome,
    /// Where a read's answer came from.
    pub cache: Option<Provenance>,
    /// The limit that refused it, or would have.
    pub limit: Option<Arc<str>>,
    /// The caller's app.
    pub app: Option<Arc<App>>,
    /// The client's address, where the settings ask for it.
    pub client: Option<IpAddr>,
    /// What was asked of upstream.
    pub attempts: Attempts,
}

/// Whether a request failed, and not by what it asked for: upstream gave no answer, or the gateway had no way to it.
#[must_use]
pub const fn is_fault(label: Label) -> bool {
    matches!(
        label,
        Label::Overload
            | Label::UpstreamDown
            | Label::BreakerOpen
            | Label::Timeout
            | Label::BadAnswer
            | Label::Loop
            | Label::Internal
    )
}

/// A text of at most `N` bytes, without memory of its own.
#[derive(Clone, Copy)]
pub struct Word<const N: usize> {
    length: u8,
    bytes: [u8; N],
}

impl<const N: usize> Word<N> {
    /// The beginning of a text, as much as there is room for.
    #[must_use]
    pub fn new(text: &[u8]) -> Self {
        let length = text.len().min(N);
        let mut bytes = [0; N];
        bytes[..length].copy_from_slice(&text[..length]);
        Self { length: u8::try_from(length).unwrap_or(u8::MAX), bytes }
    }

    /// The text; what is no UTF-8 in it is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes[..usize::from(self.length)]).into_owned()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::Word;

    #[test]
    fn a_word_is_as_much_of_a_text_as_there_is_room_for() {
        assert_eq!(Word::<8>::new(b"useradd").text(), "useradd");
        assert_eq!(Word::<8>::new(b"groupgetmembers").text(), "groupget");
        assert!(Word::<8>::new(b"").is_empty());
        assert_eq!(Word::<8>::new(b"a\xffb").text(), "a\u{FFFD}b");
    }
}
