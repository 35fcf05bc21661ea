//! The secrets of all apps, read at one time.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::config::secret::{Digest, Environment};
use crate::config::{AppConfig, ClientKey, KeySource};
use crate::policy::fingerprint::{Fingerprint, Fingerprints};

/// Every key with the number of its app and its own number in the app, and the real token of each app. A map, so that a
/// lookup costs the same for ten thousand apps as for one.
pub struct Keyring {
    pub(super) keys: HashMap<Digest, (usize, usize)>,
    pub(super) tokens: Vec<Real>,
}

/// A real token.
#[derive(Clone)]
pub struct Real {
    pub(super) token: Arc<SecretString>,
    pub(super) fingerprint: Fingerprint,
}

impl Keyring {
    /// Reads all secrets.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be read.
    pub(super) fn read(
        configs: &[AppConfig],
        environment: &Environment,
        fingerprints: &Fingerprints,
    ) -> Result<Self, Vec<String>> {
        let mut secrets = Self { keys: HashMap::new(), tokens: Vec::new() };
        let mut faults = Vec::new();
        for (number, config) in configs.iter().enumerate() {
            for (key, ClientKey { source, .. }) in config.keys.iter().enumerate() {
                match digest(source, environment).map(|digest| secrets.keys.entry(digest)) {
                    Ok(Entry::Vacant(free)) => _ = free.insert((number, key)),
                    Ok(Entry::Occupied(_)) => faults.push(format!(
                        "{}: `app.{}.keys`: one of them is a key already: every key stands for one app",
                        config.places.keys, config.name
                    )),
                    Err(what) => {
                        faults.push(format!("{}: `app.{}.keys`: {what}", config.places.keys, config.name));
                    }
                }
            }
            match config.token.read(environment) {
                Ok(token) => secrets.tokens.push(Real::new(token, fingerprints)),
                Err(what) => {
                    faults.push(format!("{}: `app.{}.token`: {what}", config.places.token, config.name));
                }
            }
        }
        if faults.is_empty() { Ok(secrets) } else { Err(faults) }
    }

    pub(super) fn fingerprints(&self) -> Vec<Fingerprint> {
        self.tokens.iter().map(|real| real.fingerprint).collect()
    }

    /// Groups of apps, by number, that share one real token.
    pub(super) fn with_one_token(&self) -> Vec<Vec<usize>> {
        let mut apps: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
        for (number, real) in self.tokens.iter().enumerate() {
            apps.entry(real.fingerprint).or_default().push(number);
        }
        let mut several: Vec<_> = apps.into_values().filter(|apps| apps.len() > 1).collect();
        several.sort_unstable();
        several
    }

    /// Which secrets have changed, by their apps and places in the settings; both keyrings are of these apps.
    pub(super) fn changes(&self, before: &Self, configs: &[AppConfig]) -> Vec<String> {
        let mut changes = Vec::new();
        let (mine, theirs) = (self.places(), before.places());
        let tokens = self.tokens.iter().zip(&before.tokens);
        for (number, (config, (token, former))) in configs.iter().zip(tokens).enumerate() {
            for (key, ClientKey { source, .. }) in config.keys.iter().enumerate() {
                let place = (number, key);
                if let (KeySource::Secret(source), false) = (source, mine.get(&place) == theirs.get(&place)) {
                    changes.push(format!("`app.{}.keys` ({source})", config.name));
                }
            }
            if token.fingerprint != former.fingerprint {
                changes.push(format!("`app.{}.token` ({})", config.name, config.token));
            }
        }
        changes
    }

    /// The digest of each key, by its place in the settings.
    fn places(&self) -> HashMap<(usize, usize), &Digest> {
        self.keys.iter().map(|(digest, place)| (*place, digest)).collect()
    }
}

impl Real {
    fn new(token: SecretString, fingerprints: &Fingerprints) -> Self {
        let fingerprint = fingerprints.of(token.expose_secret());
        Self { token: Arc::new(token), fingerprint }
    }
}

fn digest(key: &KeySource, environment: &Environment) -> Result<Digest, String> {
    match key {
        KeySource::Digest(digest) => Ok(digest.clone()),
        KeySource::Secret(source) => source.read(environment).map(|key| Digest::of(key.expose_secret())),
    }
}
