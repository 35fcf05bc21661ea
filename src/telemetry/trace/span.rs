//! A request's place in its trace, and what it has asked of upstream so far.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use smallvec::SmallVec;
use tokio::time::Instant;

use super::chance::Chance;
use super::context::Context;

/// How many times of asking upstream are kept of a request; further ones are only counted in the next one's number.
const MOST_ATTEMPTS: usize = 8;

/// A request that is, or may become, part of a trace. It is shared by the request and by what it asks of upstream, which
/// may outlast it.
pub struct Span {
    /// Its own place.
    pub own: Context,
    /// The caller's span, if the caller sent a valid one.
    pub parent: Option<u64>,
    /// The caller's `tracestate`, to be passed on beside the trace; empty if there is none.
    pub state: Vec<u8>,
    /// When the request's head was whole.
    pub at: Instant,
    ids: Chance,
    stage: Mutex<Stage>,
    late: Arc<dyn TakesLate>,
}

/// How far a request has come.
#[expect(clippy::large_enum_variant, reason = "a request begins in the large one")]
enum Stage {
    /// It is under way.
    Open(Attempts),
    /// It is over, and began then, since 1970.
    Kept(Duration),
    /// It is over, and nothing of it is kept.
    Gone,
}

/// What was asked of upstream for a request that was over before the answer came, such as a fresh answer in place of a stale
/// one.
pub struct Late {
    /// The request's place.
    pub own: Context,
    /// When the request's head was whole, since 1970.
    pub at: Duration,
    /// What was asked.
    pub attempt: Attempt,
}

/// Takes what comes late.
pub trait TakesLate: Send + Sync {
    /// Takes it.
    fn take_late(&self, late: Late);
}

/// What has been asked of upstream, in order.
pub type Attempts = SmallVec<[Attempt; 2]>;

/// Whom spans name as the one who was asked.
pub struct Host {
    /// Its address without a query, as the settings have it.
    pub url: String,
    /// Its name.
    pub name: String,
    /// Its port.
    pub port: u16,
}

/// One time that upstream was asked.
pub struct Attempt {
    /// Its span's id.
    pub id: u64,
    /// How long after the request's head it began.
    pub after: Duration,
    /// How long it took.
    pub took: Duration,
    /// The HTTP status that came, if one did.
    pub status: Option<u16>,
    /// Why there is no answer, as the refusal's label, if there is none.
    pub fault: Option<&'static str>,
    /// Whether the connection had served another request before.
    pub is_reused: bool,
    /// The other end of the connection.
    pub peer: Option<SocketAddr>,
    /// Who was asked.
    pub host: Arc<Host>,
}

impl Span {
    /// A span with this place; the ids of what it asks come from `seed`.
    #[must_use]
    pub fn new(
        (own, parent): (Context, Option<u64>),
        state: Vec<u8>,
        at: Instant,
        seed: u64,
        late: Arc<dyn TakesLate>,
    ) -> Self {
        let open = Mutex::new(Stage::Open(Attempts::new()));
        Self { own, parent, state, at, ids: Chance::of(seed), stage: open, late }
    }

    /// The place of the next time that upstream is asked.
    #[must_use]
    pub fn next(&self) -> Context {
        Context { span: self.ids.next(), ..self.own }
    }

    /// Notes that upstream was asked.
    pub fn asked(&self, attempt: Attempt) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *stage {
            Stage::Open(attempts) if attempts.len() < MOST_ATTEMPTS => attempts.push(attempt),
            Stage::Kept(at) => self.late.take_late(Late { own: self.own, at: *at, attempt }),
            Stage::Open(_) | Stage::Gone => {}
        }
    }

    /// Takes what has been asked so far, of a request that is over and began then, since 1970.
    #[must_use]
    pub fn take(&self, at: Duration) -> Attempts {
        match self.become_of(Stage::Kept(at)) {
            Stage::Open(attempts) => attempts,
            Stage::Kept(_) | Stage::Gone => Attempts::new(),
        }
    }

    /// Forgets a request that is over.
    pub fn forget(&self) {
        self.become_of(Stage::Gone);
    }

    fn become_of(&self, stage: Stage) -> Stage {
        std::mem::replace(&mut *self.stage.lock().unwrap_or_else(PoisonError::into_inner), stage)
    }
}
