//! One worker: what a thread of the gateway has of its own, and what it shares.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::PerUpstream;
use crate::http::shutdown::Shutdown;
use crate::http::terms::Terms;
use crate::policy::seldom::Seldom;
use crate::snapshot::Snapshot;
use crate::telemetry::log::AccessLog;
use crate::telemetry::metrics::{Requests, WorkerCounters};
use crate::upstream::Upstream;

/// A worker thread's own.
pub struct Worker {
    view: ArcSwap<View>,
    /// What is in force for its connections.
    pub terms: Arc<ArcSwap<Terms>>,
    /// Its counters.
    pub counters: Arc<WorkerCounters>,
    /// How far the end of serving has come, shared.
    pub stop: Arc<Shutdown>,
    /// The most connections of clients that it holds.
    pub connections: usize,
    /// Where its requests leave their lines.
    pub log: Option<AccessLog>,
    /// That handshakes fail: whoever connects must not fill the log with it.
    pub not_secured: Seldom,
    /// That a request came back: whoever sends one again and again must not fill the log with it.
    pub looped: Seldom,
}

/// What one request sees from its start to its end, whatever is reloaded meanwhile.
pub struct View {
    /// The settings and the protocol, shared by all workers.
    pub snapshot: Arc<Snapshot>,
    /// The worker's connections to each upstream.
    pub upstreams: PerUpstream<Arc<Upstream>>,
    /// The worker's counters of the table's operations.
    pub requests: Arc<Requests>,
}

impl Worker {
    /// A worker that begins with a view.
    #[must_use]
    pub fn new(
        view: View,
        counters: Arc<WorkerCounters>,
        stop: Arc<Shutdown>,
        connections: usize,
        log: Option<AccessLog>,
    ) -> Self {
        let terms = Arc::new(ArcSwap::from_pointee(view.terms()));
        let (not_secured, looped) = (Seldom::default(), Seldom::default());
        let view = ArcSwap::from_pointee(view);
        Self { view, terms, counters, stop, connections, log, not_secured, looped }
    }

    /// The view now. It is this worker's own, so that taking it shares no memory with another.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Requests that begin from now on see another view.
    pub fn show(&self, view: View) {
        self.terms.store(Arc::new(view.terms()));
        self.view.store(Arc::new(view));
    }
}

impl View {
    fn terms(&self) -> Terms {
        Terms::of(&self.snapshot.config, self.snapshot.tls.clone())
    }
}
