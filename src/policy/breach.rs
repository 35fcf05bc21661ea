//! Apps whose token upstream has disabled (TOKENBREACH): each of their requests would only tell
//! upstream once more that the token is still in use. They are held back here until somebody has
//! seen to it.
//!
//! Shared by all workers, and meant to outlive a change of the settings: keep the [`std::sync::Arc`].

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::time::Instant;

use crate::config::secret::Digest;
use crate::http::net::clock::seconds_up;
use crate::policy::apps::Caller;
use crate::policy::fingerprint::Fingerprint;
use crate::protocol::reject::Reject;

/// The most that are held at once; beyond them, the one that would end first makes room.
const MOST: usize = 1024;

/// How logs, metrics and lists call a token that is no app's key.
pub const NO_APP: &str = "-";

/// Those that are held back.
#[derive(Default)]
pub struct Breaches {
    /// How many, so that a request usually looks at nothing else.
    count: AtomicUsize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: HashMap<Fingerprint, Breach>,
    /// How often each app was seen, by its name.
    seen: BTreeMap<String, u64>,
}

struct Breach {
    app: Option<String>,
    /// The real token that was disabled; another one is another matter.
    token: Option<Digest>,
    until: Instant,
}

/// One that is held back, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The app's name; none for a token that is no app's key.
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
        let mut state = self.lock();
        let Some(breach) = state.held.get(&caller.fingerprint) else {
            return Ok(());
        };
        let left = breach.until.saturating_duration_since(Instant::now());
        let has_another = match (&breach.token, digest(caller)) {
            (Some(disabled), Some(token)) => !disabled.is(&token),
            _ => false,
        };
        if !left.is_zero() && !has_another {
            return Err(Reject::TokenBreach { wait: seconds_up(left) });
        }
        let why = if has_another { "it has a new token" } else { "its time is over" };
        tracing::info!(app = breach.name(), why, "an app is no longer held back for TOKENBREACH");
        state.held.remove(&caller.fingerprint);
        self.count.store(state.held.len(), Relaxed);
        Ok(())
    }

    /// Upstream has said TOKENBREACH: the caller is held back for `cool_down` from now on.
    pub fn remember(&self, caller: &Caller, cool_down: Duration) {
        let now = Instant::now();
        let breach = Breach {
            app: caller.app.as_ref().map(|app| app.name.clone()),
            token: digest(caller),
            until: now + cool_down,
        };
        let mut state = self.lock();
        // Requests that were under way may all hear of it.
        let is_known = state.held.get(&caller.fingerprint).is_some_and(|held| held.until > now);
        if !is_known {
            tracing::error!(
                app = breach.name(),
                seconds = cool_down.as_secs_f64(),
                "upstream has disabled a token (TOKENBREACH): make a new one in the mesibo console"
            );
            *state.seen.entry(breach.name().to_owned()).or_default() += 1;
        }
        if state.held.len() >= MOST && !state.held.contains_key(&caller.fingerprint) {
            let first = state.held.iter().min_by_key(|(_, held)| held.until).map(|(key, _)| *key);
            first.map(|key| state.held.remove(&key));
        }
        state.held.insert(caller.fingerprint, breach);
        self.count.store(state.held.len(), Relaxed);
    }

    /// Who is held back, apps first, in the order of their names.
    #[must_use]
    pub fn list(&self) -> Vec<Held> {
        let now = Instant::now();
        let left = |breach: &Breach| seconds_up(breach.until.saturating_duration_since(now));
        let state = self.lock();
        let held = state.held.values().map(|breach| Held { app: breach.app.clone(), seconds: left(breach) });
        let mut held: Vec<Held> = held.filter(|held| held.seconds > 0).collect();
        held.sort_by(|one, other| {
            (one.app.is_none(), &one.app, one.seconds).cmp(&(other.app.is_none(), &other.app, other.seconds))
        });
        held
    }

    /// Holds nobody back any more, or only not the app of this name. Gives how many it were.
    pub fn clear(&self, app: Option<&str>) -> usize {
        let mut state = self.lock();
        let before = state.held.len();
        state.held.retain(|_, breach| {
            let stays = app.is_some_and(|app| breach.app.as_deref() != Some(app));
            if !stays {
                let why = "an operator has said so";
                tracing::info!(app = breach.name(), why, "an app is no longer held back for TOKENBREACH");
            }
            stays
        });
        self.count.store(state.held.len(), Relaxed);
        before - state.held.len()
    }

    /// How often TOKENBREACH was new, by the app's name, [`NO_APP`] for tokens without one.
    #[must_use]
    pub fn seen(&self) -> BTreeMap<String, u64> {
        self.lock().seen.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Breach {
    fn name(&self) -> &str {
        self.app.as_deref().unwrap_or(NO_APP)
    }
}

fn digest(caller: &Caller) -> Option<Digest> {
    caller.token.as_ref().map(|token| Digest::of(token.expose_secret()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Breaches, Held, MOST};
    use crate::config::Layers;
    use crate::config::secret::Environment;
    use crate::policy::apps::{Apps, Caller};
    use crate::protocol::ops::Table;
    use crate::protocol::reject::Reject;

    const COOL_DOWN: Duration = Duration::from_mins(15);

    /// Two apps, the first with two keys, whose real token is `token`.
    fn apps(token: &str) -> Apps {
        let toml = "[[app]]\nname = 'shop'\nkeys = [{ env = 'K1' }, { env = 'K2' }]\ntoken = { env = 'T' }\n\
                    [[app]]\nname = 'bank'\nkeys = [{ env = 'K3' }]\ntoken = { env = 'T' }";
        let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
        let config = layers.config().expect("sound settings");
        let variables = [("K1", "key-1"), ("K2", "key-2"), ("K3", "key-3"), ("T", token)];
        let environment =
            Environment::new(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        Apps::load(&config.apps, false, environment, &Table::shipped().expect("a table")).expect("secrets")
    }

    fn caller(apps: &Apps, token: &str) -> Caller {
        apps.caller(token).expect("a caller")
    }

    fn wait(breaches: &Breaches, caller: &Caller) -> Option<u64> {
        match breaches.check(caller) {
            Ok(()) => None,
            Err(Reject::TokenBreach { wait }) => Some(wait),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_keys_of_an_app_are_held_back_and_nobody_else() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let [one, two, other] = ["key-1", "key-2", "key-3"].map(|key| caller(&apps, key));
        assert_eq!(wait(&breaches, &one), None);
        breaches.remember(&one, COOL_DOWN);
        assert_eq!([&one, &two, &other].map(|caller| wait(&breaches, caller)), [Some(900), Some(900), None]);
        advance(Duration::from_millis(899_500)).await;
        assert_eq!(wait(&breaches, &two), Some(1));
        advance(Duration::from_millis(500)).await;
        assert!(breaches.list().is_empty());
        assert_eq!(wait(&breaches, &two), None);
        assert_eq!(breaches.clear(None), 0, "forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_without_an_app_is_held_back_by_itself_and_never_shown() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let [one, other] = ["token-1", "token-2"].map(|token| caller(&apps, token));
        breaches.remember(&one, COOL_DOWN);
        assert_eq!([&one, &other].map(|caller| wait(&breaches, caller)), [Some(900), None]);
        breaches.remember(&caller(&apps, "key-1"), COOL_DOWN);
        let held = |app: Option<&str>| Held { app: app.map(str::to_owned), seconds: 900 };
        assert_eq!(breaches.list(), [held(Some("shop")), held(None)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operator_clears_one_or_all() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let callers = ["key-1", "key-3", "token"].map(|token| caller(&apps, token));
        for caller in &callers {
            breaches.remember(caller, COOL_DOWN);
        }
        assert_eq!(breaches.clear(Some("nobody")), 0);
        assert_eq!(breaches.clear(Some("shop")), 1);
        assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None, Some(900), Some(900)]);
        assert_eq!(breaches.clear(None), 2);
        assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_new_once_until_it_has_ended() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let caller = caller(&apps, "key-1");
        let seen = |breaches: &Breaches| breaches.seen().get("shop").copied();
        breaches.remember(&caller, COOL_DOWN);
        advance(COOL_DOWN / 2).await;
        breaches.remember(&caller, COOL_DOWN);
        assert_eq!((seen(&breaches), wait(&breaches, &caller)), (Some(1), Some(900)));
        advance(COOL_DOWN).await;
        breaches.remember(&caller, COOL_DOWN);
        assert_eq!(seen(&breaches), Some(2));
        breaches.clear(None);
        breaches.remember(&caller, COOL_DOWN);
        assert_eq!(seen(&breaches), Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_real_token_is_another_matter() {
        let (breaches, apps, later) = (Breaches::default(), apps("real"), apps("new"));
        let before = caller(&apps, "key-1");
        breaches.remember(&before, COOL_DOWN);
        let after = Caller { token: caller(&later, "key-1").token, ..before.clone() };
        assert_eq!(wait(&breaches, &after), None);
        assert_eq!(breaches.list(), []);
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_is_bounded_and_what_ends_first_makes_room() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let callers: Vec<_> = (0..=MOST).map(|number| caller(&apps, &format!("token-{number}"))).collect();
        for caller in &callers {
            breaches.remember(caller, COOL_DOWN);
            advance(Duration::from_millis(1)).await;
        }
        assert_eq!(breaches.list().len(), MOST);
        assert_eq!(wait(&breaches, &callers[0]), None);
        assert!(wait(&breaches, &callers[1]).is_some() && wait(&breaches, &callers[MOST]).is_some());
    }
}
