//! What stands between a request that is understood and upstream: who calls, how often, and what is
//! kept of reads. One for all workers.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::DefaultClock;
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::config::secret::Environment;
use crate::config::{Config, Kind};
use crate::policy::apps::{Apps, Caller};
use crate::policy::breach::Breaches;
use crate::policy::cache::{Cache, MonotonicClock, Touches, Write};
use crate::policy::fingerprint::Fingerprint;
use crate::policy::known::{MOST_PROVEN, PROVEN_IDLE, Proven};
use crate::policy::limit::{Ask, Limits, Verdict};
use crate::protocol::ops::{self, Operation, Table};
use crate::protocol::reject::Reject;
use crate::protocol::translate::facts::Facts;
use crate::protocol::translate::response::{TokenVerdict, Verdict as Answered};
use crate::telemetry::trail::Trail;

/// The policies and their state.
pub struct Policies {
    /// Who calls.
    pub apps: Apps,
    /// What is kept.
    pub cache: Cache,
    /// Apps whose token upstream has disabled.
    pub breaches: Arc<Breaches>,
    cool_down: Duration,
    limits: Limits,
    /// Limits of apps' own, by the app's name.
    own_limits: HashMap<String, Limits>,
    proven: Proven,
    spoken: Arc<Mutex<Spoken>>,
}

/// How often each limit has said what.
type Spoken = BTreeMap<(Arc<str>, Spoke), u64>;

/// The most keys of one app's own limits.
const MOST_OWN_KEYS: usize = 4096;

/// What a limit has said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spoke {
    /// It refused.
    Refused,
    /// It would have refused, and is in shadow mode.
    WouldRefuse,
}

impl Policies {
    /// Policies with fresh state.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be had and each operation that the table does not have.
    pub fn load(config: &Config, table: &Table, environment: Environment) -> Result<Self, Vec<String>> {
        let mut faults = unknown_operations(config, table);
        match Apps::load(&config.apps, config.refuse_unknown_tokens, environment, table) {
            Ok(apps) if faults.is_empty() => Ok(Self::with(config, apps)),
            Ok(_) => Err(faults),
            Err(more) => {
                faults.extend(more);
                Err(faults)
            }
        }
    }

    /// The same for new settings: what has not changed keeps its state. Kept answers stay only on the
    /// `same_ground`: the same protocol and the same upstreams.
    ///
    /// # Errors
    /// The same.
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
        let fresh = Self::with(config, apps);
        let own_limits = fresh.own_limits.into_iter().map(|(name, limits)| {
            let rules = config.apps.iter().find(|app| app.name == name).map(|app| app.limits.clone());
            match (self.own_limits.get(&name), rules) {
                (Some(former), Some(rules)) => (name, former.reloaded(rules)),
                _ => (name, limits),
            }
        });
        Ok(Self {
            apps: fresh.apps,
            cache: self.cache.reloaded(config.cache.kept, same_ground),
            limits: self.limits.reloaded(config.limits.clone()),
            own_limits: own_limits.collect(),
            proven: self.proven.clone(),
            spoken: self.spoken.clone(),
            breaches: self.breaches.clone(),
            cool_down: config.cool_down,
        })
    }

    fn with(config: &Config, apps: Apps) -> Self {
        let limits = |rules: &[_], most| Limits::new(rules.to_vec(), most, DefaultClock::default());
        let own = config.apps.iter().filter(|app| !app.limits.is_empty());
        // An app's own limits count its groups and its clients, which are few beside all there are.
        let most_own = (config.keys.most / config.apps.len().max(1)).clamp(1, MOST_OWN_KEYS);
        Self {
            apps,
            cache: Cache::new(config.cache.kept, Arc::new(MonotonicClock::new())),
            breaches: Arc::default(),
            cool_down: config.cool_down,
            limits: limits(&config.limits, config.keys.most),
            own_limits: own.map(|app| (app.name.clone(), limits(&app.limits, most_own))).collect(),
            proven: Proven::new(MOST_PROVEN, PROVEN_IDLE),
            spoken: Arc::default(),
        }
    }

    /// Asks whether the app is held back, then every limit, the app's own first; what they say goes
    /// into the trail.
    ///
    /// # Errors
    /// TOKENBREACH, which spends nothing; RATELIMIT, with the rule's name and the wait.
    pub fn admit(
        &self,
        caller: &Caller,
        operation: Option<&Operation>,
        facts: &Facts,
        client: IpAddr,
        kind: Kind,
        trail: &mut Trail,
    ) -> Result<(), Reject> {
        self.breaches.check(caller)?;
        let mut ask = Ask {
            operation: operation.map(|operation| operation.row.name.as_str()),
            app: caller.fingerprint,
            proven: caller.app.is_some(),
            client,
            group: facts.group.as_deref(),
            members: facts.members,
            on_premise: kind == Kind::OnPremise,
        };
        let own = caller.app.as_ref().and_then(|app| self.own_limits.get(&app.name));
        let all = own.into_iter().chain([&self.limits]);
        let concerned: SmallVec<[&Limits; 2]> = all.filter(|limits| limits.concern(&ask)).collect();
        // Nobody else need know whether upstream has ever taken the token.
        ask.proven = ask.proven || (!concerned.is_empty() && self.proven.contains(caller.fingerprint));
        concerned.into_iter().try_for_each(|limits| self.hear(limits.check(&ask), trail))
    }

    fn hear(&self, verdict: Verdict, trail: &mut Trail) -> Result<(), Reject> {
        trail.standing.extend(verdict.policies);
        for rule in verdict.would_refuse {
            self.speak(&rule, Spoke::WouldRefuse);
            trail.would_refuse.push(rule);
        }
        match verdict.refusal {
            None => Ok(()),
            Some(refusal) => {
                self.speak(&refusal.rule, Spoke::Refused);
                Err(Reject::RateLimit { wait: refusal.seconds(), rule: refusal.rule, burst: refusal.burst })
            }
        }
    }

    /// Not on the way of requests that pass.
    fn speak(&self, rule: &Arc<str>, spoke: Spoke) {
        let mut spoken = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        *spoken.entry((rule.clone(), spoke)).or_default() += 1;
    }

    /// How often each limit has said what.
    #[must_use]
    pub fn spoken(&self) -> Vec<((Arc<str>, Spoke), u64)> {
        let spoken = self.spoken.lock().unwrap_or_else(PoisonError::into_inner);
        spoken.iter().map(|(what, count)| (what.clone(), *count)).collect()
    }

    /// How many keys limits keep count of.
    #[must_use]
    pub fn limit_keys(&self) -> usize {
        self.limits.keys() + self.own_limits.values().map(Limits::keys).sum::<usize>()
    }

    /// Makes stale what a request may change, now and again when the returned value is dropped.
    #[must_use]
    pub fn touch(&self, app: Fingerprint, operation: Option<&Operation>, facts: &Facts) -> Option<Write> {
        let touches = match (operation.map(|operation| operation.row.cache), &facts.group) {
            (Some(ops::Cache::None | ops::Cache::Read), _) => return None,
            (Some(ops::Cache::DropsGroup), Some(group)) => Touches::Group(group.clone()),
            // An operation that the table does not know may change anything.
            (Some(ops::Cache::DropsGroup | ops::Cache::DropsApp) | None, _) => Touches::App,
        };
        Some(self.cache.write(app, touches))
    }

    /// Learns from upstream's own answer whether it takes a caller's token.
    pub fn learn(&self, caller: &Caller, answered: Answered, now: Instant) {
        match answered.token {
            TokenVerdict::Unknown => {}
            TokenVerdict::Taken => {
                if caller.app.is_none() {
                    self.proven.accept(caller.fingerprint, now);
                }
            }
            TokenVerdict::Refused | TokenVerdict::Disabled => {
                self.proven.remove(caller.fingerprint);
                // What is kept for a token that upstream refuses is nobody's any more.
                drop(self.cache.write(caller.fingerprint, Touches::App));
            }
        }
        if answered.token == TokenVerdict::Disabled {
            self.breaches.remember(caller, self.cool_down);
        }
    }

    /// Forgets idle counts and looks at the secret files again: off the way of requests.
    pub fn keep(&self) {
        self.limits.prune();
        self.own_limits.values().for_each(Limits::prune);
        match self.apps.reread() {
            Ok(true) => tracing::info!("secrets have changed and are in use"),
            Ok(false) => {}
            Err(sentences) => {
                for sentence in sentences {
                    tracing::error!("{sentence}; the secrets from before stay in use");
                }
            }
        }
    }
}

fn unknown_operations(config: &Config, table: &Table) -> Vec<String> {
    let all = config.limits.iter().map(|rule| (format!("limit.{}", rule.name), rule));
    let own = config.apps.iter().flat_map(|app| {
        app.limits.iter().map(|rule| (format!("app.{}.limits.{}", app.name, rule.name), rule))
    });
    let mut faults = Vec::new();
    for (key, rule) in all.chain(own) {
        let is_name = |name: &&String| table.find(name).is_some_and(|found| found.row.name == **name);
        for name in rule.operations.iter().filter(|name| !is_name(name)) {
            faults.push(format!("`{key}.operations`: `{name}` is no operation's name"));
        }
    }
    faults
}
