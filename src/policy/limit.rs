//! The rate limits: rules, and governor's state for each of them.
//!
//! A request is asked of every rule that holds for it, the caller's own budgets before shared ones
//! (app and group, app, token, client address, all), whatever the order in which they were written. The
//! first rule that refuses ends it: later rules are not asked, so a caller over its own budget takes
//! nothing from what it shares. What the rules before it have given is spent and stays spent: a
//! caller that goes on while a shared budget is empty pays for it from its own.
//!
//! Nothing here reads a socket or the time of day: the clock is given, and governor's own is
//! monotonic.

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

/// How many keys one [`Limits`] holds unless told otherwise. A key takes 40 to 80 bytes, by how full
/// its table is: 10 MiB at most, and as many apps and addresses as one gateway meets in a few minutes.
pub const MOST_KEYS: usize = 65_536;

/// What the rules need to know of a request.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// The operation's name in the table, not an alias; none if the table has none.
    pub operation: Option<&'a str>,
    /// The app.
    pub app: Fingerprint,
    /// The token that upstream gets.
    pub token: Fingerprint,
    /// Whether the app is in the settings, or upstream has accepted its token .
    pub proven: bool,
    /// Who sent it.
    pub client: IpAddr,
    /// The group's number as it was sent, if there is one.
    pub group: Option<&'a str>,
    /// How many members it names.
    pub members: u32,
    /// Whether it goes to an on-premise upstream.
    pub on_premise: bool,
}

/// What the rules say of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruling {
    /// Who refuses it; none: it may go on.
    pub refusal: Option<Denial>,
    /// Where the caller stands with each rule that was asked, the refusing one last. Shadow rules
    /// are not among them (callers need not know of a trial), nor is one that `never` lets it pass.
    pub policies: SmallVec<[Policy; 2]>,
    /// The shadow rules that would have refused it.
    pub would_refuse: SmallVec<[Arc<str>; 1]>,
}

/// A rule's no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule's name.
    pub rule: Arc<str>,
    /// When it would have said yes, from now, if nobody else takes from the budget; zero if `never`.
    pub retry_after: Duration,
    /// The request costs more than `burst`: no waiting helps, only asking for less at once.
    pub never: bool,
    /// The most that one request can cost.
    pub burst: u32,
}

impl Denial {
    /// The value of `Retry-After` in whole seconds, 1 or more; none where no waiting helps.
    #[must_use]
    pub fn seconds(&self) -> Option<u64> {
        (!self.never).then(|| seconds_up(self.retry_after).max(1))
    }
}

/// Rules with their state. It is shared by all workers: no lock is held for longer than one key's
/// arithmetic, and what is allowed allocates nothing for up to two enforced rules.
pub struct Limits<C: Clock = DefaultClock> {
    budgets: Vec<Arc<Budget<C>>>,
    index: Index,
    keys: KeyHasher,
    most_keys: usize,
    clock: C,
}

impl<C: Clock + Clone> Limits<C> {
    /// Fresh state for `rules`, of at most `most_keys` keys ([`MOST_KEYS`]). They are shared out
    /// evenly, with as much for callers that are not proven as for those that are: strangers cannot
    /// use up the room of the known. The last eighth of each part is only for apps, and networks (an IPv4 /24, an IPv6
    /// /48), that have less than a 64th of it. Whoever finds no room shares one of 256 budgets with others that
    /// do, the same one for all of an app or a network; who has a key already goes on as before.
    #[must_use]
    pub fn new(rules: Vec<Rule>, most_keys: usize, clock: C) -> Self {
        Self::with(rules, Vec::new(), KeyHasher::default(), most_keys, clock)
    }

    /// The limits of new settings: a rule that is unchanged keeps its state, any change to one starts
    /// it afresh. Until this is dropped or `self` is, both spend the same budgets.
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
            // Taken out, not shared: two rules that are alike must not spend one budget twice.
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

    /// Asks every rule that holds for the request, and spends what they give.
    #[must_use]
    pub fn check(&self, ask: &Query<'_>) -> Ruling {
        self.spend(ask, |_| true)
    }

    /// Asks only the rules that count client addresses: for a request that goes no further, and that nobody else
    /// is to pay for.
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

    /// Forgets the keys whose budget is full again, and gives their memory back. It looks at every
    /// key, a sixteenth of a table under its lock at a time: for a background task, every few seconds.
    pub fn prune(&self) {
        for budget in &self.budgets {
            budget.prune();
        }
    }

    /// How many keys are held, of all rules.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.budgets.iter().map(|budget| budget.keys()).sum()
    }
}
