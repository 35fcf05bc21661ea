//! The known tokens: the real ones of the settings' apps, and those that upstream has accepted. Any other token may be
//! invented at no cost, so all unknown tokens share budgets and counters.
//!
//! Shared by all workers, and kept across reloads: a request that began under the old settings sees the tokens of the
//! new.

mod inquiries;
mod proven;
mod tenure;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::time::Instant;

use crate::policy::fingerprint::{Fingerprint, Ready};
pub use inquiries::{Inquiries, Validity};
pub use proven::{MOST_PROVEN, PROVEN_IDLE, Proven};
pub use tenure::Tenure;

/// The known tokens, each with its tenure.
#[derive(Default)]
pub struct KnownTokens {
    apps: ArcSwap<Tokens>,
    proven: Proven,
    inquiries: Inquiries,
}

/// The real tokens of apps: only settings add to them, never callers.
type Tokens = HashMap<Fingerprint, Arc<Tenure>, Ready>;

impl KnownTokens {
    /// The tenure of a token, `None` if it is not known; the lookup counts as a use.
    #[must_use]
    pub fn tenure(&self, token: Fingerprint) -> Option<Arc<Tenure>> {
        self.apps.load().get(&token).cloned().or_else(|| self.proven.tenure(token))
    }

    /// All tenures of a token: an app's token may have been proven before, and stays proven when the settings drop it.
    /// A change must move both.
    #[must_use]
    pub fn tenures(&self, token: Fingerprint) -> [Option<Arc<Tenure>>; 2] {
        [self.apps.load().get(&token).cloned(), self.proven.tenure(token)]
    }

    /// Whether a token is known; the lookup counts as a use.
    #[must_use]
    pub fn has(&self, token: Fingerprint) -> bool {
        self.is_apps(token) || self.proven.contains(token)
    }

    /// Whether a token is the real token of an app.
    #[must_use]
    pub fn is_apps(&self, token: Fingerprint) -> bool {
        self.apps.load().contains_key(&token)
    }

    /// Upstream's answers about tokens that it has not accepted in a request yet.
    #[must_use]
    pub fn inquiries(&self) -> &Inquiries {
        &self.inquiries
    }

    /// Notes that upstream has accepted a token that is no app's.
    pub fn accept(&self, token: Fingerprint, now: Instant) {
        self.proven.accept(token, now);
    }

    /// Notes that upstream has refused a token. Its cached answers are no longer found; other tokens are not touched.
    pub fn refuse(&self, token: Fingerprint) {
        self.proven.remove(token);
        self.inquiries.refuse(token);
        if let Some(tenure) = self.apps.load().get(&token) {
            tenure.move_all();
        }
    }

    /// Adds tokens of apps, of settings that may soon be in use.
    pub fn expect(&self, tokens: impl IntoIterator<Item = Fingerprint>) {
        let known = self.apps.load_full();
        self.settle(tokens.into_iter().chain(known.keys().copied()).collect::<Vec<_>>());
    }

    /// Sets the tokens of apps. A token that stays keeps its tenure; one that comes back later gets a new one.
    pub fn settle(&self, tokens: impl IntoIterator<Item = Fingerprint>) {
        let known = self.apps.load();
        let tenure = |token| known.get(&token).cloned().unwrap_or_default();
        let tokens: Tokens = tokens.into_iter().map(|token| (token, tenure(token))).collect();
        let is_same = tokens.len() == known.len() && tokens.keys().all(|token| known.contains_key(token));
        if !is_same {
            self.apps.store(Arc::new(tokens));
        }
    }
}

#[cfg(test)]
impl KnownTokens {
    /// Known tokens with other bounds for proven ones.
    pub fn with(proven: Proven) -> Self {
        Self { proven, ..Self::default() }
    }

    /// Simulates that other tokens push out a token that is no app's.
    pub fn push_out(&self, token: Fingerprint) {
        self.proven.remove(token);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::KnownTokens;
    use crate::policy::fingerprint::Fingerprint;

    const TOKEN: Fingerprint = Fingerprint(7);
    const OTHER: Fingerprint = Fingerprint(8);

    fn number(known: &KnownTokens, token: Fingerprint) -> Option<u64> {
        known.tenure(token).map(|tenure| tenure.number())
    }

    #[test]
    fn a_token_of_an_app_keeps_its_tenure_for_as_long_as_it_is_one() {
        let known = KnownTokens::default();
        assert_eq!(number(&known, TOKEN), None);
        known.settle([TOKEN]);
        let first = number(&known, TOKEN);
        known.expect([OTHER]);
        known.settle([TOKEN, OTHER]);
        assert!(first.is_some() && number(&known, TOKEN) == first && known.has(OTHER));
        known.settle([OTHER]);
        assert!(!known.has(TOKEN));
        known.settle([TOKEN, OTHER]);
        assert!(known.has(TOKEN) && number(&known, TOKEN) != first, "it begins afresh");
    }

    #[tokio::test]
    async fn a_proven_token_that_was_refused_or_pushed_out_begins_afresh() {
        let known = KnownTokens::default();
        known.accept(TOKEN, Instant::now());
        let first = number(&known, TOKEN);
        known.accept(TOKEN, Instant::now());
        assert!(first.is_some() && number(&known, TOKEN) == first);
        known.refuse(TOKEN);
        assert_eq!(number(&known, TOKEN), None);
        known.accept(TOKEN, Instant::now());
        assert_ne!(number(&known, TOKEN), first);
    }

    #[test]
    fn a_refusal_of_an_apps_token_moves_it_and_no_other() {
        let known = KnownTokens::default();
        known.settle([TOKEN, OTHER]);
        let all = |token| known.tenure(token).map(|tenure| tenure.at(7).0);
        let before = (all(TOKEN), all(OTHER));
        known.refuse(TOKEN);
        known.refuse(Fingerprint(3));
        assert!(all(TOKEN) != before.0 && all(OTHER) == before.1);
    }
}
