//! Remembers the tokens that upstream has accepted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use moka::sync::Cache;
use tokio::time::Instant;

use super::Tenure;
use crate::policy::fingerprint::Fingerprint;

/// The default number of remembered tokens: about 400 bytes each, 13 MiB of all, and 4 KiB more for each that has
/// written to a group.
pub const MOST_PROVEN: u64 = 32_768;

/// The default time for which a token is remembered after its last use.
pub const PROVEN_IDLE: Duration = Duration::from_hours(24);

/// The tokens that upstream has accepted, by fingerprint. A token that was never accepted may be invented, and gets no
/// budget of its own ([`crate::policy::limit::Query::proven`]).
///
/// When the set is full, tokens in use push out idle ones; a forgotten token shares its address's budget until upstream
/// accepts it again.
pub struct Proven {
    accepted: Cache<Fingerprint, Arc<Tenure>>,
    lately: Lately,
}

impl Proven {
    /// Remembers at most `most` tokens, each until it was not used for `idle`.
    #[must_use]
    pub fn new(most: u64, idle: Duration) -> Self {
        let accepted = Cache::builder().max_capacity(most).time_to_idle(idle).build();
        Self { accepted, lately: Lately::new() }
    }

    /// Notes that upstream has accepted a token. For a token accepted less than a minute ago this costs next to
    /// nothing; a token that is pushed out within that minute comes back after it.
    pub fn accept(&self, token: Fingerprint, now: Instant) {
        if self.lately.has(token, now) {
            return;
        }
        // An insertion costs more than a lookup.
        if !self.contains(token) {
            self.accepted.insert(token, Arc::default());
        }
        self.lately.note(token, now);
    }

    /// Whether upstream has accepted a token; the lookup counts as a use.
    #[must_use]
    pub fn contains(&self, token: Fingerprint) -> bool {
        self.tenure(token).is_some()
    }

    /// The token's tenure since upstream has accepted it; the lookup counts as a use.
    #[must_use]
    pub fn tenure(&self, token: Fingerprint) -> Option<Arc<Tenure>> {
        // `get` alone would also count failed lookups, so a caller that invents tokens could make those in use look
        // idle. `contains_key` alone would count no use.
        self.accepted.contains_key(&token).then(|| self.accepted.get(&token)).flatten()
    }

    /// Forgets a token that upstream has refused (AUTHFAIL).
    pub fn remove(&self, token: Fingerprint) {
        self.lately.forget(token);
        self.accepted.invalidate(&token);
    }

    /// About how many tokens are remembered.
    #[must_use]
    pub fn tokens(&self) -> u64 {
        self.accepted.run_pending_tasks();
        self.accepted.entry_count()
    }
}

impl Default for Proven {
    fn default() -> Self {
        Self::new(MOST_PROVEN, PROVEN_IDLE)
    }
}

/// Tokens that were accepted within this minute, as far as there is room. Every success accepts its token again, and a
/// lookup in the cache would double the cost of that.
struct Lately {
    began: Instant,
    marks: [AtomicU64; PLACES],
}

const PLACES: usize = 256;

impl Lately {
    fn new() -> Self {
        Self { began: Instant::now(), marks: [const { AtomicU64::new(0) }; PLACES] }
    }

    fn has(&self, token: Fingerprint, now: Instant) -> bool {
        self.place(token).load(Relaxed) == self.mark(token, now)
    }

    fn note(&self, token: Fingerprint, now: Instant) {
        self.place(token).store(self.mark(token, now), Relaxed);
    }

    fn forget(&self, token: Fingerprint) {
        self.place(token).store(0, Relaxed);
    }

    fn place(&self, token: Fingerprint) -> &AtomicU64 {
        &self.marks[token.0.to_le_bytes()[0] as usize]
    }

    /// A mark of token and minute; any other pair has the same mark with a probability of one in 2⁶⁴.
    fn mark(&self, token: Fingerprint, now: Instant) -> u64 {
        let [low @ .., _, _, _, _, _, _, _, _] = token.0.to_le_bytes();
        u64::from_le_bytes(low) ^ ((now - self.began).as_secs() / 60 + 1)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{Instant, advance};

    use super::{PROVEN_IDLE, Proven};
    use crate::policy::fingerprint::{Fingerprint, Fingerprints};

    #[test]
    fn proven_tokens_are_remembered_within_bounds() {
        let proven = Proven::new(1000, PROVEN_IDLE);
        let (token, now) = (Fingerprint(7), Instant::now());
        assert!(!proven.contains(token));
        proven.accept(token, now);
        assert!(proven.contains(token) && !proven.contains(Fingerprint(8)));
        proven.remove(token);
        assert!(!proven.contains(token));
        (0..20_000).for_each(|token| proven.accept(Fingerprint(token), now));
        assert!(proven.tokens() <= 1000, "{}", proven.tokens());
        assert!(Proven::default().tokens() == 0);
    }

    /// The good tokens are used now and then; the invented ones are many and used often.
    #[test]
    fn tokens_that_are_made_up_push_out_none_that_is_in_use() {
        let (proven, fingerprints, now) =
            (Proven::new(1000, PROVEN_IDLE), Fingerprints::default(), Instant::now());
        let good: Vec<_> = (0..1000).map(|number| fingerprints.of(&format!("good {number}"))).collect();
        let use_all = || good.iter().filter(|token| proven.contains(**token)).count();
        for token in &good {
            proven.accept(*token, now);
        }
        assert_eq!((proven.tokens(), use_all()), (1000, 1000));
        for round in 0..50 {
            for number in 0..2_000 {
                let invented = fingerprints.of(&format!("invented {} {number}", round % 3));
                assert!(!proven.contains(invented));
                proven.remove(invented);
            }
            assert_eq!((proven.tokens(), use_all()), (1000, 1000), "round {round}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_refused_is_unproven_though_it_was_accepted_a_moment_ago() {
        let (proven, token) = (Proven::default(), Fingerprints::default().of("token"));
        for _ in 0..3 {
            proven.accept(token, Instant::now());
            assert!(proven.contains(token));
            proven.accept(token, Instant::now());
            proven.remove(token);
            assert!(!proven.contains(token));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_was_pushed_out_comes_back_within_a_minute() {
        let (proven, token) = (Proven::new(8, PROVEN_IDLE), Fingerprints::default().of("token"));
        proven.accept(token, Instant::now());
        proven.accepted.invalidate(&token);
        proven.accept(token, Instant::now());
        assert!(!proven.contains(token), "nobody looks so soon");
        advance(Duration::from_mins(1)).await;
        proven.accept(token, Instant::now());
        assert!(proven.contains(token));
    }
}
