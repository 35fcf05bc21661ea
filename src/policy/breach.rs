//! Apps whose token upstream has disabled (TOKENBREACH): each of their requests would only tell
//! upstream once more that the token is still in use. They are held back here until somebody has
//! seen to it.
//!
//! Shared by all workers, and meant to outlive a change of the settings: keep the [`std::sync::Arc`].

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

/// The most of one standing that are held at once; beyond them, the one of that standing that would end first
/// makes room. Apps are as many as the settings have.
const MOST: usize = 1024;

/// How logs, metrics and lists call a token that is no app's.
pub const NO_APP: &str = "-";

/// Those that are held back, by the fingerprint of the real token: a new one is another matter.
#[derive(Default)]
pub struct Breaches {
    /// How many, so that a request usually looks at nothing else.
    count: AtomicUsize,
    state: RwLock<State>,
    /// Tokens without an app are as many as anybody likes.
    strangers_told: Seldom,
}

#[derive(Default)]
struct State {
    held: HashMap<Fingerprint, Breach>,
    /// How often each app was seen, by its name.
    seen: BTreeMap<String, u64>,
}

struct Breach {
    standing: Standing,
    until: Instant,
}

/// What is known of a token that upstream has disabled. Each has room of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is the real one of these apps.
    Apps(Vec<String>),
    /// Upstream had accepted it.
    Proven,
    /// It may be anybody's.
    Stranger,
}

/// One that is held back, as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBack {
    /// The app's name; none for a token that is no app's.
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

    /// Upstream has said TOKENBREACH: whoever has the token is held back for `cool_down` from now on.
    pub fn remember(&self, token: Fingerprint, standing: Standing, cool_down: Duration) {
        let now = Instant::now();
        let mut state = self.write();
        // Requests that were under way may all hear of it.
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

    /// Only these tokens are apps' by now: what an app had before does not hold it back.
    pub fn settle(&self, is_apps: impl Fn(Fingerprint) -> bool) {
        let is_former = |token: &Fingerprint, breach: &Breach| {
            matches!(breach.standing, Standing::Apps(_)) && !is_apps(*token)
        };
        if self.count.load(Relaxed) > 0 {
            self.release("it has a new token", is_former);
        }
    }

    /// Holds back no more whoever is told; gives how many lines of the list it were.
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

    /// Who is held back, apps first, in the order of their names.
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

    /// Holds nobody back any more, or only not the app of this name, with all that have its token. Gives how many
    /// lines of [`Breaches::list`] it were.
    pub fn clear(&self, app: Option<&str>) -> usize {
        let is_meant = |_: &Fingerprint, breach: &Breach| match (app, &breach.standing) {
            (None, _) => true,
            (Some(app), Standing::Apps(names)) => names.iter().any(|name| name == app),
            (Some(_), _) => false,
        };
        self.release("an operator has said so", is_meant)
    }

    /// How often TOKENBREACH was new, by the app's name, [`NO_APP`] for tokens without one.
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
    /// Room for one more of its standing.
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
mod tests {
    use std::time::Duration;

    use tokio::time::advance;

    use super::{Breaches, HeldBack, MOST, Standing};
    use crate::config::Layers;
    use crate::config::secret::Environment;
    use crate::policy::apps::{Apps, Caller};
    use crate::protocol::ops::Table;
    use crate::protocol::reject::Reject;

    const COOL_DOWN: Duration = Duration::from_mins(15);

    /// Two apps, the first with two keys, whose real token is `token`.
    fn apps(token: &str) -> Apps {
        let toml = "[[app]]\nname = 'shop'\nkeys = [{ env = 'K1' }, { env = 'K2' }]\ntoken = { env = 'T' }\n\
                    [[app]]\nname = 'bank'\nkeys = [{ env = 'K3' }]\ntoken = { env = 'B' }";
        let layers = Layers::shipped().and_then(|layers| layers.text("test", toml)).expect("sound TOML");
        let config = layers.config().expect("sound settings");
        let variables = [("K1", "key-1"), ("K2", "key-2"), ("K3", "key-3"), ("T", token), ("B", "bank-real")];
        let environment =
            Environment::new(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        Apps::load(&config.apps, false, environment, &Table::shipped().expect("a table")).expect("secrets")
    }

    fn caller(apps: &Apps, token: &str) -> Caller {
        apps.caller(token).expect("a caller")
    }

    fn remember(breaches: &Breaches, apps: &Apps, caller: &Caller) {
        let standing = match apps.names_of(caller.fingerprint) {
            names if names.is_empty() => Standing::Stranger,
            names => Standing::Apps(names),
        };
        breaches.remember(caller.fingerprint, standing, COOL_DOWN);
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
        remember(&breaches, &apps, &one);
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
        remember(&breaches, &apps, &one);
        assert_eq!([&one, &other].map(|caller| wait(&breaches, caller)), [Some(900), None]);
        remember(&breaches, &apps, &caller(&apps, "key-1"));
        let held = |app: Option<&str>| HeldBack { app: app.map(str::to_owned), seconds: 900 };
        assert_eq!(breaches.list(), [held(Some("shop")), held(None)]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operator_clears_one_or_all() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let callers = ["key-1", "key-3", "token"].map(|token| caller(&apps, token));
        for caller in &callers {
            remember(&breaches, &apps, caller);
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
        remember(&breaches, &apps, &caller);
        advance(COOL_DOWN / 2).await;
        remember(&breaches, &apps, &caller);
        assert_eq!((seen(&breaches), wait(&breaches, &caller)), (Some(1), Some(900)));
        advance(COOL_DOWN).await;
        remember(&breaches, &apps, &caller);
        assert_eq!(seen(&breaches), Some(2));
        breaches.clear(None);
        remember(&breaches, &apps, &caller);
        assert_eq!(seen(&breaches), Some(3));
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_reach_one_token_of_upstreams_are_held_back_together() {
        let (breaches, apps) = (Breaches::default(), apps("bank-real"));
        let callers = ["key-1", "key-3", "bank-real"].map(|key| caller(&apps, key));
        remember(&breaches, &apps, &callers[1]);
        assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [Some(900); 3]);
        let held = ["bank", "shop"].map(|app| HeldBack { app: Some(app.to_owned()), seconds: 900 });
        assert_eq!((breaches.list(), breaches.clear(Some("shop"))), (held.to_vec(), 2));
        assert_eq!(callers.each_ref().map(|caller| wait(&breaches, caller)), [None; 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_real_token_is_another_matter() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let [before, after] = ["real", "new"].map(|token| caller(&apps, token).fingerprint);
        breaches.remember(before, Standing::Apps(vec!["shop".to_owned()]), COOL_DOWN);
        breaches.remember(after, Standing::Stranger, COOL_DOWN);
        breaches.settle(|token| token == before);
        assert_eq!(breaches.list().len(), 2);
        breaches.settle(|token| token == after);
        assert_eq!(breaches.list(), [HeldBack { app: None, seconds: 900 }]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_is_bounded_and_what_ends_first_makes_room() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let callers: Vec<_> = (0..=MOST).map(|number| caller(&apps, &format!("token-{number}"))).collect();
        for caller in &callers {
            remember(&breaches, &apps, caller);
            advance(Duration::from_millis(1)).await;
        }
        assert_eq!(breaches.list().len(), MOST);
        assert_eq!(wait(&breaches, &callers[0]), None);
        assert!(wait(&breaches, &callers[1]).is_some() && wait(&breaches, &callers[MOST]).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn strangers_push_out_neither_an_app_nor_a_token_that_was_proven() {
        let (breaches, apps) = (Breaches::default(), apps("real"));
        let [app, proven] = ["key-1", "proven"].map(|token| caller(&apps, token));
        remember(&breaches, &apps, &app);
        breaches.remember(proven.fingerprint, Standing::Proven, COOL_DOWN);
        for number in 0..3 * MOST {
            advance(Duration::from_millis(1)).await;
            remember(&breaches, &apps, &caller(&apps, &format!("token-{number}")));
        }
        assert!([&app, &proven].iter().all(|caller| wait(&breaches, caller).is_some()));
        assert_eq!(breaches.list().len(), MOST + 2);
    }
}
