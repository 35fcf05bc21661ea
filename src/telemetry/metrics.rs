//! Counters. Each worker has cells of its own, which nobody else changes, but where a connection is closed by
//! another thread; they are summed when somebody looks. Labels come from closed sets only.

mod count;
mod histogram;
mod requests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::policy::cache::State;
use crate::protocol::retry::Why;
use crate::telemetry::trail::Trail;

pub use count::{Count, Meanwhile};
use histogram::Histogram;
pub(crate) use histogram::{NoLabels, Sum};
pub(crate) use requests::Labels;
pub use requests::{Eras, Requests};

/// One worker's counters.
#[derive(Default)]
pub struct Cells {
    pub(crate) upstream: Histogram,
    pub(crate) connected: Count,
    pub(crate) upstream_open: Arc<AtomicU64>,
    pub(crate) upstream_calls: Count,
    pub(crate) upstream_waiting: Count,
    pub(crate) repeats: [Count; Why::ALL.len()],
    pub(crate) dropped: Count,
    pub(crate) cache: [Count; State::ALL.len()],
    pub(crate) in_flight: Count,
    pub(crate) connections: Arc<AtomicU64>,
    pub(crate) accepted: Count,
    pub(crate) not_accepted: Count,
    pub(crate) refused_heads: [Count; HEAD_STATUSES.len()],
}

/// The statuses with which a request's head is refused before anybody else sees it.
pub(crate) const HEAD_STATUSES: [u16; 8] = [400, 408, 414, 417, 421, 431, 501, 505];

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

impl Cells {
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
    pub fn upstream_repeated(&self, why: Why) {
        self.repeats[why as usize].add(1);
    }

    /// A client's connection could not be taken.
    pub fn not_accepted(&self) {
        self.not_accepted.add(1);
    }

    /// A request's head was refused with this status.
    pub fn refused_head(&self, status: u16) {
        if let Some(place) = HEAD_STATUSES.iter().position(|known| *known == status) {
            self.refused_heads[place].add(1);
        }
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
