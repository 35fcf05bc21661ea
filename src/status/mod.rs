//! How a running gateway is: figures for people and programs, and what somebody should look at. `mesigate status` and the
//! console show both from here, so that neither says less than the other.

mod attention;
mod certificates;
mod document;
mod figures;
mod left;

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::http::net::clock::since_1970;
use crate::http::shutdown::Shutdown;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::telemetry::history::History;
use crate::telemetry::log::Losses;
use crate::telemetry::metrics::WorkerCounters;

pub use attention::{Attention, Topic};
pub use certificates::Certificate;
pub use document::{
    Brownouts, Cache, Connections, Document, HeldBack, Ledger, Limit, Log, Minute, Pause, Settings, Upstream,
};
use left::Left;

/// What a status is made of.
pub struct StatusSources {
    /// The snapshot in use.
    pub current: Arc<ArcSwap<Snapshot>>,
    /// How far the end of serving has come.
    pub stop: Arc<Shutdown>,
    /// The counters of each worker.
    pub counters: Vec<Arc<WorkerCounters>>,
    /// What the last minute was like.
    pub history: Arc<History>,
    /// The reloader, which knows how the last reload ended.
    pub reloader: Arc<Reloader>,
    /// The log lines that were lost.
    pub lines_lost: Box<dyn Fn() -> Losses + Send + Sync>,
    /// Whether a sandbox is the gateway's upstream.
    pub sandbox: bool,
}

/// The status of a running gateway, made anew whenever somebody asks.
pub struct Status {
    sources: StatusSources,
    started: u64,
    left: Left,
}

impl Status {
    /// The status of a gateway that starts now.
    #[must_use]
    pub fn new(sources: StatusSources) -> Self {
        Self { sources, started: since_1970().as_secs(), left: Left::default() }
    }

    /// When the gateway started, in seconds since 1970.
    #[must_use]
    pub fn started(&self) -> u64 {
        self.started
    }

    /// What somebody should look at: first what is wrong, then what is worth knowing.
    #[must_use]
    pub fn attention(&self) -> Vec<Attention> {
        attention::all(self, since_1970().as_secs())
    }

    /// All of it. Nothing in it is secret, and all names are the settings' own.
    #[must_use]
    pub fn document(&self) -> Document {
        figures::document(self, self.attention(), since_1970().as_secs())
    }
}
