//! Caches answers to reads: one entry for both doors, never one for two real tokens. The caller is identified by the
//! real token, whichever app or key stands for it; answers for a token that is not known ([`KnownTokens`]) are not
//! cached.
//!
//! A read notes the generations of its token and its group when it starts. They are part of the key by which it looks
//! up entries, joins a fill, and stores. A write moves them before it is sent and again when it has ended, so that
//! whatever was begun before a write's answer has a key for which no later read asks. No write has to search for the
//! entries that it ends.
//!
//! A fill runs in a task of its own, so that a waiting caller may leave. The fill must have its own deadline.

mod clock;
mod derived;
mod flight;
mod generations;
mod shelf;
mod slot;
mod store;
mod terms;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use clock::{Clock, MonotonicClock};
pub use derived::Derived;
pub use generations::Write;
pub use terms::{Filled, Provenance, ReadKey, Served, Touches};

use crate::config::Kept;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::known::KnownTokens;
use crate::protocol::reject::Reject;
use flight::{Boarded, Boarding, Flights, Landing};
use generations::Generations;
use slot::CacheSlot;
use store::{KeptAnswer, Store};

/// The cache, shared by all workers: a clone is another handle.
#[derive(Clone)]
pub struct Cache {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Kept,
    clock: Arc<dyn Clock>,
    generations: Arc<Generations>,
    store: Store,
    flights: Arc<Flights>,
}

impl Cache {
    /// An empty cache; only answers for `known` tokens are cached.
    #[must_use]
    pub fn new(settings: Kept, clock: Arc<dyn Clock>, known: Arc<KnownTokens>) -> Self {
        Self::with(settings, clock, Arc::new(Generations::new(known)))
    }

    /// The cache after a reload: this one if neither its settings nor the protocol and upstreams (`same_ground`) have
    /// changed, otherwise an empty one. Generations are kept in any case, because writes that began before the reload
    /// end after it.
    #[must_use]
    pub fn reloaded(&self, settings: Kept, same_ground: bool) -> Self {
        if same_ground && settings == self.inner.settings {
            return self.clone();
        }
        Self::with(settings, self.inner.clock.clone(), self.inner.generations.clone())
    }

    fn with(settings: Kept, clock: Arc<dyn Clock>, generations: Arc<Generations>) -> Self {
        let store = Store::new(&settings);
        let inner = Inner { settings, clock, generations, store, flights: Arc::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Notes that a write is about to be sent. Keep the guard until upstream has answered or failed, or the gateway has
    /// given up, and drop it **before** the caller gets the answer.
    pub fn write(&self, app: Fingerprint, touches: Touches) -> Write {
        Write::begin(&self.inner.generations, app, &touches)
    }

    /// The size of all entries, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.inner.store.bytes()
    }

    /// The number of entries.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.inner.store.entries()
    }

    /// Answers a read from an entry, from a fill that is under way, or from `fill`, which runs at most once, and to its
    /// end even if the caller leaves. Must be called on a tokio runtime.
    ///
    /// # Errors
    /// The error of the fill, if no entry may be served instead; [`Reject::Internal`] if the fill panicked.
    pub async fn read<F, Fut>(&self, key: ReadKey, fill: F) -> Result<Served, Reject>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Filled, Reject>> + Send + 'static,
    {
        self.read_or(key, || fill).await
    }

    /// Answers a read as [`Cache::read`] does; `prepare` makes the fill, and is called only if no fresh entry answers.
    ///
    /// # Errors
    /// Those of [`Cache::read`].
    pub async fn read_or<F, Fut>(&self, key: ReadKey, prepare: impl FnOnce() -> F) -> Result<Served, Reject>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Filled, Reject>> + Send + 'static,
    {
        let generation = self.inner.generations.at(key.app, &key.group);
        let (slot, count) = CacheSlot::of(key, generation);
        match self.inner.known(&slot, count, self.inner.settings.stale_while_revalidate) {
            Some(served) => {
                if served.state == Provenance::Stale {
                    // One refill for all reads, in the background.
                    drop(self.board(&slot, count, prepare()));
                }
                Ok(served)
            }
            None => self.fetch(slot, count, prepare()).await,
        }
    }

    async fn fetch<F, Fut>(&self, slot: CacheSlot, count: Option<u64>, mut fill: F) -> Result<Served, Reject>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Filled, Reject>> + Send + 'static,
    {
        loop {
            let (seat, unused) = match self.board(&slot, count, fill) {
                Aboard::Landed(served) => return Ok(served),
                Aboard::Began(seat) => (seat, None),
                Aboard::Joined(seat, fill) => (seat, Some(fill)),
            };
            let result = match (seat.landed().await, unused) {
                (Some(result), _) => result,
                // The filling thread has ended: this read fills, or joins the next that does.
                (None, Some(unused)) => {
                    fill = unused;
                    continue;
                }
                (None, None) => Err(Reject::Internal),
            };
            return self.inner.served(&slot, count, result);
        }
    }

    /// Joins a sufficient fill, or begins one.
    fn board<F, Fut>(&self, slot: &CacheSlot, count: Option<u64>, fill: F) -> Aboard<F>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output = Result<Filled, Reject>> + Send + 'static,
    {
        // A fill may have ended just now: its entry is looked up last, so that it is not missed.
        let landed = || self.inner.known(slot, count, Duration::ZERO);
        match self.inner.flights.board(slot, count, landed) {
            Boarding::Landed(served) => Aboard::Landed(served),
            Boarding::Joined(seat) => Aboard::Joined(seat, fill),
            Boarding::Began(seat, landing) => {
                tokio::spawn(self.inner.clone().carry(landing, fill));
                Aboard::Began(seat)
            }
        }
    }
}

/// How a read got its fill.
enum Aboard<F> {
    Landed(Served),
    Began(Boarded),
    Joined(Boarded, F),
}

impl Inner {
    /// Runs a fill to its end, stores a cacheable answer, and wakes all waiting reads.
    async fn carry<F, Fut>(self: Arc<Self>, landing: Landing, fill: F)
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Filled, Reject>>,
    {
        let since = self.clock.now();
        let result = fill().await;
        if let Ok(filled) = &result
            && let Some(slot) = self.to_keep(landing.slot())
        {
            let entry = KeptAnswer::new(&filled.bytes, landing.count(), since);
            self.store.settle(&slot, entry, filled.keep);
        }
        landing.land(result);
    }

    /// The slot under which a fill's answer may be cached.
    fn to_keep(&self, slot: &CacheSlot) -> Option<CacheSlot> {
        let generation = self.generations.to_keep(slot.app, &slot.group, slot.generation)?;
        Some(slot.under(generation))
    }

    fn served(
        &self,
        slot: &CacheSlot,
        count: Option<u64>,
        result: Result<Filled, Reject>,
    ) -> Result<Served, Reject> {
        match result {
            Ok(Filled { status, bytes, .. }) => {
                Ok(Served { status, bytes, derived: None, state: Provenance::Miss, age: Duration::ZERO })
            }
            Err(reject) => self.known(slot, count, self.settings.stale_if_error).ok_or(reject),
        }
    }

    /// An entry with enough rows that is fresh, or stale for less than `beyond`.
    fn known(&self, slot: &CacheSlot, count: Option<u64>, beyond: Duration) -> Option<Served> {
        let entry = self.store.get(slot).filter(|entry| entry.count >= count)?;
        let age = self.clock.now().saturating_sub(entry.since);
        let fresh = self.settings.fresh;
        let state = if age < fresh { Provenance::Hit } else { Provenance::Stale };
        let derived = (entry.count == count).then_some(entry.derived);
        let served = Served { status: 200, bytes: entry.bytes, derived, state, age };
        (age < fresh.saturating_add(beyond)).then_some(served)
    }
}
