//! One worker: what a thread of the gateway has of its own, and what it shares.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::http::body::Room;
use crate::http::shutdown::Stop;
use crate::snapshot::Snapshot;
use crate::telemetry::log::AccessLog;
use crate::telemetry::metrics::{Cells, Requests};
use crate::upstream::Upstream;

/// A worker thread's own.
pub struct Worker {
    view: ArcSwap<View>,
    /// Its counters.
    pub cells: Arc<Cells>,
    /// How far the end of serving has come, shared.
    pub stop: Arc<Stop>,
    /// The most connections of clients that it holds.
    pub connections: usize,
    /// What long bodies take of its memory.
    pub bodies: Room,
    /// Where its requests leave their lines.
    pub log: Option<AccessLog>,
}

/// What one request sees from its start to its end, whatever is reloaded meanwhile.
pub struct View {
    /// The settings and the protocol, shared by all workers.
    pub snapshot: Arc<Snapshot>,
    /// The worker's connections to each upstream, in the order of the snapshot's.
    pub upstreams: Vec<Arc<Upstream>>,
    /// The worker's counters of the table's operations.
    pub requests: Arc<Requests>,
}

impl Worker {
    /// A worker that begins with a view.
    #[must_use]
    pub fn new(
        view: View,
        cells: Arc<Cells>,
        stop: Arc<Stop>,
        connections: usize,
        log: Option<AccessLog>,
    ) -> Self {
        Self { view: ArcSwap::from_pointee(view), cells, stop, connections, bodies: Room::default(), log }
    }

    /// The view now. It is this worker's own, so that taking it shares no memory with another.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Requests that begin from now on see another view.
    pub fn show(&self, view: View) {
        self.view.store(Arc::new(view));
    }
}
