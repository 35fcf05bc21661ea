//! Holds back apps whose token upstream has disabled (TOKENBREACH): each of their requests would only tell upstream
//! again that the token is still in use. An operator must give them a new one.
//!
//! Shared by all workers, and kept across reloads: keep the [`std::sync::Arc`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::policy::apps::Caller;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::seldom::Seldom;
use crate::protocol::reject::Reject;
use crate::protocol::seconds::seconds_up;

/// The most breaches of one standing; beyond that, the one of that standing that ends first makes room. Breaches of
/// apps need no bound: the settings have only so many apps.
const MOST: usize = 1024;

/// The name of a token that is no app's, in logs, metrics and lists.
pub const NO_APP: &str = "-";

/// The breaches, by the fingerprint of the real token: an app with a new token is not held back.
#[derive(Default)]
pub struct Breaches {
    /// The number of breaches. It is usually zero, and nothing else is looked at then.
    count: AtomicUsize,
    state: RwLock<State>,
    /// Limits log lines about tokens without an app, of which there may be any number.
    strangers_told: Seldom,
}

#[derive(Default)]
struct State {
    held: HashMap<Fingerprint, Breach>,
    /// How often each app was held back, by its name.
    seen: BTreeMap<String, u64>,
}

struct Breach {
    standing: Standing,
    until: Instant,
}

/// Whose token upstream has disabled. Each standing has room of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is the real token of these apps.
    Apps(Vec<String>),
    /// Upstream has accepted it before.
    Proven,
    /// Nothing is known of it.
    Stranger,
}

/// A breach, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The app's name; `None` for a token that is no app's.
    pub app: Option<String>,
    /// Whole seconds until its requests are passed on again.
    pub seconds: u64,
}

impl Breaches {
    /// Whether a caller's requests may pass.
    ///
    /// # Errors
    /// TOKENBREACH, with the wait.
    pub fn check(&self, caller: &Caller) -> Result<(), Reject> {
        if self.count.load(Relaxed) == 0 {
            return Ok(());
        }
        let Some(until) = self.read().held.get(&caller.fingerprint).map(|breach| breach.until) else {
            return Ok(());
        };
        let left = until.saturating_duration_since(Instant::now());
        if !left.is_zero() {
            return Err(Reject::TokenBreach { wait: seconds_up(left) });
        }
        let is_over = |breach: &Breach| breach.until <= Instant::now();
        self.release("its time is over", |token, breach| *token == caller.fingerprint && is_over(breach));
        Ok(())
    }

    /// Notes a TOKENBREACH of upstream's: requests with this token are held back for `cool_down`.
    pub fn remember(&self, token: Fingerprint, standing: Standing, cool_down: Duration) {
        let now = Instant::now();
        let mut state = self.write();
        // Several requests under way may get the same answer; only the first is logged and counted.
        if state.held.get(&token).is_none_or(|held| held.until <= now) {
            self.tell(&standing, cool_down);
            for name in standing.names() {
                *state.seen.entry(name.to_owned()).or_default() += 1;
            }
        }
        if !state.held.contains_key(&token) {
            state.make_room(&standing);
        }
        state.held.insert(token, Breach { standing, until: now + cool_down });
        self.count.store(state.held.len(), Relaxed);
    }

    fn tell(&self, standing: &Standing, cool_down: Duration) {
        let is_apps = matches!(standing, Standing::Apps(_));
        let Some(untold) = (if is_apps { Some(0) } else { self.strangers_told.now() }) else {
            return;
        };
        for app in standing.names() {
            tracing::error!(
                app,
                seconds = cool_down.as_secs_f64(),
                untold,
                "upstream has disabled a token (TOKENBREACH): make a new one in the mesibo console"
            );
        }
    }

    /// Releases apps that have a new token; `is_apps` says which tokens are apps' now.
    pub fn settle(&self, is_apps: impl Fn(Fingerprint) -> bool) {
        let is_former = |token: &Fingerprint, breach: &Breach| {
            matches!(breach.standing, Standing::Apps(_)) && !is_apps(*token)
        };
        if self.count.load(Relaxed) > 0 {
            self.release("it has a new token", is_former);
        }
    }

    /// Releases these breaches, and returns how many lines of the list they were.
    fn release(&self, why: &str, is_free: impl Fn(&Fingerprint, &Breach) -> bool) -> usize {
        let mut released = 0;
        let mut state = self.write();
        state.held.retain(|token, breach| {
            let is_free = is_free(token, breach);
            if is_free {
                breach.standing.names().iter().for_each(|app| {
                    tracing::info!(app, why, "an app is no longer held back for TOKENBREACH");
                });
                released += breach.standing.names().len();
            }
            !is_free
        });
        self.count.store(state.held.len(), Relaxed);
        released
    }

    /// All breaches, apps first, in the order of their names.
    #[must_use]
    pub fn list(&self) -> Vec<HeldBack> {
        let now = Instant::now();
        let left = |breach: &Breach| seconds_up(breach.until.saturating_duration_since(now));
        let state = self.read();
        let lines = |breach: &Breach| {
            let seconds = left(breach);
            let names = breach.standing.names().into_iter();
            let held = move |name| HeldBack { app: (name != NO_APP).then(|| str::to_owned(name)), seconds };
            names.map(held).collect::<Vec<_>>()
        };
        let mut held: Vec<HeldBack> =
            state.held.values().flat_map(lines).filter(|held| held.seconds > 0).collect();
        held.sort_by(|one, other| {
            (one.app.is_none(), &one.app, one.seconds).cmp(&(other.app.is_none(), &other.app, other.seconds))
        });
        held
    }

    /// Releases all breaches, or those of one app and of all apps with its token. Returns how many lines of
    /// [`Breaches::list`] they were.
    pub fn clear(&self, app: Option<&str>) -> usize {
        let is_meant = |_: &Fingerprint, breach: &Breach| match (app, &breach.standing) {
            (None, _) => true,
            (Some(app), Standing::Apps(names)) => names.iter().any(|name| name == app),
            (Some(_), _) => false,
        };
        self.release("an operator has said so", is_meant)
    }

    /// How often TOKENBREACH was new, by the app's name; [`NO_APP`] for tokens without one.
    #[must_use]
    pub fn seen(&self) -> BTreeMap<String, u64> {
        self.read().seen.clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes room for another breach of this standing.
    fn make_room(&mut self, standing: &Standing) {
        if matches!(standing, Standing::Apps(_)) {
            return;
        }
        let alike = || self.held.iter().filter(|(_, held)| held.standing == *standing);
        if alike().count() >= MOST {
            let first = alike().min_by_key(|(_, held)| held.until).map(|(token, _)| *token);
            first.map(|token| self.held.remove(&token));
        }
    }
}

impl Standing {
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Apps(names) => names.iter().map(String::as_str).collect(),
            Self::Proven | Self::Stranger => vec![NO_APP],
        }
    }
}

#[cfg(test)]
mod tests;
