//! Gathers the document's figures from what runs.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::document::{
    Brownouts, Cache, Connections, Document, HeldBack, Ledger, Limit, Log, Minute, Pause, Settings, Upstream,
};
use super::{Attention, Status, certificates};
use crate::config::UpstreamKind;
use crate::config::migration::Moment;
use crate::http::shutdown::Stage;
use crate::ledger::facts::Ending;
use crate::ledger::keeper::Kept;
use crate::policy::brownout::WindowState;
use crate::policy::cache::Provenance;
use crate::policy::policies::Decision;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::ReloadOutcome;
use crate::telemetry::metrics::{WorkerCounters, quantile};

pub(super) fn document(status: &Status, attention: Vec<Attention>, now: u64) -> Document {
    let sources = &status.sources;
    let snapshot = sources.current.load_full();
    let stage = sources.stop.stage();
    Document {
        well: attention.iter().all(|one| !one.wrong),
        attention,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now_unix_s: now,
        started_unix_s: status.started,
        ready: stage == Stage::Serving,
        stage: stage.text().to_owned(),
        announced_for_s: sources.stop.announced().map(|since| since.elapsed().as_secs()),
        workers: sources.counters.len(),
        sandbox: sources.sandbox,
        last_minute: minute(status, now),
        upstreams: upstreams(&snapshot),
        connections: connections(&sources.counters),
        cache: cache(&sources.counters, &snapshot),
        limits: limits(&snapshot),
        held_back: held_back(&snapshot),
        ledger: ledger(status, &snapshot, now),
        brownouts: brownouts(&snapshot, now),
        settings: settings(status, &snapshot),
        certificates: certificates::all(&snapshot, now),
        log: Log { lines_lost: (sources.lines_lost)().lines },
    }
}

#[allow(clippy::cast_precision_loss)] // a rate for people
pub(super) fn minute(status: &Status, now: u64) -> Minute {
    let (length, came) = status.sources.history.last_minute(now);
    let of = |ending: Ending| came.endings[ending as usize];
    let requests = came.endings.iter().sum();
    Minute {
        length_s: length,
        requests,
        requests_per_s: (requests as f64 / length.max(1) as f64 * 100.0).round() / 100.0,
        legacy: came.legacy,
        done: of(Ending::Ok),
        failed: of(Ending::Failed),
        refused: of(Ending::Refused) + of(Ending::HeldOff),
        unknown: of(Ending::Unsure),
        p50_us: quantile(&came.buckets, 50),
        p99_us: quantile(&came.buckets, 99),
    }
}

/// Every upstream once: several sites of one host are one line, open if the breaker of one is.
pub(super) fn upstreams(snapshot: &Snapshot) -> Vec<Upstream> {
    let mut all: Vec<Upstream> = Vec::new();
    let mut counted = HashSet::new();
    for site in &snapshot.sites {
        if !counted.insert(Arc::as_ptr(site)) {
            continue;
        }
        let number = all.iter().position(|known| known.name == site.name).unwrap_or_else(|| {
            let kind = UpstreamKind::WORDS.iter().find(|(_, kind)| *kind == site.target.kind);
            let kind = kind.map_or("", |(word, _)| word).to_owned();
            let (name, breaker) = (site.name.clone(), "closed".to_owned());
            all.push(Upstream { name, kind, breaker, ..Upstream::default() });
            all.len() - 1
        });
        let upstream = &mut all[number];
        if site.breaker.is_open() {
            "open".clone_into(&mut upstream.breaker);
        }
        upstream.callers_left_alone += site.breaker.callers();
        upstream.openings += site.breaker.openings();
    }
    all
}

fn connections(counters: &[Arc<WorkerCounters>]) -> Connections {
    let sum = |of: fn(&WorkerCounters) -> u64| counters.iter().map(|worker| of(worker)).sum();
    Connections {
        clients_open: sum(|worker| worker.connections.load(Relaxed)),
        clients_accepted: sum(|worker| worker.accepted.get()),
        clients_dismissed: sum(|worker| worker.dismissed.get()),
        upstream_open: sum(WorkerCounters::open_upstream),
        requests: sum(|worker| worker.in_flight.get()),
        upstream_calls: sum(|worker| worker.upstream_calls.get()),
        upstream_waiting: sum(|worker| worker.upstream_waiting.get()),
    }
}

fn cache(counters: &[Arc<WorkerCounters>], snapshot: &Snapshot) -> Cache {
    let of = |state: Provenance| counters.iter().map(|worker| worker.cache[state as usize].get()).sum();
    let reads = Provenance::ALL.into_iter().map(|state| (state.text().to_owned(), of(state)));
    Cache { bytes: snapshot.policies.cache.bytes(), reads: reads.collect() }
}

/// The limits that have refused something, or would have, by name.
fn limits(snapshot: &Snapshot) -> Vec<Limit> {
    let mut all: BTreeMap<Arc<str>, Limit> = BTreeMap::new();
    for ((name, decision), count) in snapshot.policies.decisions() {
        let limit =
            all.entry(name.clone()).or_insert_with(|| Limit { name: name.to_string(), ..Limit::default() });
        match decision {
            Decision::Refused => limit.refused += count,
            Decision::WouldRefuse => limit.would_refuse += count,
        }
    }
    all.into_values().collect()
}

/// Each app that is held back; tokens without one, of which there may be many, are one line.
pub(super) fn held_back(snapshot: &Snapshot) -> Vec<HeldBack> {
    let mut all: BTreeMap<Option<String>, HeldBack> = BTreeMap::new();
    for held in snapshot.policies.breaches.list() {
        let line =
            all.entry(held.app.clone()).or_insert_with(|| HeldBack { app: held.app, ..HeldBack::default() });
        line.tokens += 1;
        line.left_s = line.left_s.max(held.seconds);
    }
    all.into_values().collect()
}

fn ledger(status: &Status, snapshot: &Snapshot, now: u64) -> Ledger {
    let keeper = snapshot.ledger.as_ref();
    Ledger {
        kept_in: keeper.map_or("off", |keeper| Kept::word(keeper.kept_in())).to_owned(),
        rows: keeper.map_or(0, |keeper| keeper.count()),
        programs_left: status.left.of(snapshot, now),
    }
}

fn brownouts(snapshot: &Snapshot, now: u64) -> Brownouts {
    let brownouts = &snapshot.policies.brownouts;
    let shown = brownouts.shown(Moment(now)).into_iter();
    let pauses = shown.filter(|window| window.state != WindowState::Over).map(|window| Pause {
        name: window.brownout.name.clone(),
        state: window.state.text().to_owned(),
        rehearsal: window.brownout.rehearse,
        from_unix_s: window.brownout.from.0,
        to_unix_s: window.brownout.to.0,
        met: window.met,
    });
    Brownouts { paused: brownouts.is_paused(), pauses: pauses.collect() }
}

/// The faults of settings are not shown: they may repeat what is written in a file that not everybody may read.
fn settings(status: &Status, snapshot: &Snapshot) -> Settings {
    let reloader = &status.sources.reloader;
    let (in_use, last) = (reloader.last() == 1, reloader.last_one());
    let keys = last.as_ref().filter(|_| !in_use).map(|last| match &last.outcome {
        ReloadOutcome::NeedsRestart(keys) => keys.clone(),
        _ => Vec::new(),
    });
    Settings {
        in_use,
        last_reload: last.as_ref().map(|last| last.outcome.name().to_owned()),
        last_reload_unix_s: last.map(|last| last.at),
        needs_restart: keys.unwrap_or_default(),
        secrets_readable: snapshot.policies.apps.secrets_are_read(),
    }
}
