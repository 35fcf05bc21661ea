//! Reloads settings while requests are served: reads, checks and builds everything, then swaps one value. Any fault
//! leaves everything unchanged.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::http::net::clock::since_1970;
use crate::snapshot::worker::{View, Worker};
use crate::snapshot::{FilesDigest, Fresh, Snapshot, files};
use crate::telemetry::metrics::RequestCounters;
use crate::telemetry::supervisor;
use crate::upstream::Upstream;

/// Settings that cannot change while the gateway runs: threads and sockets were made with them. A section's name stands
/// for all of it.
const ONLY_AT_START: [&str; 19] = [
    "listen.address",
    "listen.workers",
    "admin.address",
    "admin.hosts",
    "console.on",
    "console.view.file",
    "console.view.env",
    "console.operate.file",
    "console.operate.env",
    "keys.most",
    "cap.connections",
    "ledger.on",
    "ledger.file",
    "ledger.key.file",
    "ledger.key.env",
    "log.format",
    "log.level",
    "log.file",
    "trace",
];

/// How a reload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReloadOutcome {
    /// The settings equal those in use.
    Unchanged,
    /// New requests are served by the new settings.
    Applied,
    /// The settings equal those in use, and these secrets of apps are new.
    NewSecrets(Vec<String>),
    /// The settings equal those in use, but secrets of apps can no longer be read, for these reasons.
    NoSecrets(Vec<String>),
    /// Nothing was changed, for all of these reasons.
    Refused(Vec<String>),
    /// Nothing was changed, because these keys need a restart.
    NeedsRestart(Vec<String>),
}

impl ReloadOutcome {
    /// Every outcome's name, in the order of `ReloadOutcome::number`.
    pub const NAMES: [&str; 4] = ["unchanged", "applied", "refused", "needs-restart"];

    /// The outcome's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        Self::NAMES[self.number()]
    }

    fn number(&self) -> usize {
        match self {
            Self::Unchanged => 0,
            Self::Applied | Self::NewSecrets(_) => 1,
            Self::Refused(_) | Self::NoSecrets(_) => 2,
            Self::NeedsRestart(_) => 3,
        }
    }
}

impl fmt::Display for ReloadOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unchanged => f.write_str("unchanged: the settings are those in use"),
            Self::Applied => f.write_str("applied: new requests are served by the new settings"),
            Self::NewSecrets(changes) => {
                write!(f, "applied: secrets have changed and are in use: {}", changes.join(", "))
            }
            Self::NoSecrets(reasons) => {
                write!(
                    f,
                    "refused: the settings are those in use, but the next start would fail; the secrets from before \
                     stay in use:\n{}",
                    reasons.join("\n")
                )
            }
            Self::Refused(reasons) => write!(f, "refused, nothing was changed:\n{}", reasons.join("\n")),
            Self::NeedsRestart(keys) => {
                write!(
                    f,
                    "needs a restart, nothing was changed; these can only change at a start: {}",
                    keys.join(", ")
                )
            }
        }
    }
}

/// The source of settings, read anew for each reload.
pub struct SettingsSource {
    /// The settings file, which is watched for changes.
    pub file: Option<PathBuf>,
    /// Reads all layers.
    pub read: Box<dyn Fn() -> Result<Fresh, Vec<String>> + Send + Sync>,
}

/// A reload that has ended.
#[derive(Debug, Clone)]
pub struct LastReload {
    /// When, in seconds since 1970.
    pub at: u64,
    /// How.
    pub outcome: ReloadOutcome,
}

/// Reloads the settings of all workers.
pub struct Reloader {
    source: SettingsSource,
    workers: Vec<Arc<Worker>>,
    current: Arc<ArcSwap<Snapshot>>,
    request_counters: Arc<RequestCounters>,
    seen: Mutex<FilesDigest>,
    outcomes: [AtomicU64; ReloadOutcome::NAMES.len()],
    last: AtomicU64,
    last_one: Mutex<Option<LastReload>>,
    /// Whether the last reload failed only because of secrets.
    lacks_secrets: AtomicBool,
}

impl Reloader {
    /// A reloader for these workers, which serve by `current`.
    #[must_use]
    pub fn new(
        source: SettingsSource,
        workers: Vec<Arc<Worker>>,
        current: Arc<ArcSwap<Snapshot>>,
        request_counters: Arc<RequestCounters>,
    ) -> Self {
        let seen = Mutex::new(watched(&source, &current.load()));
        let (outcomes, last, lacks_secrets) = (Default::default(), AtomicU64::new(1), AtomicBool::new(false));
        let last_one = Mutex::default();
        Self { source, workers, current, request_counters, seen, outcomes, last, last_one, lacks_secrets }
    }

    /// A reload on request (SIGHUP, admin listener): the secrets' files are read again too, whatever becomes of the
    /// settings.
    pub fn reload_all(&self) -> ReloadOutcome {
        let secrets = self.current.load().policies.refresh();
        self.reload_beside(secrets)
    }

    /// Reads the settings again, and puts them into use if they have no fault.
    pub fn reload(&self) -> ReloadOutcome {
        self.reload_beside(Ok(Vec::new()))
    }

    /// Reloads like [`Self::reload`] after the secrets have been read: `secrets` holds which of them changed, or their
    /// faults.
    fn reload_beside(&self, secrets: Result<Vec<String>, Vec<String>>) -> ReloadOutcome {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        supervisor::reloading();
        // Noted before files are read: a file that changes meanwhile is seen at the next check.
        *seen = self.watched();
        let outcome = match (self.attempt(), secrets) {
            (ReloadOutcome::Unchanged, Ok(changes)) if !changes.is_empty() => {
                ReloadOutcome::NewSecrets(changes)
            }
            (ReloadOutcome::Unchanged, Err(reasons)) => ReloadOutcome::NoSecrets(reasons),
            (outcome, _) => outcome,
        };
        self.outcomes[outcome.number()].fetch_add(1, Relaxed);
        let lacks_secrets = matches!(outcome, ReloadOutcome::NoSecrets(_));
        let is_in_use =
            !lacks_secrets && !matches!(outcome, ReloadOutcome::Refused(_) | ReloadOutcome::NeedsRestart(_));
        self.last.store(u64::from(is_in_use), Relaxed);
        self.lacks_secrets.store(lacks_secrets, Relaxed);
        let last_one = LastReload { at: since_1970().as_secs(), outcome: outcome.clone() };
        *self.last_one.lock().unwrap_or_else(PoisonError::into_inner) = Some(last_one);
        tell(&outcome);
        supervisor::ready(&format!("serving; last reload {outcome}"));
        outcome
    }

    /// Reloads if a file has changed since it was last read.
    pub fn reload_if_changed(&self) {
        let now = self.watched();
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if now != seen {
            self.reload();
        }
    }

    /// The last reload, if there has been one.
    pub fn last_one(&self) -> Option<LastReload> {
        self.last_one.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many reloads had each outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (&'static str, u64)> {
        ReloadOutcome::NAMES.into_iter().zip(self.outcomes.iter().map(|count| count.load(Relaxed)))
    }

    /// 1 unless the last reload was refused or needs a restart. If it failed only because of secrets, the result is 1
    /// again as soon as all of them can be read.
    pub fn last(&self) -> u64 {
        let are_back =
            || self.lacks_secrets.load(Relaxed) && self.current.load().policies.apps.secrets_are_read();
        self.last.load(Relaxed) | u64::from(are_back())
    }

    fn watched(&self) -> FilesDigest {
        watched(&self.source, &self.current.load())
    }

    fn attempt(&self) -> ReloadOutcome {
        let fresh = match (self.source.read)() {
            Ok(fresh) => fresh,
            Err(reasons) => return ReloadOutcome::Refused(reasons),
        };
        let former = self.current.load_full();
        if former.same_as(&fresh) {
            return ReloadOutcome::Unchanged;
        }
        let is_in = |key: &str, whole: &str| {
            key.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let only_at_start = |key: &String| ONLY_AT_START.iter().any(|whole| is_in(key, whole));
        let kept: Vec<String> = former.differences(&fresh).into_iter().filter(only_at_start).collect();
        if !kept.is_empty() {
            return ReloadOutcome::NeedsRestart(kept);
        }
        match former.reloaded(fresh).and_then(|snapshot| self.views(snapshot)) {
            Ok((snapshot, views)) => {
                for (worker, view) in self.workers.iter().zip(views) {
                    worker.show(view);
                }
                self.current.store(snapshot);
                ReloadOutcome::Applied
            }
            Err(reasons) => ReloadOutcome::Refused(reasons),
        }
    }

    /// Builds a view for each worker before any of them is put into use.
    fn views(&self, snapshot: Snapshot) -> Result<(Arc<Snapshot>, Vec<View>), Vec<String>> {
        let snapshot = Arc::new(snapshot);
        let requests = self.request_counters.of(&snapshot.table, &snapshot.config);
        let mut views = Vec::new();
        for (worker, requests) in self.workers.iter().zip(requests) {
            let before = worker.view();
            let (sites, name, config) = (&snapshot.sites, &snapshot.name, &snapshot.config);
            let upstreams = Upstream::all(sites, name, config, &worker.counters, Some(&before.upstreams));
            let upstreams = upstreams.map_err(|sentence| vec![sentence])?;
            views.push(View { snapshot: snapshot.clone(), upstreams, requests });
        }
        Ok((snapshot, views))
    }
}

/// A digest of the settings file and the files that it names. If it names other files, the next check sees a change,
/// reads once more and finds none.
fn watched(source: &SettingsSource, snapshot: &Snapshot) -> FilesDigest {
    FilesDigest::of(source.file.iter().cloned().chain(files(&snapshot.config)))
}

fn tell(outcome: &ReloadOutcome) {
    match outcome {
        ReloadOutcome::Unchanged | ReloadOutcome::Applied | ReloadOutcome::NewSecrets(_) => {
            tracing::info!("reload: {outcome}");
        }
        ReloadOutcome::NeedsRestart(_) | ReloadOutcome::NoSecrets(_) => tracing::warn!("reload: {outcome}"),
        ReloadOutcome::Refused(reasons) => {
            for reason in reasons {
                tracing::error!("reload refused, nothing was changed: {reason}");
            }
        }
    }
}
