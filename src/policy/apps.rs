//! Finds the caller of a request: a client key leads to its app, with the app's real token, upstreams and limits.
//!
//! Without an app in the settings, tokens are passed on unchanged.

mod app;
mod keyring;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use arc_swap::ArcSwap;
use secrecy::{ExposeSecret as _, SecretString};

use crate::config::secret::{Digest, Environment};
use crate::config::{AppConfig, UpstreamId};
use crate::policy::fingerprint::{Fingerprint, Fingerprints};
use crate::policy::known::KnownTokens;
use crate::protocol::ops::{Operation, Table};
use crate::protocol::reject::Reject;
pub use app::App;
use keyring::{Keyring, Real};

/// Every app of the settings, and whether tokens that are no app's key are refused.
pub struct Apps {
    list: Vec<Arc<App>>,
    configs: Vec<AppConfig>,
    environment: Environment,
    /// Everything that can change while the gateway runs, swapped as a whole.
    secrets: ArcSwap<Keyring>,
    refuse_unknown: bool,
    fingerprints: Fingerprints,
    known: Arc<KnownTokens>,
    /// Whether the last read of the secrets succeeded.
    are_read: AtomicBool,
}

const NOT_PLAIN: &str = "has blanks or control characters: give it as mesibo's console shows it";

/// The sender of a request.
#[derive(Clone)]
pub struct Caller {
    /// The app, if the token is a key of one.
    pub app: Option<Arc<App>>,
    /// The key's number among the app's; 0 without an app.
    pub key: usize,
    /// The real token that is sent in the key's place.
    pub token: Option<Arc<SecretString>>,
    /// Identifies the caller for the cache, breaches and proofs: the fingerprint of the token that upstream gets. All
    /// callers with one token of upstream's are one, and an app with a new token is a new one.
    pub fingerprint: Fingerprint,
}

impl Apps {
    /// Reads every secret of every app.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be read and each operation that the table does not have.
    pub fn load(
        configs: &[AppConfig],
        refuse_unknown: bool,
        environment: Environment,
        table: &Table,
        fingerprints: Fingerprints,
    ) -> Result<Self, Vec<String>> {
        Self::with(configs, refuse_unknown, environment, table, fingerprints, Arc::default())
    }

    /// The apps of new settings. Fingerprints and known tokens are kept.
    ///
    /// # Errors
    /// Those of [`Apps::load`].
    pub fn reloaded(
        &self,
        configs: &[AppConfig],
        refuse_unknown: bool,
        table: &Table,
    ) -> Result<Self, Vec<String>> {
        let (environment, known) = (self.environment.clone(), self.known.clone());
        Self::with(configs, refuse_unknown, environment, table, self.fingerprints, known)
    }

    fn with(
        configs: &[AppConfig],
        refuse_unknown: bool,
        environment: Environment,
        table: &Table,
        fingerprints: Fingerprints,
        known: Arc<KnownTokens>,
    ) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut list = Vec::new();
        for (number, config) in configs.iter().enumerate() {
            faults.extend(app::faults(config, table));
            list.push(Arc::new(App::new((number, config), table, &fingerprints)));
        }
        match Keyring::read(configs, &environment, &fingerprints) {
            Ok(secrets) if faults.is_empty() => {
                known.expect(secrets.fingerprints());
                let (secrets, configs) = (ArcSwap::from_pointee(secrets), configs.to_vec());
                let are_read = AtomicBool::new(true);
                Ok(Self {
                    list,
                    configs,
                    environment,
                    secrets,
                    refuse_unknown,
                    fingerprints,
                    known,
                    are_read,
                })
            }
            Ok(_) => Err(faults),
            Err(sentences) => {
                faults.extend(sentences);
                Err(faults)
            }
        }
    }

    /// The known tokens, which outlive a reload.
    #[must_use]
    pub fn known(&self) -> &Arc<KnownTokens> {
        &self.known
    }

    /// The names of the apps with this real token.
    #[must_use]
    pub fn names_of(&self, token: Fingerprint) -> Vec<String> {
        let secrets = self.secrets.load();
        let all = self.list.iter().zip(&secrets.tokens);
        all.filter(|(_, real)| real.fingerprint == token).map(|(app, _)| app.name.clone()).collect()
    }

    /// Groups of apps, by name, that share one real token.
    #[must_use]
    pub fn with_one_token(&self) -> Vec<Vec<&str>> {
        let name = |number: usize| self.list[number].name.as_str();
        let several = self.secrets.load().with_one_token();
        several.into_iter().map(|apps| apps.into_iter().map(name).collect()).collect()
    }

    /// The caller with this token. Keys are looked up by their digest.
    ///
    /// # Errors
    /// AUTHFAIL for a token that is no app's key, if the settings refuse those; BADPARAM for a token that upstream
    /// could take for another.
    pub fn caller(&self, token: &str) -> Result<Caller, Reject> {
        if !self.list.is_empty() {
            let secrets = self.secrets.load();
            if let Some((number, key)) = secrets.keys.get(&Digest::of(token)).copied() {
                let Real { token, fingerprint } = secrets.tokens[number].clone();
                return Ok(Caller {
                    app: Some(self.list[number].clone()),
                    key,
                    token: Some(token),
                    fingerprint,
                });
            }
        }
        if self.refuse_unknown {
            return Err(Reject::UnknownToken);
        }
        // If upstream trims or cuts tokens, each way of writing one would count as a caller of its own.
        if !is_visible_ascii(token) && token.contains(is_blank) {
            return Err(Reject::bad_param("token", NOT_PLAIN));
        }
        Ok(Caller { app: None, key: 0, token: None, fingerprint: self.fingerprints.of(token) })
    }

    /// Reads all secrets again and returns which have changed, by app and place. If a read fails, nothing changes.
    ///
    /// # Errors
    /// A sentence for each secret that can no longer be read.
    pub fn reread(&self) -> Result<Vec<String>, Vec<String>> {
        let fresh = Keyring::read(&self.configs, &self.environment, &self.fingerprints);
        self.are_read.store(fresh.is_ok(), Relaxed);
        let changes = fresh.map(|fresh| self.swap(fresh));
        // This also drops the tokens of former settings.
        self.known.settle(self.secrets.load().fingerprints());
        changes
    }

    /// Whether the last read of the secrets succeeded; if not, the secrets from before are in use.
    #[must_use]
    pub fn secrets_are_read(&self) -> bool {
        self.are_read.load(Relaxed)
    }

    /// Puts secrets into use and returns which have changed.
    fn swap(&self, fresh: Keyring) -> Vec<String> {
        let changes = fresh.changes(&self.secrets.load(), &self.configs);
        if !changes.is_empty() {
            // New tokens are known before a request can use them; old ones stay known while a request may.
            self.known.expect(fresh.fingerprints());
            self.secrets.store(Arc::new(fresh));
        }
        changes
    }
}

#[cfg(test)]
impl Apps {
    /// The apps of test settings, with these known tokens and constant fingerprints.
    ///
    /// # Errors
    /// As [`Apps::load`].
    pub fn among(known: Arc<KnownTokens>, configs: &[AppConfig], table: &Table) -> Result<Self, Vec<String>> {
        Self::with(configs, false, Environment::default(), table, Fingerprints::SAME, known)
    }
}

/// Whether every byte is visible ASCII, as in nearly every token. Without a branch, the loop is vectorized.
fn is_visible_ascii(token: &str) -> bool {
    token.bytes().fold(true, |all, byte| all & byte.is_ascii_graphic())
}

/// Whether some reader trims this character, or ends a text at it.
fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || letter == '\u{feff}'
}

impl Caller {
    /// The upstream for an operation of this caller.
    #[must_use]
    pub fn upstream(&self, operation: Option<&Operation>) -> UpstreamId {
        self.app.as_ref().map_or(UpstreamId::OF_ALL, |app| app.upstream(operation))
    }

    /// Identifies the caller for limits: the app, whatever its keys and its token, or the token.
    #[must_use]
    pub fn budget(&self) -> Fingerprint {
        self.app.as_ref().map_or(self.fingerprint, |app| app.fingerprint)
    }

    /// The token that upstream gets in place of `sent`.
    #[must_use]
    pub fn token_for_upstream<'a>(&'a self, sent: &'a str) -> &'a str {
        self.token.as_ref().map_or(sent, |token| token.expose_secret())
    }
}
