//! Decides which requests are sampled, before anything is made for them, and keeps what they leave in a ring.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crossbeam_queue::ArrayQueue;
use ipnet::IpNet;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

use super::chance::Chance;
use super::context::Context;
use super::record::{Record, is_fault};
use super::span::{Late, Span, TakesLate};
use crate::config::{Accept, Config, TraceConfig};
use crate::protocol::reject::Label;

/// How many requests of one worker wait to be sent. The oldest gives way to a new one, and is counted.
const ROOM: usize = 1024;
/// The longest `tracestate` that is passed on, in bytes: propagators must take 512 (Trace Context, section 3.3.1.5).
const MOST_STATE: usize = 512;

/// What one worker's sampled requests have left.
pub struct Ring {
    all: ArrayQueue<Left>,
    lost: AtomicU64,
    /// Rung for whoever empties it, so that nobody looks while nothing is there.
    bell: Notify,
}

/// What a worker leaves.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are of the large kind, and none may take memory of its own"
)]
pub enum Left {
    /// A request that is over.
    Request(Record),
    /// What came after its request was over.
    Late(Late),
}

impl TakesLate for Ring {
    fn take_late(&self, late: Late) {
        self.leave(Left::Late(late));
    }
}

impl Default for Ring {
    fn default() -> Self {
        Self { all: ArrayQueue::new(ROOM), lost: AtomicU64::new(0), bell: Notify::new() }
    }
}

impl Ring {
    fn leave(&self, left: Left) {
        if let Some(oldest) = self.all.force_push(left) {
            let spans = match oldest {
                Left::Request(record) => 1 + record.attempts.len() as u64,
                Left::Late(_) => 1,
            };
            self.lost.fetch_add(spans, Relaxed);
        }
        self.bell.notify_one();
    }

    /// Ready when something has been left since the last time.
    pub fn heard(&self) -> Notified<'_> {
        self.bell.notified()
    }

    /// Takes the oldest.
    #[must_use]
    pub fn take(&self) -> Option<Left> {
        self.all.pop()
    }

    /// How many spans had no room.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }
}

/// What became of all spans.
#[derive(Default)]
pub struct Sent {
    taken: AtomicU64,
    failed: AtomicU64,
    lost: AtomicU64,
}

impl Sent {
    /// Notes how many spans the collector has taken, and how many it has not.
    pub fn came(&self, taken: u64, failed: u64) {
        self.taken.fetch_add(taken, Relaxed);
        self.failed.fetch_add(failed, Relaxed);
    }

    /// Notes how many spans had no room in all rings so far.
    pub fn lost(&self, lost: u64) {
        self.lost.store(lost, Relaxed);
    }

    /// The numbers by their names in metrics.
    #[must_use]
    pub fn states(&self) -> [(&'static str, u64); 3] {
        [
            ("sent", self.taken.load(Relaxed)),
            ("dropped", self.lost.load(Relaxed)),
            ("failed", self.failed.load(Relaxed)),
        ]
    }
}

/// What a request brings along for its trace.
pub struct Brought<'b> {
    /// `traceparent`.
    pub parent: Option<&'b [u8]>,
    /// Every `tracestate`, in order.
    pub state: &'b [&'b [u8]],
    /// The socket's peer.
    pub peer: IpAddr,
    /// When the request's head was whole.
    pub at: Instant,
}

/// One worker's part in traces.
pub struct Tracer {
    /// What its sampled requests have left.
    pub ring: Arc<Ring>,
    chance: Chance,
    /// Below which number the lower half of a trace's id must be.
    below: u64,
    settings: TraceConfig,
    trusted: Vec<IpNet>,
}

impl Tracer {
    /// The tracer of one worker; `None` where there are no traces.
    #[must_use]
    pub fn new(config: &Config) -> Option<Self> {
        let settings = config.trace.clone();
        settings.endpoint.as_ref()?;
        Some(Self {
            ring: Arc::default(),
            chance: Chance::default(),
            below: below(settings.ratio),
            settings,
            trusted: config.listen.trusted_proxies.clone(),
        })
    }

    /// The span of a request that is sampled, that may be kept afterwards, or whose caller's trace goes on.
    #[must_use]
    pub fn begin(&self, brought: &Brought<'_>) -> Option<Arc<Span>> {
        let parent = brought.parent.filter(|_| self.takes(brought.peer)).and_then(Context::read);
        if parent.is_none() && self.below == 0 && !self.is_kept_afterwards() {
            return None;
        }
        let trace = parent.map_or_else(|| self.chance.next_long(), |parent| parent.trace);
        let sampled = match parent {
            Some(parent) if self.settings.follow => parent.sampled,
            _ => is_below(trace, self.below),
        };
        if !sampled && !self.is_kept_afterwards() && parent.is_none() {
            return None;
        }
        let own = Context { trace, span: self.chance.next(), sampled };
        let state = if parent.is_some() { joined(brought.state) } else { Vec::new() };
        let place = (own, parent.map(|parent| parent.span));
        Some(Arc::new(Span::new(place, state, brought.at, self.chance.next(), self.ring.clone())))
    }

    /// Whether a request that has ended so is kept.
    #[must_use]
    pub fn keeps(&self, span: &Span, label: Label, took: Duration) -> bool {
        let is_slow = self.settings.slow.is_some_and(|slow| took >= slow);
        span.own.sampled || is_slow || (self.settings.errors && is_fault(label))
    }

    /// Leaves the record of a request that is kept.
    pub fn leave(&self, record: Record) {
        self.ring.leave(Left::Request(record));
    }

    /// Whether spans have the client's address.
    #[must_use]
    pub fn tells_client(&self) -> bool {
        self.settings.client
    }

    fn is_kept_afterwards(&self) -> bool {
        self.settings.errors || self.settings.slow.is_some()
    }

    fn takes(&self, peer: IpAddr) -> bool {
        match self.settings.accept {
            Accept::Any => true,
            Accept::Trusted => self.trusted.iter().any(|net| net.contains(&peer)),
            Accept::Nobody => false,
        }
    }
}

/// The number below which the lower 63 bits of an id are for this share of all ids.
fn below(ratio: f64) -> u64 {
    /// Two to the power of 63.
    const ALL: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a ratio is from 0 to 1")]
    let below = (ratio.clamp(0.0, 1.0) * ALL) as u64;
    below
}

/// Whether an id is of the share: by its lower half, which is random in ids of any origin (the sampler `TraceIdRatioBased` of
/// OpenTelemetry's specification decides by the id alone, so that all services decide alike).
fn is_below(trace: u128, below: u64) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    let lower = trace as u64;
    lower >> 1 < below
}

/// Every value of `tracestate` as one (section 3.3.1.1); nothing if it is too long, since a part of it could mislead.
fn joined(all: &[&[u8]]) -> Vec<u8> {
    let joined = all.join(&b","[..]);
    if joined.len() <= MOST_STATE { joined } else { Vec::new() }
}
