//! The cache against a simulated upstream: thousands of seeded interleavings, each checked against the promises. Time
//! is simulated too; a seed that fails once fails again.
//!
//! Several tasks read, write, leave and reload. The upstream has three tokens with two groups each; a group's state is
//! the number of writes that it has applied. Every answer names its group, its state and its time, so that each read
//! can be judged by what was known when it started. A caller has one of several names: a token, or a key of an app with
//! that token. Meanwhile the apps' secrets change, and tokens become known and unknown: proven by answers, refused,
//! pushed out, added to an app and removed from it.

mod actor;
mod answer;
mod chance;
mod judge;
mod names;
mod upstream;

use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use crate::config::Kept;
use crate::policy::cache::generations::{self, Generations};
use crate::policy::cache::{Cache, Clock};
use crate::policy::known::{KnownTokens, PROVEN_IDLE, Proven};
use chance::Chance;
use judge::{Judge, Promise, Seen};
use names::Names;
use upstream::Upstream;

const SEEDS: u64 = 10_000;
/// How many seeds may pass before a planted fault is seen.
const SEEDS_FOR_A_FAULT: u64 = 10_000;
const ACTORS: u64 = 5;
const THREADS: u64 = 4;

/// A fault planted in the cache or in its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The generations are wrong.
    Generations(generations::PlantedFault),
    /// The end of a write is not noted.
    EndOfWriteMissed,
    /// The caller gets a write's answer before the cache notes its end.
    AnsweredTooSoon,
    /// All tokens have one fingerprint.
    AppsMixed,
    /// A caller with a key is identified by its app's name instead of the app's token.
    KnownByName,
    /// An app is identified by its first token.
    KnownByFirstToken,
    /// Keys lack the group.
    GroupsMixed,
    /// The cache takes every read as one for all rows.
    CountsMixed,
    /// A shared answer holds the id of the caller whose read filled it.
    IdsShared,
    /// Failures are cached.
    FailuresKept,
    /// The cache's clock stands still.
    ClockStands,
    /// No read joins another's fill.
    NothingShared,
}

/// Each fault with a promise that it breaks.
const FAULTS: [(Fault, Promise); 16] = [
    (Fault::Generations(generations::PlantedFault::Ignored), Promise::WriteSeen),
    (Fault::Generations(generations::PlantedFault::ProvenMissed), Promise::WriteSeen),
    (Fault::Generations(generations::PlantedFault::StrangersMissed), Promise::WriteSeen),
    (Fault::Generations(generations::PlantedFault::TenureReturns), Promise::WriteSeen),
    (Fault::Generations(generations::PlantedFault::KeptUnseen), Promise::WriteSeen),
    (Fault::EndOfWriteMissed, Promise::WriteSeen),
    (Fault::AnsweredTooSoon, Promise::WriteSeen),
    (Fault::AppsMixed, Promise::Isolation),
    (Fault::KnownByName, Promise::WriteSeen),
    (Fault::KnownByFirstToken, Promise::Isolation),
    (Fault::GroupsMixed, Promise::Isolation),
    (Fault::CountsMixed, Promise::Rows),
    (Fault::IdsShared, Promise::OwnId),
    (Fault::FailuresKept, Promise::FailuresPass),
    (Fault::ClockStands, Promise::Bound),
    (Fault::NothingShared, Promise::OneFill),
];

/// One interleaving: the state that its tasks share.
struct World {
    fault: Fault,
    chance: Chance,
    began: Instant,
    upstream: Upstream,
    judge: Judge,
    known: Arc<KnownTokens>,
    names: Names,
    current: Mutex<Current>,
}

/// The current cache, with what the judge must know of it.
#[derive(Clone)]
struct Current {
    cache: Cache,
    settings: Kept,
    /// Counts the reloads that changed something.
    reloads: u64,
}

/// Simulated time, as the cache sees it.
struct Simulated {
    began: Instant,
    stands: bool,
}

impl Clock for Simulated {
    fn now(&self) -> Duration {
        if self.stands { Duration::ZERO } else { self.began.elapsed() }
    }
}

impl World {
    fn new(seed: u64, fault: Fault) -> Self {
        let began = Instant::now();
        let chance = Chance::new(seed);
        let settings = actor::settings(&chance);
        let known = Arc::new(KnownTokens::with(Proven::new(16, PROVEN_IDLE)));
        let generations = match fault {
            Fault::Generations(fault) => Generations::with_fault(known.clone(), fault),
            _ => Generations::new(known.clone()),
        };
        let clock = Arc::new(Simulated { began, stands: fault == Fault::ClockStands });
        let cache = Cache::with(settings, clock, Arc::new(generations));
        let current = Mutex::new(Current { cache, settings, reloads: 0 });
        let names = Names::new(&chance, known.clone());
        let (upstream, judge) = (Upstream::default(), Judge::default());
        Self { fault, chance, began, upstream, judge, known, names, current }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn current(&self) -> Current {
        self.current.lock().unwrap().clone()
    }

    /// Waits a random time, which may be zero.
    async fn pause(&self, most_seconds: u64) {
        for _ in 0..self.chance.below(3) {
            tokio::task::yield_now().await;
        }
        let seconds = self.chance.below(most_seconds + 1);
        if seconds > 0 {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
        }
    }
}

fn play(seed: u64, fault: Fault) -> Arc<World> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let world = Arc::new(World::new(seed, fault));
        let actors: Vec<_> = (0..ACTORS).map(|_| tokio::spawn(actor::act(world.clone()))).collect();
        for actor in actors {
            actor.await.unwrap();
        }
        world
    })
}

/// Plays seeds without a fault, and returns what was seen.
fn play_all(seeds: Range<u64>) -> Seen {
    let mut seen = Seen::default();
    for seed in seeds {
        let world = play(seed, Fault::None);
        let broken = world.judge.broken();
        assert!(broken.is_empty(), "seed {seed}: {broken:#?}");
        seen.add(&world.judge.seen());
    }
    seen
}

#[test]
fn every_interleaving_keeps_the_promises() {
    let part = SEEDS / THREADS;
    let parts = (0..THREADS).map(|number| number * part..(number + 1) * part);
    let threads: Vec<_> = parts.map(|seeds| thread::spawn(|| play_all(seeds))).collect();
    let mut seen = Seen::default();
    for thread in threads {
        seen.add(&thread.join().expect("no broken promise"));
    }
    // A model in which an event is rare would prove little.
    let Seen { hits, stale, stale_for_errors, misses, shared, errors, left } = seen;
    let rarest = [hits, stale, stale_for_errors, misses, shared, errors, left].into_iter().min();
    assert!(rarest > Some(SEEDS / 15), "{seen:?}");
}

#[test]
fn every_fault_is_found() {
    for (fault, promise) in FAULTS {
        let breaks = |seed: &u64| play(*seed, fault).judge.broken().iter().any(|broken| broken.0 == promise);
        let found = (0..SEEDS_FOR_A_FAULT).find(breaks);
        assert!(found.is_some(), "{SEEDS_FOR_A_FAULT} seeds do not show that {fault:?} breaks {promise:?}");
    }
}

#[test]
fn a_seed_plays_the_same_each_time() {
    for seed in 0..50 {
        let [first, second] = [(); 2].map(|()| play(seed, Fault::None).judge.seen());
        assert_eq!(first, second, "seed {seed}");
    }
}
