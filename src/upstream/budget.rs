//! The retry budget of an upstream, shared by all workers: retries are a share of its calls, so that an
//! upstream in trouble does not get more. Each caller pays from what its own calls have earned, so that none
//! spends another's.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::asker::Asker;

/// The price of one retry; a call earns its share of it.
const REPEAT: u32 = 100;
/// What each purse holds at the start, in retries: after a quiet night the first call may be retried too.
const FIRST: u32 = 3;
/// The most that a purse holds, in retries: a quiet hour does not pay for a storm.
const MOST: u32 = 10;
/// How many purses known callers share; two callers may fall on one.
const CALLERS: usize = 1024;
/// How many purses the addresses of unknown callers share.
const STRANGERS: usize = 64;

/// The retry budget of one upstream.
pub struct RetryBudget {
    share: u32,
    callers: Box<[AtomicU32]>,
    strangers: Box<[AtomicU32]>,
}

impl RetryBudget {
    /// A budget of `share` retries for a hundred calls.
    #[must_use]
    pub fn new(share: u32) -> Self {
        let first = if share == 0 { 0 } else { FIRST * REPEAT };
        let purses = |count| std::iter::repeat_with(|| AtomicU32::new(first)).take(count).collect();
        Self { share, callers: purses(CALLERS), strangers: purses(STRANGERS) }
    }

    /// Earns the share of a call that is no retry. Whether the caller is known is not looked up here: an
    /// unknown caller earns for a known one, and for itself only once its call has failed.
    pub fn earn(&self, asker: &Asker<'_>) {
        self.add(&self.callers[place(asker.caller.0, CALLERS)]);
    }

    /// Pays for one retry of a call, its first or a later one, if the purse holds enough.
    pub fn spend(&self, asker: &Asker<'_>, is_first: bool) -> bool {
        let purse = if asker.is_known() {
            &self.callers[place(asker.caller.0, CALLERS)]
        } else {
            let purse = &self.strangers[place(asker.network(), STRANGERS)];
            if is_first {
                self.add(purse);
            }
            purse
        };
        purse.fetch_update(Relaxed, Relaxed, |held| held.checked_sub(REPEAT)).is_ok()
    }

    fn add(&self, purse: &AtomicU32) {
        // Two calls at once may exceed the most by one share, which does no harm.
        if purse.load(Relaxed) < MOST * REPEAT {
            purse.fetch_add(self.share, Relaxed);
        }
    }
}

/// A purse's index. Fingerprints and addresses differ in their low bits, or in those of a network.
fn place(asker: u128, places: usize) -> usize {
    let folded = (asker ^ (asker >> 64)).to_le_bytes();
    let [low @ .., _, _, _, _, _, _, _, _] = folded;
    usize::try_from(u64::from_le_bytes(low) % places as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, MOST, RetryBudget};
    use crate::upstream::asker::Asker;
    use crate::upstream::asker::tests::{from, known, stranger};

    fn spendable(budget: &RetryBudget, asker: &Asker<'_>) -> u32 {
        (0..1000).take_while(|_| budget.spend(asker, false)).count().try_into().expect("a number")
    }

    #[test]
    fn repeats_are_a_share_of_calls_and_never_many_at_once() {
        let (budget, asker) = (RetryBudget::new(20), known(1));
        assert_eq!(spendable(&budget, &asker), FIRST);
        (0..24).for_each(|_| budget.earn(&asker));
        assert_eq!(spendable(&budget, &asker), 4);
        (0..1000).for_each(|_| budget.earn(&asker));
        assert_eq!(spendable(&budget, &asker), MOST);
    }

    #[test]
    fn a_share_of_none_is_none() {
        let budget = RetryBudget::new(0);
        budget.earn(&known(1));
        assert_eq!(spendable(&budget, &known(1)), 0);
        assert_eq!(spendable(&budget, &stranger(1)), 0);
    }

    #[test]
    fn nobody_spends_what_another_has_earned() {
        let (budget, good) = (RetryBudget::new(20), known(1));
        for number in 2..5000 {
            budget.earn(&stranger(number));
            budget.spend(&stranger(number), true);
            budget.spend(&from([198, 51, 100, (number % 250) as u8].into(), number), true);
        }
        spendable(&budget, &known(2));
        assert!(spendable(&budget, &good) >= FIRST);
    }
}
