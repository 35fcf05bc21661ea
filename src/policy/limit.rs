//! The rate limits: rules, and governor's state for each of them.
//!
//! A request is checked against every rule that holds for it, the caller's own budgets before shared ones (app and
//! group, app, token, client address, all), whatever their order in the settings. The first rule that refuses ends the
//! check, so a caller over its own budget takes nothing from shared ones. What earlier rules have granted stays spent:
//! a caller that goes on while a shared budget is empty pays from its own.
//!
//! This module reads no socket and no time of day: the clock is passed in, and governor's own is monotonic.

mod applied;
mod budget;
mod index;
mod key;
mod policy;
mod capacity;
mod store;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use smallvec::SmallVec;

use crate::config::limits::{Mode, Per, Rule};
use crate::policy::fingerprint::Fingerprint;
use crate::protocol::seconds::seconds_up;
use budget::{Budget, Exhausted};
use index::Index;
use key::KeyHasher;

pub use policy::{Policy, policy_header, state_header};

/// The default number of keys of one [`Limits`]. A key takes 40 to 80 bytes, depending on how full its table is: 10 MiB
/// at most, for as many apps and addresses as one gateway meets in a few minutes.
pub const MOST_KEYS: usize = 65_536;

/// The facts of a request that rules use.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The operation's name in the table, not an alias; `None` if the table does not have it.
    pub operation: Option<&'a str>,
    /// The app.
    pub app: Fingerprint,
    /// The token that upstream gets.
    pub token: Fingerprint,
    /// Whether the app is in the settings, or upstream has accepted its token.
    pub proven: bool,
    /// The client's address.
    pub client: IpAddr,
    /// The group's number as it was sent, if there is one.
    pub group: Option<&'a str>,
    /// How many members the request names.
    pub members: u32,
    /// Whether the request goes to an on-premise upstream.
    pub on_premise: bool,
}

/// The rules' decision about a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruling {
    /// The rule that refuses the request; `None` lets it pass.
    pub refusal: Option<Denial>,
    /// The caller's standing with each rule that was asked, the refusing one last. Shadow rules are left out (callers
    /// need not know of a trial), and so is a rule that `never` lets the request pass.
    pub policies: SmallVec<[Policy; 2]>,
    /// The shadow rules that would have refused the request.
    pub would_refuse: SmallVec<[Arc<str>; 1]>,
}

/// A rule's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule's name.
    pub rule: Arc<str>,
    /// The wait until the rule would let the request pass if no other request spends the budget; zero if `never`.
    pub retry_after: Duration,
    /// The request costs more than `burst`: waiting does not help, only asking for less at once.
    pub never: bool,
    /// The most that one request can cost.
    pub burst: u32,
}

impl Denial {
    /// The value of `Retry-After` in whole seconds, 1 or more; `None` if waiting does not help.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        (!self.never).then(|| seconds_up(self.retry_after).max(1))
    }
}

/// Rules with their state, shared by all workers. A lock is held only for one key's arithmetic, and a request that
/// passes allocates nothing for up to two enforced rules.
pub struct Limits<C: Clock = DefaultClock> {
    budgets: Vec<Arc<Budget<C>>>,
    index: Index,
    keys: KeyHasher,
    most_keys: usize,
    clock: C,
}

impl<C: Clock + Clone> Limits<C> {
    /// Fresh state for `rules`, of at most `most_keys` keys ([`MOST_KEYS`]). The keys are divided evenly, with as many
    /// for callers that are not proven as for those that are: strangers cannot use up the room of known callers. The
    /// last eighth of each part is reserved for apps, and networks (an IPv4 /24, an IPv6 /48), that have less than a
    /// 64th of it. A caller that finds no room shares one of 256 budgets, the same one for all of an app or a network;
    /// a caller with a key keeps it.
    #[must_use]
    pub fn new(rules: Vec<Rule>, most_keys: usize, clock: C) -> Self {
        Self::with(rules, Vec::new(), KeyHasher::default(), most_keys, clock)
    }

    /// The limits of new settings: an unchanged rule keeps its state, a changed one starts afresh. Until one of the two
    /// values is dropped, both spend the same budgets.
    #[must_use]
    pub fn reloaded(&self, rules: Vec<Rule>) -> Self {
        Self::with(rules, self.budgets.clone(), self.keys.clone(), self.most_keys, self.clock.clone())
    }

    fn with(
        mut rules: Vec<Rule>,
        mut former: Vec<Arc<Budget<C>>>,
        keys: KeyHasher,
        most_keys: usize,
        clock: C,
    ) -> Self {
        rules.sort_by_key(|rule| rule.per);
        let parts: usize = rules.iter().map(|rule| applied::parts(rule.per)).sum();
        let room = most_keys / parts.max(1);
        let mut budget = |rule: Rule| {
            // Taken out, not shared: two equal rules must not spend one budget twice.
            match former.iter().position(|budget| *budget.rule() == rule) {
                Some(known) => former.swap_remove(known),
                None => Arc::new(Budget::new(rule, clock.clone())),
            }
        };
        let budgets: Vec<_> = rules.into_iter().map(&mut budget).collect();
        for budget in &budgets {
            budget.make_room(room);
        }
        let index = Index::of(budgets.iter().map(|budget| budget.rule()));
        Self { budgets, index, keys, most_keys, clock }
    }
}

impl<C: Clock> Limits<C> {
    /// Whether any rule holds for the request.
    #[must_use]
    pub fn concern(&self, ask: &Query<'_>) -> bool {
        self.concerned(ask).any(|budget| applied::holds(budget.rule(), ask))
    }

    fn concerned(&self, ask: &Query<'_>) -> impl Iterator<Item = &Arc<Budget<C>>> {
        self.index.concerned(ask.operation).iter().map(|place| &self.budgets[*place])
    }

    /// Asks every rule that holds for the request, and spends the cost from each.
    #[must_use]
    pub fn check(&self, ask: &Query<'_>) -> Ruling {
        self.spend(ask, |_| true)
    }

    /// Asks only the rules that count client addresses: for a request that is refused early, and for which no one else
    /// should pay.
    #[must_use]
    pub fn charge(&self, ask: &Query<'_>) -> Ruling {
        self.spend(ask, |per| per == Per::Client)
    }

    fn spend(&self, ask: &Query<'_>, counts: impl Fn(Per) -> bool) -> Ruling {
        let mut verdict = Ruling::default();
        let holds = |rule: &Rule| counts(rule.per) && applied::holds(rule, ask);
        for budget in self.concerned(ask).filter(|budget| holds(budget.rule())) {
            let rule = budget.rule();
            let spent = budget.spend(self.keys.of(rule.per, ask), applied::cost(rule.cost, ask));
            match (rule.mode, spent) {
                (Mode::Enforce, Ok(policy)) => verdict.policies.push(policy),
                (Mode::Shadow, Ok(_)) => {}
                (Mode::Shadow, Err(_)) => verdict.would_refuse.push(budget.name()),
                (Mode::Enforce, Err(Exhausted { refusal, policy })) => {
                    verdict.policies.extend(policy);
                    verdict.refusal = Some(refusal);
                    return verdict;
                }
            }
        }
        verdict
    }

    /// Drops the keys whose budget is full again, and frees their memory. It visits every key, a sixteenth of a table
    /// under its lock at a time: for a background task, every few seconds.
    pub fn prune(&self) {
        for budget in &self.budgets {
            budget.prune();
        }
    }

    /// How many keys all rules together hold.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.budgets.iter().map(|budget| budget.keys()).sum()
    }
}
