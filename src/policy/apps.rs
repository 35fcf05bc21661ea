//! Who calls: a client key → the app it stands for, with the app's real token, upstreams and limits.
//!
//! Without an app in the settings every token passes as it came.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::secret::{Digest, Environment};
use crate::config::{AppConfig, KeySource};
use crate::policy::fingerprint::{Fingerprint, Fingerprints};
use crate::protocol::ops::{Operation, Table};
use crate::protocol::reject::Reject;

/// Every app of the settings, and what becomes of tokens that are none's key.
pub struct Apps {
    list: Vec<Arc<App>>,
    configs: Vec<AppConfig>,
    environment: Environment,
    secrets: ArcSwap<Secrets>,
    refuse_unknown: bool,
    fingerprints: Fingerprints,
}

/// One app, as a request sees it.
pub struct App {
    /// Its name in the settings, which logs and metrics may show.
    pub name: String,
    /// What limits and cache know it by, whatever its keys.
    pub fingerprint: Fingerprint,
    /// The operations it may use; none named: all.
    operations: Vec<String>,
    /// The upstream of each operation that has one of its own, by the operation's name.
    routes: HashMap<String, usize>,
    /// The upstream of the others.
    upstream: usize,
}

/// What can change while the gateway runs: all of it is swapped at once.
struct Secrets {
    keys: Vec<(Digest, usize)>,
    tokens: Vec<Arc<SecretString>>,
}

/// Who a request comes from.
#[derive(Clone)]
pub struct Caller {
    /// The app, if the token is a key of one.
    pub app: Option<Arc<App>>,
    /// The real token that takes the key's place.
    pub token: Option<Arc<SecretString>>,
    /// What limits and cache know the caller by.
    pub fingerprint: Fingerprint,
}

impl Apps {
    /// Reads every secret of every app. `upstreams` gives the number of an app's own upstreams.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be had and each operation that the table does not have.
    pub fn load(
        configs: &[AppConfig],
        refuse_unknown: bool,
        environment: Environment,
        table: &Table,
    ) -> Result<Self, Vec<String>> {
        Self::with(configs, refuse_unknown, environment, table, Fingerprints::default())
    }

    /// The apps of new settings. Whoever was known before is known by the same fingerprint.
    ///
    /// # Errors
    /// The same.
    pub fn reloaded(
        &self,
        configs: &[AppConfig],
        refuse_unknown: bool,
        table: &Table,
    ) -> Result<Self, Vec<String>> {
        Self::with(configs, refuse_unknown, self.environment.clone(), table, self.fingerprints)
    }

    fn with(
        configs: &[AppConfig],
        refuse_unknown: bool,
        environment: Environment,
        table: &Table,
        fingerprints: Fingerprints,
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut next_upstream = 1;
        let mut apps = Vec::new();
        for config in configs {
            let names =
                config.operations.iter().chain(config.routes.iter().flat_map(|route| &route.operations));
            for name in names.filter(|name| table.find(name).is_none()) {
                faults.push(format!("`app.{}`: `{name}` is no operation", config.name));
            }
            apps.push(Arc::new(App::new(config, &mut next_upstream, table, &fingerprints)));
        }
        let secrets = match read_secrets(configs, &environment) {
            Ok(secrets) => secrets,
            Err(sentences) => {
                faults.extend(sentences);
                return Err(faults);
            }
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let secrets = ArcSwap::from_pointee(secrets);
        Ok(Self { list: apps, configs: configs.to_vec(), environment, secrets, refuse_unknown, fingerprints })
    }

    /// Who a token belongs to. Every key is compared, in constant time, by digest.
    ///
    /// # Errors
    /// AUTHFAIL for a token that is no app's key, where those are refused.
    pub fn caller(&self, token: &str) -> Result<Caller, Reject> {
        if !self.list.is_empty() {
            let digest = Digest::of(token);
            let secrets = self.secrets.load();
            let found = secrets
                .keys
                .iter()
                .fold(None, |found, (key, app)| if key.is(&digest) { Some(*app) } else { found });
            if let Some(number) = found {
                let app = self.list[number].clone();
                let fingerprint = app.fingerprint;
                return Ok(Caller {
                    app: Some(app),
                    token: Some(secrets.tokens[number].clone()),
                    fingerprint,
                });
            }
        }
        if self.refuse_unknown {
            return Err(Reject::UnknownToken);
        }
        Ok(Caller { app: None, token: None, fingerprint: self.fingerprints.of(token) })
    }

    /// Reads all secrets again; tells whether any has changed. What cannot be read changes nothing.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be had any more.
    pub fn reread(&self) -> Result<bool, Vec<String>> {
        let fresh = read_secrets(&self.configs, &self.environment)?;
        let changed = !fresh.is(&self.secrets.load());
        if changed {
            self.secrets.store(Arc::new(fresh));
        }
        Ok(changed)
    }
}

impl App {
    fn new(
        config: &AppConfig,
        next_upstream: &mut usize,
        table: &Table,
        fingerprints: &Fingerprints,
    ) -> Self {
        let mut own = |has: bool| {
            let number = if has { *next_upstream } else { 0 };
            *next_upstream += usize::from(has);
            number
        };
        let upstream = own(config.upstream.is_some());
        let mut routes = HashMap::new();
        for route in &config.routes {
            let number = own(true);
            let names = route.operations.iter().filter_map(|name| table.find(name));
            routes.extend(names.map(|operation| (operation.row.name.clone(), number)));
        }
        Self {
            name: config.name.clone(),
            // No token has a NUL: a token that is an app's name is somebody else.
            fingerprint: fingerprints.of(&format!("\0app {}", config.name)),
            operations: config
                .operations
                .iter()
                .filter_map(|name| table.find(name))
                .map(|found| found.row.name.clone())
                .collect(),
            routes,
            upstream,
        }
    }

    /// Whether the app may use an operation; one that the table does not know it may use only if it
    /// may use all.
    #[must_use]
    pub fn may(&self, operation: Option<&Operation>) -> bool {
        self.operations.is_empty()
            || operation.is_some_and(|operation| self.operations.contains(&operation.row.name))
    }
}

impl Caller {
    /// The number of the upstream that an operation of this caller goes to.
    #[must_use]
    pub fn upstream(&self, operation: Option<&Operation>) -> usize {
        self.app.as_ref().map_or(0, |app| {
            let own = operation.and_then(|operation| app.routes.get(&operation.row.name));
            own.copied().unwrap_or(app.upstream)
        })
    }

    /// The token that upstream gets in place of `sent`.
    #[must_use]
    pub fn token_for_upstream<'a>(&'a self, sent: &'a str) -> &'a str {
        self.token.as_ref().map_or(sent, |token| token.expose_secret())
    }
}

impl Secrets {
    fn is(&self, other: &Self) -> bool {
        let same_key = |(mine, app): &(Digest, usize), (theirs, other): &(Digest, usize)| {
            mine.is(theirs) && app == other
        };
        let keys = self.keys.len() == other.keys.len()
            && self.keys.iter().zip(&other.keys).all(|(mine, theirs)| same_key(mine, theirs));
        let tokens =
            self.tokens.iter().zip(&other.tokens).all(|(mine, theirs)| {
                Digest::of(mine.expose_secret()).is(&Digest::of(theirs.expose_secret()))
            });
        keys && tokens
    }
}

fn read_secrets(configs: &[AppConfig], environment: &Environment) -> Result<Secrets, Vec<String>> {
    let mut secrets = Secrets { keys: Vec::new(), tokens: Vec::new() };
    let mut faults = Vec::new();
    for (number, config) in configs.iter().enumerate() {
        for key in &config.keys {
            let digest = match key {
                KeySource::Digest(digest) => Ok(digest.clone()),
                KeySource::Secret(source) => {
                    source.read(environment).map(|key| Digest::of(key.expose_secret()))
                }
            };
            match digest {
                Ok(digest) if secrets.keys.iter().any(|(known, _)| known.is(&digest)) => {
                    faults.push(format!(
                        "`app.{}.keys`: one of them is a key already: every key stands for one app",
                        config.name
                    ));
                }
                Ok(digest) => secrets.keys.push((digest, number)),
                Err(what) => faults.push(format!("`app.{}.keys`: {what}", config.name)),
            }
        }
        match config.token.read(environment) {
            Ok(token) => secrets.tokens.push(Arc::new(token)),
            Err(what) => faults.push(format!("`app.{}.token`: {what}", config.name)),
        }
    }
    if faults.is_empty() { Ok(secrets) } else { Err(faults) }
}
