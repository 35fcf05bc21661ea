//! The callers: real apps with real keys, several of which reach one token of upstream's, and callers that send that
//! token themselves. The apps' tokens change, and change back.

use std::sync::Arc;

use tempfile::TempDir;

use super::chance::Chance;
use crate::config::secret::Digest;
use crate::config::{AppConfig, Layers};
use crate::policy::apps::{Apps, Caller};
use crate::policy::fingerprint::Fingerprint;
use crate::policy::known::KnownTokens;
use crate::protocol::ops::Table;

/// Each app with its keys.
const APPS: [(&str, &[&str]); 3] =
    [("shop", &["till", "office"]), ("clinic", &["desk"]), ("spare", &["shelf"])];
/// Tokens that are an app's key.
const KEYS: [&str; 4] = ["till", "office", "desk", "shelf"];
/// The tokens of upstream's that a world's apps have, some more often: so that several apps share one, or only
/// strangers have the token that is used most.
const OFTEN: [[u64; 4]; 3] = [[0, 0, 0, 1], [0, 0, 1, 2], [1, 2, 2, 2]];

/// Settings and table, read once for all worlds of a thread; each thread has secret files of its own.
struct Ground {
    folder: TempDir,
    configs: Vec<AppConfig>,
    table: Table,
}

thread_local! {
    static GROUND: Ground = Ground::new();
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = |(name, keys): (&str, &[&str])| {
            let keys: Vec<_> =
                keys.iter().map(|key| format!("{{ sha256 = '{}' }}", Digest::of(key).hex())).collect();
            let keys = keys.join(", ");
            let file = folder.path().join(name);
            format!("[[app]]\nname = '{name}'\nkeys = [{keys}]\ntoken = {{ file = '{}' }}\n", file.display())
        };
        let toml: String = APPS.into_iter().map(app).collect();
        let layers = Layers::shipped().and_then(|layers| layers.text("the model", &toml)).unwrap();
        let configs = layers.config().unwrap().apps;
        Self { folder, configs, table: Table::shipped().unwrap() }
    }

    fn write(&self, app: &str, text: &str) {
        std::fs::write(self.folder.path().join(app), text).unwrap();
    }
}

pub(super) struct Names {
    apps: Apps,
    /// The tokens of upstream's that apps have, some more often.
    often: [u64; 4],
    first: Vec<Fingerprint>,
}

impl Names {
    pub(super) fn new(chance: &Chance, known: Arc<KnownTokens>) -> Self {
        let often = chance.one_of(&OFTEN);
        let apps = GROUND.with(|ground| {
            for (name, _) in APPS {
                ground.write(name, &token(chance.one_of(&often)));
            }
            Apps::among(known, &ground.configs, &ground.table)
        });
        let apps = apps.unwrap();
        let first = APPS.map(|(_, keys)| apps.caller(keys[0]).unwrap().fingerprint);
        Self { apps, often, first: first.to_vec() }
    }

    /// A caller that sends this token of upstream's or a key, and the number of the token that it reaches.
    pub(super) fn somebody(&self, chance: &Chance, own: u64) -> (Caller, u64) {
        let sent = if chance.percent(60) { token(own) } else { chance.one_of(&KEYS).to_owned() };
        let caller = self.apps.caller(&sent).unwrap();
        let number = caller.token_for_upstream(&sent).strip_prefix("real-").unwrap().parse().unwrap();
        (caller, number)
    }

    /// The fingerprint of one of upstream's tokens.
    pub(super) fn fingerprint(&self, number: u64) -> Fingerprint {
        self.apps.caller(&token(number)).unwrap().fingerprint
    }

    /// The first fingerprint of a caller's app, or that of a token that is no app's.
    pub(super) fn first(&self, caller: &Caller) -> Fingerprint {
        caller.app.as_ref().map_or(caller.fingerprint, |app| self.first[app.number])
    }

    /// Writes another secret for an app, or an empty one, and sometimes reads it at once.
    pub(super) fn change(&self, chance: &Chance) {
        let (app, _) = chance.one_of(&APPS);
        let text = if chance.percent(10) { String::new() } else { token(chance.one_of(&self.often)) };
        GROUND.with(|ground| ground.write(app, &text));
        if chance.percent(80) {
            let _changes = self.apps.reread();
        }
    }
}

fn token(number: u64) -> String {
    format!("real-{number}")
}
