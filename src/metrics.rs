//! Counters. Each worker has cells of its own, which nobody else writes; they are summed when
//! somebody looks. Labels come from closed sets only.

mod collect;
mod resilience;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::cache::State;
use crate::reject::Label;
use crate::retry::Why;
use crate::trail::{Door, Trail};

pub use collect::{Exposition, Fleet};

/// The upper bounds of the latency histogram, in seconds; what is slower falls beyond the last.
const BOUNDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// One worker's counters.
pub struct Cells {
    operations: usize,
    requests: Vec<Histogram>,
    upstream: Histogram,
    connected: AtomicU64,
    upstream_open: Arc<AtomicU64>,
    upstream_calls: Arc<AtomicU64>,
    upstream_waiting: Arc<AtomicU64>,
    repeats: [AtomicU64; Why::ALL.len()],
    dropped: AtomicU64,
    cache: [AtomicU64; State::ALL.len()],
    in_flight: Arc<AtomicU64>,
    connections: Arc<AtomicU64>,
    accepted: AtomicU64,
}

#[derive(Default)]
struct Histogram {
    buckets: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
}

/// Counts one thing that is there, until it is dropped.
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
    /// Counters for a table of this many operations.
    #[must_use]
    pub fn new(operations: usize) -> Self {
        // One more for requests whose operation the table does not have.
        let series = Door::ALL.len() * (operations + 1) * Label::ALL.len();
        Self {
            operations,
            requests: std::iter::repeat_with(Histogram::default).take(series).collect(),
            upstream: Histogram::default(),
            connected: AtomicU64::new(0),
            upstream_open: Arc::default(),
            upstream_calls: Arc::default(),
            upstream_waiting: Arc::default(),
            repeats: Default::default(),
            dropped: AtomicU64::new(0),
            cache: Default::default(),
            in_flight: Arc::default(),
            connections: Arc::default(),
            accepted: AtomicU64::new(0),
        }
    }

    /// A request is under way, until the value is dropped.
    pub fn in_flight(&self) -> Present {
        Present::new(&self.in_flight)
    }

    /// A client's connection is open, until the value is dropped.
    pub fn connection(&self) -> Present {
        self.accepted.fetch_add(1, Relaxed);
        Present::new(&self.connections)
    }

    /// A connection to upstream is open, until the value is dropped.
    pub fn upstream_connected(&self) -> Present {
        self.connected.fetch_add(1, Relaxed);
        Present::new(&self.upstream_open)
    }

    /// Upstream has a request, until the value is dropped.
    pub fn upstream_call(&self) -> Present {
        Present::new(&self.upstream_calls)
    }

    /// A request waits for its turn with upstream, until the value is dropped.
    pub fn upstream_waiting(&self) -> Present {
        Present::new(&self.upstream_waiting)
    }

    /// A request goes to upstream once more.
    pub fn upstream_repeated(&self, why: Why) {
        self.repeats[why as usize].fetch_add(1, Relaxed);
    }

    /// One request has its answer.
    pub fn count(&self, trail: &Trail, took: Duration) {
        self.requests[self.series(trail.door, trail.operation, trail.label)].add(took);
        if let Some(took) = trail.upstream {
            self.upstream.add(took);
        }
        if let Some((state, _)) = trail.cache {
            self.cache[state as usize].fetch_add(1, Relaxed);
        }
        if trail.dropped > 0 {
            self.dropped.fetch_add(trail.dropped as u64, Relaxed);
        }
    }

    fn series(&self, door: Door, operation: Option<usize>, label: Label) -> usize {
        let operation = operation.unwrap_or(self.operations);
        (door as usize * (self.operations + 1) + operation) * Label::ALL.len() + label as usize
    }
}

impl Histogram {
    fn add(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Relaxed);
    }
}
