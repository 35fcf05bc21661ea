//! One rule and all budgets under it.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::{NotUntil, Quota, RateLimiter};

use super::capacity::{Capacity, Owners};
use super::key::BudgetKey;
use super::store::CounterStore;
use super::{Denial, Policy, applied};
use crate::config::limits::Rule;
use crate::protocol::seconds::seconds_up;

/// governor's limiter; the middleware makes it report how much is left.
type Limiter<C> = RateLimiter<u128, CounterStore, C, StateInformationMiddleware>;

/// One rule and its state.
pub struct Budget<C: Clock> {
    rule: Rule,
    name: Arc<str>,
    quota: Quota,
    known: Side<C>,
    /// Callers that must not have a budget of their own.
    strangers: Side<C>,
}

/// One kind of callers, with a room of its own for keys.
struct Side<C: Clock> {
    limiter: Limiter<C>,
    room: Arc<Capacity>,
}

/// A refusal, and the caller's standing; `None` if waiting does not help.
pub struct Exhausted {
    pub refusal: Denial,
    pub policy: Option<Policy>,
}

impl<C: Clock + Clone> Budget<C> {
    /// Full budgets; there is no room for keys yet.
    pub fn new(rule: Rule, clock: C) -> Self {
        let quota = applied::quota(&rule);
        let name = Arc::from(rule.name.as_str());
        let side = |owners| {
            let room = Arc::<Capacity>::default();
            Side {
                limiter: RateLimiter::new(quota, CounterStore::new(owners, room.clone()), clock.clone()),
                room,
            }
        };
        let known = side(Owners::of_known(rule.per));
        Self { rule, name, quota, known, strangers: side(Owners::Networks) }
    }
}

impl<C: Clock> Budget<C> {
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The rule's name, for values that outlive the settings.
    pub fn name(&self) -> Arc<str> {
        self.name.clone()
    }

    /// How many keys the rule holds.
    pub fn keys(&self) -> usize {
        self.sides().iter().map(|side| side.room.held()).sum()
    }

    /// Sets how many keys each kind of callers may hold. A rule with one budget for all needs no key: it uses the
    /// budget of callers without room.
    pub fn make_room(&self, most: usize) {
        let most = if applied::parts(self.rule.per) == 0 { 0 } else { most };
        self.sides().iter().for_each(|side| side.room.set(most));
    }

    /// Drops the keys whose budget is full again.
    pub fn prune(&self) {
        for side in self.sides() {
            side.limiter.retain_recent();
            side.limiter.shrink_to_fit();
        }
    }

    /// Takes the cost from a budget, as a whole or not at all.
    pub fn spend(&self, key: BudgetKey, cost: NonZeroU32) -> Result<Policy, Exhausted> {
        let (side, key) = match key {
            BudgetKey::Known(key) => (&self.known, key),
            BudgetKey::Stranger(key) => (&self.strangers, key),
        };
        // Checked first, because governor multiplies the cost by the interval without an overflow check.
        if cost > self.quota.burst_size() {
            return Err(self.never());
        }
        match side.limiter.check_key_n(&key, cost) {
            Ok(Ok(state)) => Ok(self.within(&state)),
            Ok(Err(not_until)) => Err(self.over(&not_until, side.limiter.clock(), cost)),
            Err(_) => Err(self.never()),
        }
    }

    fn sides(&self) -> [&Side<C>; 2] {
        [&self.known, &self.strangers]
    }

    fn within(&self, state: &StateSnapshot) -> Policy {
        self.policy(state.remaining_burst_capacity(), seconds_up(self.quota.replenish_interval()))
    }

    fn over(&self, not_until: &NotUntil<C::Instant>, clock: &C, cost: NonZeroU32) -> Exhausted {
        let wait = not_until.wait_time_from(clock.now());
        // The wait shows how much of the cost is missing. At least one is, even if the budget has been refilled since
        // the refusal.
        let lacking = wait.as_nanos().div_ceil(self.quota.replenish_interval().as_nanos().max(1)).max(1);
        let lacking = u32::try_from(lacking).unwrap_or(u32::MAX);
        let refusal = self.refusal(wait, false);
        let policy = self.policy(cost.get().saturating_sub(lacking), refusal.seconds().unwrap_or(1));
        Exhausted { refusal, policy: Some(policy) }
    }

    fn never(&self) -> Exhausted {
        Exhausted { refusal: self.refusal(Duration::ZERO, true), policy: None }
    }

    fn refusal(&self, retry_after: Duration, never: bool) -> Denial {
        Denial { rule: self.name(), retry_after, never, burst: self.quota.burst_size().get() }
    }

    fn policy(&self, remaining: u32, reset: u64) -> Policy {
        let rate = self.rule.rate;
        let window = seconds_up(rate.window);
        Policy { rule: self.name(), quota: rate.count.get(), window, remaining, reset }
    }
}
