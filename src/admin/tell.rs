//! Commands that the second listener takes.

use super::Admin;
use crate::config::Config;
use crate::http::reply::{Reply, TEXT, plain};
use crate::snapshot::reload::ReloadOutcome;

/// The start of a query about one app; the app's name follows, as in the settings.
pub const OF_APP: &str = "app=";

pub fn drain(admin: &Admin, _: &str) -> Reply {
    admin.stop.announce();
    tracing::info!("the end is announced: not ready, and answers end their connections");
    plain(202, "announced: not ready, and answers end their connections\n".into(), TEXT)
}

pub fn reload(admin: &Admin, _: &str) -> Reply {
    let outcome = admin.reloader.reload_all();
    let status = match outcome {
        ReloadOutcome::Unchanged | ReloadOutcome::Applied | ReloadOutcome::NewSecrets(_) => 200,
        ReloadOutcome::NeedsRestart(_) => 409,
        ReloadOutcome::Refused(_) | ReloadOutcome::NoSecrets(_) => 422,
    };
    plain(status, format!("{outcome}\n").into(), TEXT)
}

pub fn clear(admin: &Admin, query: &str) -> Reply {
    let current = admin.current.load();
    let app = match query.strip_prefix(OF_APP) {
        None if query.is_empty() => None,
        None => return plain(400, "the query is nothing, or app= and an app's name\n".into(), TEXT),
        Some(app) if current.config.apps.iter().any(|known| known.name == app) => Some(app),
        Some(_) => return plain(404, no_app(&current.config).into(), TEXT),
    };
    let cleared = current.policies.breaches.clear(app);
    plain(200, format!("{cleared} no longer held back\n").into(), TEXT)
}

fn no_app(config: &Config) -> String {
    let names: Vec<_> = config.apps.iter().map(|app| app.name.as_str()).collect();
    match names[..] {
        [] => "no app has this name: the settings have none\n".to_owned(),
        _ => format!("no app has this name: there are {}\n", names.join(", ")),
    }
}

/// Stops planned pauses.
pub fn pause(admin: &Admin, _: &str) -> Reply {
    if admin.current.load().policies.brownouts.pause(true) {
        tracing::warn!(
            "brownouts are paused: the old door serves on, until they are resumed or the next start"
        );
    }
    plain(200, "paused: no brownout refuses until --resume, or the next start of the gateway\n".into(), TEXT)
}

/// Lets planned pauses happen again.
pub fn resume(admin: &Admin, _: &str) -> Reply {
    if admin.current.load().policies.brownouts.pause(false) {
        tracing::warn!("brownouts are resumed: a window that is in force refuses again");
    }
    plain(200, "resumed: brownouts refuse again, also one that is in force\n".into(), TEXT)
}
