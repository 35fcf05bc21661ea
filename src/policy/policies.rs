//! The steps between an understood request and upstream: the caller, its limits, and cached reads. One instance, shared
//! by all workers.

mod names;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::DefaultClock;
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::config::secret::Environment;
use crate::config::{Config, UpstreamKind, rules};
use crate::policy::apps::{Apps, Caller};
use crate::policy::breach::{Breaches, Standing};
use crate::policy::brownout::Brownouts;
use crate::policy::cache::{Cache, MonotonicClock, Touches, Write};
use crate::policy::fingerprint::{Fingerprint, Fingerprints};
use crate::policy::known::KnownTokens;
use crate::policy::limit::{Limits, Policy, Query, Ruling};
use crate::protocol::ops::{self, Operation, Table};
use crate::protocol::reject::Reject;
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::response::{TokenVerdict, Verdict as Answered};
use names::unknown_operations;

/// The policies and their state.
pub struct Policies {
    /// The apps, by which callers are identified.
    pub apps: Apps,
    /// Cached answers.
    pub cache: Cache,
    /// Apps whose token upstream has disabled.
    pub breaches: Arc<Breaches>,
    /// Planned pauses of the old door.
    pub brownouts: Brownouts,
    cool_down: Duration,
    limits: Limits,
    /// The apps' own limits, by app name.
    own_limits: HashMap<String, Limits>,
    decisions: Arc<Mutex<Decisions>>,
}

/// How often each limit has made each decision.
type Decisions = BTreeMap<(Arc<str>, Decision), u64>;

/// What the limits have decided about a request.
#[derive(Default)]
pub struct Admission {
    /// The caller's standing with each limit that was asked.
    pub standing: SmallVec<[Policy; 2]>,
    /// The limits in shadow mode that would have refused the request.
    pub would_refuse: SmallVec<[Arc<str>; 1]>,
}

/// The most keys of one app's own limits.
const MOST_OWN_KEYS: usize = 4096;

/// A limit's decision about a request that exceeds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The request was refused.
    Refused,
    /// The request would have been refused; the limit is in shadow mode.
    WouldRefuse,
}

impl Policies {
    /// Policies with fresh state.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be read and each operation that the table does not have.
    pub fn load(
        config: &Config,
        table: &Table,
        environment: Environment,
        fingerprints: Fingerprints,
    ) -> Result<Self, Vec<String>> {
        let mut faults = unknown_operations(config, table);
        match Apps::load(&config.apps, config.refuse_unknown_tokens, environment, table, fingerprints) {
            Ok(apps) if faults.is_empty() => Ok(Self::with(config, apps)),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// The policies of new settings: unchanged parts keep their state. Cached answers stay only if the protocol and the
    /// upstreams are unchanged (`same_ground`).
    ///
    /// # Errors
    /// Those of [`Policies::load`].
    pub fn reloaded(&self, config: &Config, table: &Table, same_ground: bool) -> Result<Self, Vec<String>> {
        let mut faults = unknown_operations(config, table);
        let apps = match self.apps.reloaded(&config.apps, config.refuse_unknown_tokens, table) {
            Ok(apps) if faults.is_empty() => apps,
            Ok(_) => return Err(faults),
            Err(more) => {
                faults.extend(more);
                return Err(faults);
            }
        };
        let mut fresh = Self::with(config, apps);
        let own_limits = config.apps.iter().filter_map(|app| {
            let (name, limits) = fresh.own_limits.remove_entry(&app.name)?;
            let former = self.own_limits.get(&name).map(|former| former.reloaded(rules(&app.limits)));
            Some((name, former.unwrap_or(limits)))
        });
        let own_limits = own_limits.collect();
        Ok(Self {
            apps: fresh.apps,
            cache: self.cache.reloaded(config.cache.kept, same_ground),
            limits: self.limits.reloaded(rules(&config.limits)),
            own_limits,
            decisions: self.decisions.clone(),
            breaches: self.breaches.clone(),
            brownouts: self.brownouts.reloaded(&config.migration.brownouts),
            cool_down: config.cool_down,
        })
    }

    fn with(config: &Config, apps: Apps) -> Self {
        let limits = |limits: &[_], most| Limits::new(rules(limits), most, DefaultClock::default());
        let own = config.apps.iter().filter(|app| !app.limits.is_empty());
        // An app's own limits count its groups and its clients, which are few.
        let most_own = (config.keys.most / config.apps.len().max(1)).clamp(1, MOST_OWN_KEYS);
        let clock = Arc::new(MonotonicClock::new());
        Self {
            cache: Cache::new(config.cache.kept, clock, apps.known().clone()),
            apps,
            breaches: Arc::default(),
            brownouts: Brownouts::new(&config.migration.brownouts),
            cool_down: config.cool_down,
            limits: limits(&config.limits, config.keys.most),
            own_limits: own.map(|app| (app.name.clone(), limits(&app.limits, most_own))).collect(),
            decisions: Arc::default(),
        }
    }

    /// Checks whether the app is held back, then asks every limit, the app's own first, and records their answers in
    /// `said`.
    ///
    /// # Errors
    /// TOKENBREACH, which spends nothing; RATELIMIT, with the rule's name and the wait.
    pub fn admit(
        &self,
        caller: &Caller,
        operation: Option<&Operation>,
        facts: &Facts,
        (client, kind): (IpAddr, UpstreamKind),
        said: &mut Admission,
    ) -> Result<(), Reject> {
        self.breaches.check(caller)?;
        let mut ask = Query {
            operation: operation.map(|operation| operation.row.name.as_str()),
            app: caller.budget(),
            token: caller.fingerprint,
            proven: caller.app.is_some(),
            client,
            group: facts.group.as_deref(),
            members: facts.members,
            on_premise: kind == UpstreamKind::OnPremise,
        };
        let own = caller.app.as_ref().and_then(|app| self.own_limits.get(&app.name));
        let all = own.into_iter().chain([&self.limits]);
        let concerned: SmallVec<[&Limits; 2]> = all.filter(|limits| limits.concern(&ask)).collect();
        // Only limits need to know whether upstream has ever accepted the token.
        ask.proven = ask.proven || (!concerned.is_empty() && self.known().has(caller.fingerprint));
        concerned.into_iter().try_for_each(|limits| self.record(limits.check(&ask), said))
    }

    /// Charges the client address for a request that is refused before it is admitted, so that guessing keys or sending
    /// malformed requests is limited too. No app's and no other client's budget is touched.
    ///
    /// # Errors
    /// RATELIMIT.
    pub fn charge(
        &self,
        operation: Option<&Operation>,
        (client, kind): (IpAddr, UpstreamKind),
        said: &mut Admission,
    ) -> Result<(), Reject> {
        let ask = Query {
            operation: operation.map(|operation| operation.row.name.as_str()),
            app: Fingerprint(0),
            token: Fingerprint(0),
            proven: false,
            client,
            group: None,
            members: 0,
            on_premise: kind == UpstreamKind::OnPremise,
        };
        self.record(self.limits.charge(&ask), said)
    }

    fn record(&self, verdict: Ruling, said: &mut Admission) -> Result<(), Reject> {
        said.standing.extend(verdict.policies);
        for rule in verdict.would_refuse {
            self.count(&rule, Decision::WouldRefuse);
            said.would_refuse.push(rule);
        }
        match verdict.refusal {
            None => Ok(()),
            Some(refusal) => {
                self.count(&refusal.rule, Decision::Refused);
                Err(Reject::RateLimit { wait: refusal.seconds(), rule: refusal.rule, burst: refusal.burst })
            }
        }
    }

    /// Takes a lock: called only when a limit refuses, or would have.
    fn count(&self, rule: &Arc<str>, decision: Decision) {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        *decisions.entry((rule.clone(), decision)).or_default() += 1;
    }

    /// How often each limit has made each decision.
    #[must_use]
    pub fn decisions(&self) -> Vec<((Arc<str>, Decision), u64)> {
        let decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        decisions.iter().map(|(what, count)| (what.clone(), *count)).collect()
    }

    /// How many keys the limits hold.
    #[must_use]
    pub fn limit_keys(&self) -> usize {
        self.limits.keys() + self.own_limits.values().map(Limits::keys).sum::<usize>()
    }

    /// Makes stale what a request may change: now, and again when the returned guard is dropped.
    #[must_use]
    pub fn touch(&self, app: Fingerprint, operation: Option<&Operation>, facts: &Facts) -> Option<Write> {
        let touches = match (operation.map(|operation| operation.row.cache), &facts.group) {
            (Some(ops::Caching::None | ops::Caching::Read), _) => return None,
            (Some(ops::Caching::DropsGroup), Some(group)) => Touches::Group(group.clone()),
            // An operation that is not in the table may change anything.
            (Some(ops::Caching::DropsGroup | ops::Caching::DropsApp) | None, _) => Touches::App,
        };
        Some(self.cache.write(app, touches))
    }

    /// Whether a caller is known: an app of the settings, or a token that upstream has accepted. All other tokens may
    /// be invented, and share budgets and counters.
    #[must_use]
    pub fn knows(&self, caller: &Caller) -> bool {
        caller.app.is_some() || self.known().has(caller.fingerprint)
    }

    /// The known tokens, and upstream's answers about others.
    #[must_use]
    pub fn known(&self) -> &KnownTokens {
        self.apps.known()
    }

    /// Learns from upstream's answer whether upstream accepts a caller's token. Only an operation of the table proves a
    /// token (`is_of_table`): upstream may answer others whatever the token is.
    pub fn learn(&self, caller: &Caller, is_of_table: bool, answered: &Answered, now: Instant) {
        match answered.token {
            TokenVerdict::Taken if is_of_table && caller.app.is_none() => {
                self.known().accept(caller.fingerprint, now);
            }
            TokenVerdict::Taken | TokenVerdict::Unknown => {}
            TokenVerdict::Refused => self.known().refuse(caller.fingerprint),
            TokenVerdict::Disabled => {
                let standing = self.standing(caller.fingerprint);
                self.known().refuse(caller.fingerprint);
                self.breaches.remember(caller.fingerprint, standing, self.cool_down);
            }
        }
    }

    fn standing(&self, token: Fingerprint) -> Standing {
        match self.apps.names_of(token) {
            names if !names.is_empty() => Standing::Apps(names),
            // The token of an app that has a new one by now.
            _ if self.known().has(token) => Standing::Proven,
            _ => Standing::Stranger,
        }
    }

    /// Drops idle keys and reads the secret files again, in the background. Returns which secrets have changed.
    ///
    /// # Errors
    /// A sentence for each secret that can no longer be read.
    pub fn refresh(&self) -> Result<Vec<String>, Vec<String>> {
        self.limits.prune();
        self.own_limits.values().for_each(Limits::prune);
        let reread = self.apps.reread();
        self.breaches.settle(|token| self.known().is_apps(token));
        match &reread {
            Ok(changes) if changes.is_empty() => {}
            Ok(changes) => {
                let secrets = changes.join(", ");
                tracing::info!(secrets, "secrets have changed and are in use");
            }
            Err(sentences) => {
                for sentence in sentences {
                    tracing::error!("{sentence}; the secrets from before stay in use");
                }
            }
        }
        reread
    }
}
