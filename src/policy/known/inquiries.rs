//! Remembers upstream's answers about tokens that it was asked about in a request of the gateway's own.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use moka::sync::Cache;
use tokio::sync::OnceCell;

use crate::policy::fingerprint::Fingerprint;

/// How many answers are remembered; each takes [`LONGEST`] bytes at most, and some 300 more.
const MOST: u64 = 4096;
/// For how long: a token that upstream accepts again is believed by then, or earlier if it is used.
const REMEMBERED: Duration = Duration::from_mins(10);
/// The longest refusal that is remembered, in bytes. The only published one has about 150.
const LONGEST: usize = 1024;

/// Upstream's answer about a token.
#[derive(Clone, PartialEq, Eq)]
pub enum Validity {
    /// Upstream accepts the token.
    Alive,
    /// Upstream refuses the token, with this answer.
    Dead(Bytes),
    /// Upstream did not say, or its answer is too long to be remembered.
    Unknown,
}

impl Validity {
    /// The validity of a token that upstream refuses with this answer.
    #[must_use]
    pub fn dead(words: &Bytes) -> Self {
        // A copy, because `words` may be a part of a long buffer.
        if words.len() > LONGEST { Self::Unknown } else { Self::Dead(Bytes::copy_from_slice(words)) }
    }
}

/// The tokens that upstream was asked about. A caller that invents tokens pushes others out, which costs upstream one
/// more question for each.
pub struct Inquiries {
    tokens: Cache<Fingerprint, Arc<OnceCell<Validity>>>,
}

impl Default for Inquiries {
    fn default() -> Self {
        Self { tokens: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build() }
    }
}

impl Inquiries {
    /// Upstream's answer about a token: a remembered one, or the result of `ask`. Concurrent callers wait for one
    /// `ask`; if its caller leaves, the next one asks.
    pub async fn standing(&self, token: Fingerprint, ask: impl Future<Output = Validity>) -> Validity {
        let cell = self.tokens.get_with(token, Arc::default);
        let standing = cell.get_or_init(|| ask).await.clone();
        if standing == Validity::Unknown {
            self.tokens.invalidate(&token);
        }
        standing
    }

    /// Notes that upstream has refused a token, which drops a remembered acceptance.
    pub fn refuse(&self, token: Fingerprint) {
        let is_alive = |cell: Arc<OnceCell<Validity>>| cell.get() == Some(&Validity::Alive);
        if self.tokens.contains_key(&token) && self.tokens.get(&token).is_some_and(is_alive) {
            self.tokens.invalidate(&token);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    use bytes::Bytes;

    use super::{Inquiries, LONGEST, Validity};
    use crate::policy::fingerprint::Fingerprint;

    const TOKEN: Fingerprint = Fingerprint(7);

    #[tokio::test]
    async fn upstream_is_asked_once_for_all_who_want_to_know_and_for_a_while() {
        let (asked, times) = (Inquiries::default(), AtomicU32::new(0));
        let ask = async || {
            times.fetch_add(1, Relaxed);
            tokio::task::yield_now().await;
            Validity::Alive
        };
        let all = tokio::join!(
            asked.standing(TOKEN, ask()),
            asked.standing(TOKEN, ask()),
            asked.standing(Fingerprint(8), ask())
        );
        assert!(all == (Validity::Alive, Validity::Alive, Validity::Alive));
        assert!(asked.standing(TOKEN, ask()).await == Validity::Alive);
        assert_eq!(times.load(Relaxed), 2, "one for each token");
        asked.refuse(TOKEN);
        assert!(
            asked.standing(TOKEN, async { Validity::dead(&Bytes::from_static(b"{}")) }).await
                != Validity::Alive
        );
    }

    #[tokio::test]
    async fn what_was_not_said_is_asked_again() {
        let asked = Inquiries::default();
        assert!(asked.standing(TOKEN, async { Validity::Unknown }).await == Validity::Unknown);
        assert!(asked.standing(TOKEN, async { Validity::Alive }).await == Validity::Alive);
        assert!(Validity::dead(&Bytes::from(vec![b' '; LONGEST + 1])) == Validity::Unknown);
    }

    #[tokio::test]
    async fn a_caller_who_goes_away_leaves_the_question_to_the_next() {
        let asked = Inquiries::default();
        tokio::select! {
            biased;
            _ = asked.standing(TOKEN, std::future::pending()) => panic!("nobody answers"),
            () = tokio::task::yield_now() => {}
        }
        assert!(asked.standing(TOKEN, async { Validity::Alive }).await == Validity::Alive);
    }
}
