//! Puts together what the second listener shows: metrics, the status and the console.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::admin::Admin;
use crate::admin::exposition::Sources;
use crate::console::{Console, ConsoleSources};
use crate::http::shutdown::Shutdown;
use crate::sandbox::Sandbox;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::status::{Status, StatusSources};
use crate::telemetry::history::History;
use crate::telemetry::log::{Log, Losses};
use crate::telemetry::metrics::{RequestCounters, WorkerCounters};
use crate::telemetry::trace::Spans;
use crate::telemetry::traffic::Traffic;

/// What is known of the gateway while it serves.
pub(super) struct Known {
    /// The counters of each worker.
    pub counters: Vec<Arc<WorkerCounters>>,
    /// The counters of requests, by operation.
    pub request_counters: Arc<RequestCounters>,
    /// How far the end of serving has come.
    pub stop: Arc<Shutdown>,
    /// The snapshot in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// The reloader, which counts how reloads end.
    pub reloader: Arc<Reloader>,
    /// What became of spans.
    pub spans: Spans,
    /// What the last hours were like.
    pub history: Arc<History>,
    /// Requests as they come.
    pub traffic: Arc<Traffic>,
}

impl Known {
    /// The second listener's handler, and the token that was made for the console where the settings have none. Old
    /// clients are served at `address`; `sandbox` is the gateway's upstream, if one is.
    pub(super) fn shown(
        self,
        log: Option<&Log>,
        address: SocketAddr,
        sandbox: Option<Sandbox>,
    ) -> Result<(Admin, Option<String>), String> {
        let status = Arc::new(Status::new(StatusSources {
            current: self.current.clone(),
            stop: self.stop.clone(),
            counters: self.counters.clone(),
            history: self.history.clone(),
            reloader: self.reloader.clone(),
            lines_lost: losses(log),
            sandbox: sandbox.is_some(),
        }));
        let (console, login) = Console::new(ConsoleSources {
            current: self.current.clone(),
            stop: self.stop.clone(),
            counters: self.counters.clone(),
            request_counters: self.request_counters.clone(),
            address,
            sandbox,
            status: status.clone(),
            history: self.history,
            traffic: self.traffic,
        })?;
        let sources = Sources {
            counters: self.counters,
            admin: Arc::default(),
            request_counters: self.request_counters,
            stop: self.stop,
            lines_lost: lines_lost(log),
            current: self.current,
            reloader: self.reloader,
            console: Arc::new(console),
            started: status.started(),
            spans: self.spans,
        };
        Ok((Admin::new(sources, status), login))
    }
}

/// Counts the log lines that had no room in the queue.
fn lines_lost(log: Option<&Log>) -> Box<dyn Fn() -> usize + Send + Sync> {
    let losses = losses(log);
    Box::new(move || losses().lines)
}

/// The log lines that had no room in the queue, and when the last was lost.
fn losses(log: Option<&Log>) -> Box<dyn Fn() -> Losses + Send + Sync> {
    let losses = log.map(Log::losses);
    Box::new(move || losses.as_ref().map_or_else(Losses::default, |losses| losses()))
}
