//! `mesigate check`: loads as `serve` does, and starts nothing.

mod connect;
mod doubts;
mod pauses;
mod show;
mod traces;

use std::process::ExitCode;

use super::load::{self, Settings};
use super::{CheckArgs, Done};
use crate::config::Config;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::snapshot::Snapshot;

pub fn run(check: &CheckArgs) -> Done {
    let settings = Settings::of(&check.config);
    let snapshot = settings.snapshot()?;
    doubts::log_file(&snapshot.config)?;
    traces::ca_file(&snapshot.config)?;
    if check.show {
        super::print(&show::settings(&snapshot.written))?;
    }
    let unheeded = load::proxies().unheeded(&snapshot.config);
    let sharing = doubts::of_sharing(&snapshot.policies.apps);
    let pauses = pauses::of(&snapshot.config.migration.brownouts, Moment(since_1970().as_secs()));
    let traces = traces::doubts(&snapshot.config);
    for doubt in
        doubts::of(&snapshot.config).into_iter().chain(sharing).chain(unheeded).chain(pauses).chain(traces)
    {
        eprintln!("warning: {doubt}");
    }
    super::print(&told(&snapshot))?;
    Ok(if check.connect { connect::all(&snapshot)? } else { ExitCode::SUCCESS })
}

/// What `serve` would run.
fn told(snapshot: &Snapshot) -> String {
    let config = &snapshot.config;
    let mut all = format!(
        "all is well: {} operations, would listen on {}, upstream {}\n",
        snapshot.table.operations().len(),
        config.listen.address,
        config.upstream.all.url
    );
    for (name, what) in [
        ("TLS", tls(config)),
        ("probes and metrics", format!("http://{}/", config.admin.address)),
        ("apps", apps(config)),
        ("limits", limits(config)),
        ("log", log(config)),
        ("traces", traces::told(config)),
    ] {
        all.extend(["  ", name, ": ", &what, "\n"]);
    }
    all
}

fn tls(config: &Config) -> String {
    match &config.tls {
        None => "none; clients speak plain HTTP".to_owned(),
        Some(files) => format!("{}{}", files.certificate.display(), doubts::until(&files.certificate)),
    }
}

fn apps(config: &Config) -> String {
    let others = if config.refuse_unknown_tokens { "are refused" } else { "pass as they are" };
    let names: Vec<&str> = config.apps.iter().take(MOST_NAMES).map(|app| app.name.as_str()).collect();
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    format!("{}{names}; other tokens {others}", config.apps.len())
}

/// The most names in one line.
const MOST_NAMES: usize = 10;

fn limits(config: &Config) -> String {
    let own: usize = config.apps.iter().map(|app| app.limits.len()).sum();
    format!("{} for all, {own} of apps' own", config.limits.len())
}

fn log(config: &Config) -> String {
    let log = &config.log;
    let to =
        log.file.as_ref().map_or_else(|| "standard output".to_owned(), |file| file.display().to_string());
    let form = if log.json { "JSON" } else { "text" };
    let requests = if log.access { "with" } else { "without" };
    format!(
        "{to}, as {form}, from {} on, {requests} a line for each request",
        log.level.as_str().to_lowercase()
    )
}
