//! One worker thread: its own state, and the state that all workers share.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::config::PerUpstream;
use crate::http::shutdown::Shutdown;
use crate::http::terms::Terms;
use crate::ledger::tally::Tally;
use crate::policy::seldom::Seldom;
use crate::snapshot::Snapshot;
use crate::telemetry::log::AccessLog;
use crate::telemetry::metrics::{Requests, WorkerCounters};
use crate::telemetry::trace::chance::Chance;
use crate::telemetry::trace::tracer::Tracer;
use crate::telemetry::traffic::Traffic;
use crate::upstream::Upstream;

/// The state of one worker thread.
pub struct Worker {
    view: ArcSwap<View>,
    /// The HTTP settings in force for its connections.
    pub terms: Arc<ArcSwap<Terms>>,
    /// Its counters.
    pub counters: Arc<WorkerCounters>,
    /// The stage of the shutdown, shared.
    pub stop: Arc<Shutdown>,
    /// The most client connections that it holds.
    pub connections: usize,
    /// The log of its requests.
    pub log: Option<AccessLog>,
    /// Its part in traces, if there are any.
    pub tracer: Option<Tracer>,
    /// Where numbers of requests come from.
    pub chance: Chance,
    /// What it has seen for the ledger, if there is one.
    pub tally: Option<Arc<Tally>>,
    /// Who looks at requests as they come, shared.
    pub traffic: Arc<Traffic>,
    /// Limits log lines about failed handshakes: a client must not fill the log with them.
    pub not_secured: Seldom,
    /// Limits log lines about requests that came back in a circle: a client must not fill the log with them.
    pub looped: Seldom,
    /// Limits log lines about strangers: a client must not fill the log with them.
    pub strangers: Seldom,
}

/// The view of one request from its start to its end, unaffected by reloads.
pub struct View {
    /// The settings and the table, shared by all workers.
    pub snapshot: Arc<Snapshot>,
    /// The worker's connections to each upstream.
    pub upstreams: PerUpstream<Arc<Upstream>>,
    /// The worker's counters of the table's operations.
    pub requests: Arc<Requests>,
}

impl Worker {
    /// A worker with its first view.
    #[must_use]
    pub fn new(
        view: View,
        counters: Arc<WorkerCounters>,
        stop: Arc<Shutdown>,
        connections: usize,
        log: Option<AccessLog>,
        traffic: Arc<Traffic>,
    ) -> Self {
        let terms = Arc::new(ArcSwap::from_pointee(view.terms()));
        let [not_secured, looped, strangers] = std::array::from_fn(|_| Seldom::default());
        let tally = view.snapshot.ledger.as_ref().map(|_| Arc::default());
        let tracer = Tracer::new(&view.snapshot.config);
        let view = ArcSwap::from_pointee(view);
        let chance = Chance::default();
        Self {
            view,
            terms,
            counters,
            stop,
            connections,
            log,
            tracer,
            chance,
            tally,
            traffic,
            not_secured,
            looped,
            strangers,
        }
    }

    /// The current view. It is this worker's own, so that taking it touches no memory of other workers.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Puts another view into use for requests that begin from now on.
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
