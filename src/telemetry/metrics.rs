//! Counters. Each worker has its own, which only its thread changes, except that another thread may close a connection;
//! they are summed when metrics are read. Labels come from closed sets only.

mod count;
mod glance;
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
pub use glance::{Glance, Glimpse};
use histogram::Histogram;
pub use histogram::{BUCKETS, NoLabels, Sum, bound, bucket, quantile};
pub use requests::{Labels, OTHER, RequestCounters, Requests};

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
    pub(crate) strangers: Count,
    pub(crate) cache: [Count; Provenance::ALL.len()],
    pub(crate) in_flight: Count,
    pub(crate) connections: Arc<AtomicU64>,
    pub(crate) accepted: Count,
    pub(crate) not_accepted: Count,
    /// Limits log lines about connections that cannot be accepted: opening many must not fill the log.
    untold: Seldom,
    pub(crate) dismissed: Count,
    pub(crate) refused_heads: RefusedHeads,
    pub(crate) not_secured: [Count; Reason::ALL.len()],
    /// How requests end, and how long they take, all together: for the history.
    pub glance: Glance,
}

/// Heads that were refused, by reason.
pub(crate) struct RefusedHeads(pub [Count; HeadReject::ALL.len()]);

impl Default for RefusedHeads {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Count::default()))
    }
}

/// Counts a connection until it is dropped, by any thread: a reload closes idle connections from another one.
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
    /// How many connections to upstreams are open.
    #[must_use]
    pub fn open_upstream(&self) -> u64 {
        self.upstream_open.load(Relaxed)
    }

    /// Counts a request as under way until the value is dropped.
    pub fn in_flight(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.in_flight)
    }

    /// Counts a client's connection as open until the value is dropped.
    pub fn connection(&self) -> Present {
        self.accepted.add(1);
        Present::new(&self.connections)
    }

    /// Counts a connection to upstream as open until the value is dropped.
    pub fn upstream_connected(&self) -> Present {
        self.connected.add(1);
        Present::new(&self.upstream_open)
    }

    /// Counts a call of upstream as under way until the value is dropped.
    pub fn upstream_call(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.upstream_calls)
    }

    /// Counts a request as queued for upstream until the value is dropped.
    pub fn upstream_waiting(&self) -> Meanwhile<'_> {
        Meanwhile::new(&self.upstream_waiting)
    }

    /// Counts a retry.
    pub fn upstream_repeated(&self, why: RepeatReason) {
        self.repeats[why as usize].add(1);
    }

    /// Counts a client's connection that could not be accepted, and logs the error once in a while.
    pub fn not_accepted(&self, error: &io::Error) {
        self.not_accepted.add(1);
        if let Some(untold) = self.untold.now() {
            tracing::warn!(%error, untold, "a connection could not be accepted");
        }
    }

    /// Counts a client's connection that was closed to make room for another.
    pub fn dismissed(&self) {
        self.dismissed.add(1);
    }

    /// Counts a client's TLS handshake that failed.
    pub fn not_secured(&self, reason: Reason) {
        self.not_secured[reason as usize].add(1);
    }

    /// Counts a request whose head was refused.
    pub fn refused_head(&self, reject: HeadReject) {
        self.refused_heads.0[reject as usize].add(1);
    }

    /// Counts a call of the old door that did not come before the date that makes strangers.
    pub fn stranger(&self) {
        self.strangers.add(1);
    }

    /// Counts a request that has been answered.
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
