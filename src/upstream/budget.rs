//! How many repeats an upstream may be given: a share of its calls, so that one in trouble is not
//! given more trouble. One for all workers.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What one repeat costs; a call earns its share of it.
const REPEAT: u32 = 100;
/// Held at the start, in repeats: after a quiet night the first call may be asked again too.
const FIRST: u32 = 3;
/// The most that is held, in repeats: a quiet hour does not pay for a storm.
const MOST: u32 = 10;

/// The budget.
pub struct RetryBudget {
    share: u32,
    held: AtomicU32,
}

impl RetryBudget {
    /// So many repeats for a hundred calls.
    #[must_use]
    pub fn new(share: u32) -> Self {
        let first = if share == 0 { 0 } else { FIRST * REPEAT };
        Self { share, held: AtomicU32::new(first) }
    }

    /// A call was made that is no repeat.
    pub fn earn(&self) {
        // Two at once may go over the most by one share, which does no harm.
        if self.held.load(Relaxed) < MOST * REPEAT {
            self.held.fetch_add(self.share, Relaxed);
        }
    }

    /// Pays for one repeat, if there is enough.
    pub fn spend(&self) -> bool {
        self.held.fetch_update(Relaxed, Relaxed, |held| held.checked_sub(REPEAT)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, MOST, RetryBudget};

    fn spendable(budget: &RetryBudget) -> u32 {
        (0..1000).take_while(|_| budget.spend()).count().try_into().expect("a number")
    }

    #[test]
    fn repeats_are_a_share_of_calls_and_never_many_at_once() {
        let budget = RetryBudget::new(20);
        assert_eq!(spendable(&budget), FIRST);
        (0..24).for_each(|_| budget.earn());
        assert_eq!(spendable(&budget), 4);
        (0..1000).for_each(|_| budget.earn());
        assert_eq!(spendable(&budget), MOST);
    }

    #[test]
    fn a_share_of_none_is_none() {
        let budget = RetryBudget::new(0);
        budget.earn();
        assert_eq!(spendable(&budget), 0);
    }
}
