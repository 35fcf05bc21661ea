//! Counters. Each worker has cells of its own, which nobody else changes, but where a connection is closed by
//! another thread; they are summed when somebody looks. Labels come from closed sets only.

mod count;
mod histogram;
mod requests;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::http::proto::head_reject::HeadReject;
use crate::http::unsecured::Reason;
use crate::policy::cache::Provenance;
use crate::policy::seldom::Seldom;
use crate::protocol::retry::RepeatReason;
use crate::telemetry::trail::Trail;

pub use count::{Count, Meanwhile};
use histogram::Histogram;
pub use histogram::{NoLabels, Sum};
pub use requests::{Labels, RequestCounters, Requests};

/// One worker's counters.
#[derive(Default)]
pub struct WorkerCounters {
    pub(crate) upstream: Histogram,
    pub(crate) connected: Count,
    pub(crate) upstream_open: Arc<AtomicU64>,
    pub(crate) upstream_calls: Count,
    pub(crate) upstream_waiting: Count,
    pub(crate) repeats: [Count; RepeatReason::ALL.len()],
    pub(crate) dropped: Count,
    pub(crate) cache: [Count; Provenance::ALL.len()],
    pub(crate) in_flight: Count,
    pub(crate) connections: Arc<AtomicU64>,
    pub(crate) accepted: Count,
    pub(crate) not_accepted: Count,
    /// That connections cannot be taken: whoever opens them must not fill the log with it.
    untold: Seldom,
    pub(crate) dismissed: Count,
    pub(crate) refused_heads: RefusedHeads,
    pub(crate) not_secured: [Count; Reason::ALL.len()],
}

/// How often each way to refuse a head was taken.
pub(crate) struct RefusedHeads(pub [Count; HeadReject::ALL.len()]);

impl Default for RefusedHeads {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Count::default()))
    }
}

/// Counts a connection, until it is dropped, by whichever thread: one that gives the worker other settings closes
/// those that rest.
pub struct Present(Arc<AtomicU64>);

impl Present {
    fn new(gauge: &Arc<AtomicU64>) -> Self {
        gauge.fetch_add(1, Relaxed);
        Self(gauge.clone())
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl WorkerCounters {
    /// A request is under way, until the value is dropped.
    pub fn in_flight(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.in_flight)
    }

    /// A client's connection is open, until the value is dropped.
    pub fn connection(&self) -> Present {
        self.accepted.add(1);
        Present::new(&self.connections)
    }

    /// A connection to upstream is open, until the value is dropped.
    pub fn upstream_connected(&self) -> Present {
        self.connected.add(1);
        Present::new(&self.upstream_open)
    }

    /// Upstream has a request, until the value is dropped.
    pub fn upstream_call(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.upstream_calls)
    }

    /// A request waits for its turn with upstream, until the value is dropped.
    pub fn upstream_waiting(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.upstream_waiting)
    }

    /// A request goes to upstream once more.
    pub fn upstream_repeated(&self, why: RepeatReason) {
        self.repeats[why as usize].add(1);
    }

    /// A client's connection could not be taken, because of this: counts it, and tells it once in a while.
    pub fn not_accepted(&self, error: &io::Error) {
        self.not_accepted.add(1);
        if let Some(untold) = self.untold.now() {
            tracing::warn!(%error, untold, "a connection could not be accepted");
        }
    }

    /// A client's connection was ended to make room for another.
    pub fn dismissed(&self) {
        self.dismissed.add(1);
    }

    /// A client's TLS handshake came to nothing.
    pub fn not_secured(&self, reason: Reason) {
        self.not_secured[reason as usize].add(1);
    }

    /// A request's head was refused.
    pub fn refused_head(&self, reject: HeadReject) {
        self.refused_heads.0[reject as usize].add(1);
    }

    /// One request has its answer.
    pub fn count(&self, trail: &Trail) {
        if let Some(took) = trail.upstream {
            self.upstream.add(took);
        }
        if let Some((state, _)) = trail.cache {
            self.cache[state as usize].add(1);
        }
        if trail.dropped > 0 {
            self.dropped.add(trail.dropped as u64);
        }
    }
}
