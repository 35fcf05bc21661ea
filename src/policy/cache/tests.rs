//! The cache's rules, one by one. Time is moved by hand; no test sleeps.

mod bounds;
mod counts;
mod errors;
mod model;
mod sharing;
mod strangers;
mod threads;
mod times;
mod writes;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::clock::FakeClock;
use super::{Cache, Filled, Provenance, ReadKey, Served, Touches};
use crate::config::Kept;
use crate::policy::fingerprint::Fingerprint;
use crate::policy::known::KnownTokens;
use crate::protocol::reject::Reject;

const APP: Fingerprint = Fingerprint(1);
const OTHER: Fingerprint = Fingerprint(2);
const DOWN: Reject = Reject::UpstreamDown("it is off");
const SETTINGS: Kept = Kept {
    fresh: seconds(10),
    stale_while_revalidate: seconds(20),
    stale_if_error: seconds(60),
    bytes: 1 << 20,
    entry_bytes: 1 << 16,
};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A cache with its clock, for two known tokens.
fn cache(settings: Kept) -> (Cache, Arc<FakeClock>) {
    let known = Arc::<KnownTokens>::default();
    known.settle([APP, OTHER]);
    let clock = Arc::new(FakeClock::default());
    (Cache::new(settings, clock.clone(), known), clock)
}

fn key() -> ReadKey {
    let (group, variant) = ("7".to_owned(), String::new());
    ReadKey { app: APP, upstream: 0, operation: 3, group, variant, count: None }
}

fn counted(count: u64) -> ReadKey {
    ReadKey { count: Some(count), ..key() }
}

fn group() -> Touches {
    Touches::Group(key().group)
}

type Brought = Result<Filled, Reject>;

fn brings(text: &'static str) -> impl FnOnce() -> std::future::Ready<Brought> + Send + 'static {
    || std::future::ready(Ok(Filled { status: 200, bytes: Bytes::from_static(text.as_bytes()), keep: true }))
}

fn fails() -> impl FnOnce() -> std::future::Ready<Brought> + Send + 'static {
    || std::future::ready(Err(DOWN))
}

fn refuses(text: &'static str) -> impl FnOnce() -> std::future::Ready<Brought> + Send + 'static {
    || std::future::ready(Ok(Filled { status: 200, bytes: Bytes::from_static(text.as_bytes()), keep: false }))
}

/// A read's answer and its state; an `Err` fails the test.
async fn read<F, Fut>(cache: &Cache, key: ReadKey, fill: F) -> (String, Provenance)
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = Brought> + Send + 'static,
{
    told(cache.read(key, fill).await)
}

fn told(result: Result<Served, Reject>) -> (String, Provenance) {
    let served = result.expect("an answer");
    (String::from_utf8(served.bytes.to_vec()).expect("text"), served.state)
}

fn error(result: Result<Served, Reject>) -> Reject {
    result.err().expect("an error")
}

fn is(text: &str, state: Provenance) -> (String, Provenance) {
    (text.to_owned(), state)
}

/// Runs background tasks until all of them wait.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

/// A slow upstream: it answers when a test lets it, and counts how often it was asked.
#[derive(Clone)]
struct Slow {
    asked: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Slow {
    fn new() -> Self {
        Self { asked: Arc::default(), gate: Arc::new(Semaphore::new(0)) }
    }

    fn fill(
        &self,
        brought: Brought,
    ) -> impl FnOnce() -> Pin<Box<dyn Future<Output = Brought> + Send>> + use<> {
        let Self { asked, gate } = self.clone();
        move || {
            asked.fetch_add(1, SeqCst);
            Box::pin(async move {
                gate.acquire().await.expect("an open gate").forget();
                brought
            })
        }
    }

    fn brings(
        &self,
        text: &'static str,
    ) -> impl FnOnce() -> Pin<Box<dyn Future<Output = Brought> + Send>> + use<> {
        self.fill(Ok(Filled { status: 200, bytes: Bytes::from_static(text.as_bytes()), keep: true }))
    }

    fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }

    /// Lets the oldest fill have its answer.
    fn answer(&self) {
        self.gate.add_permits(1);
    }
}

/// Polls a read once: it must have to wait.
async fn waits<F: Future + Unpin>(future: &mut F) {
    std::future::poll_fn(|context| {
        assert!(Pin::new(&mut *future).poll(context).is_pending(), "the read has to wait");
        Poll::Ready(())
    })
    .await;
}
