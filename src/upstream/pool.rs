//! Connections, and those that rest between two requests: a stack of one worker's own, so that the
//! one that worked last works next and the others come to their end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::connect::Connected;
use crate::times::around;

/// How far chance moves a connection's end, in percent: those that were opened together must not end
/// together.
const JITTER: u32 = 20;

/// A connection to upstream. Dropping it closes it, whatever is under way on it.
pub struct Handle {
    /// What it is made of.
    pub connection: Connected,
    /// Too old from then on.
    ends: Instant,
    /// Idle for too long from then on, or too old.
    rests_until: Instant,
}

impl Handle {
    /// A fresh connection that gets about `age` old.
    #[must_use]
    pub fn new(connection: Connected, age: Duration) -> Self {
        let ends = Instant::now() + around(age, JITTER);
        Self { connection, ends, rests_until: ends }
    }

    fn is_usable(&self, now: Instant) -> bool {
        self.rests_until > now && !self.connection.sender.is_closed()
    }
}

/// The resting connections of one worker.
pub struct Pool {
    idle: Arc<Mutex<Idle>>,
    most: usize,
    timeout: Duration,
}

#[derive(Default)]
struct Idle {
    handles: Vec<Handle>,
    is_swept: bool,
}

impl Pool {
    /// Keeps at most `most` connections, each for `timeout` and not beyond its age.
    #[must_use]
    pub fn new(most: usize, timeout: Duration) -> Self {
        Self { idle: Arc::default(), most, timeout }
    }

    /// The connection that was used last, of those that are sound: none on which anything has come
    /// since. An answer that nobody asked for must not become the next request's.
    pub fn take(&self) -> Option<Handle> {
        let mut idle = lock(&self.idle);
        let now = Instant::now();
        while let Some(handle) = idle.handles.pop() {
            if handle.is_usable(now) && handle.connection.watch.is_quiet() {
                return Some(handle);
            }
        }
        None
    }

    /// Lets a connection rest whose last answer was read to its end. Must be called on a runtime.
    pub fn put(&self, mut handle: Handle) {
        let now = Instant::now();
        handle.rests_until = handle.ends.min(now + self.timeout);
        if !handle.is_usable(now) {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.handles.len() >= self.most {
            idle.handles.remove(0);
        }
        idle.handles.push(handle);
        if !idle.is_swept {
            idle.is_swept = true;
            tokio::spawn(sweep(Arc::downgrade(&self.idle)));
        }
    }
}

/// Closes what has rested too long even when no request comes; ends when nothing rests any more.
async fn sweep(idle: Weak<Mutex<Idle>>) {
    while let Some(next) = idle.upgrade().and_then(|idle| swept(&idle)) {
        sleep_until(next).await;
    }
}

/// When to look again, if there is anything to look at.
fn swept(idle: &Mutex<Idle>) -> Option<Instant> {
    let mut idle = lock(idle);
    let now = Instant::now();
    idle.handles.retain(|handle| handle.is_usable(now));
    let next = idle.handles.iter().map(|handle| handle.rests_until).min();
    idle.is_swept = next.is_some();
    next
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
