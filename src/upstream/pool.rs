//! Connections to upstream, and the idle ones of one worker: a stack, so that the connection used last is used
//! next, and surplus ones reach their end.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::exchange::UpstreamConnection;
use crate::http::net::alarm::Alarm;
use crate::upstream::jitter::around;

/// How far a connection's age varies at random, in percent: those opened together must not end together.
const JITTER: u32 = 20;

/// A connection to upstream and its end. Dropping it closes it.
pub struct Handle {
    /// The connection.
    pub connection: UpstreamConnection,
    /// When the connection is too old.
    ends: Instant,
    /// When it has been idle for too long, or is too old.
    rests_until: Instant,
}

impl Handle {
    /// A fresh connection, to be used until it is about `age` old.
    #[must_use]
    pub fn new(connection: UpstreamConnection, age: Duration) -> Self {
        let ends = Instant::now() + around(age, JITTER);
        Self { connection, ends, rests_until: ends }
    }

    fn is_usable(&self, now: Instant) -> bool {
        self.rests_until > now && self.connection.stays()
    }
}

/// The idle connections of one worker.
pub struct Pool {
    idle: Arc<Mutex<Idle>>,
    most: usize,
    timeout: Duration,
}

#[derive(Default)]
struct Idle {
    handles: Vec<Handle>,
    /// Wakes the task that closes overdue connections, while there are idle ones.
    sweeper: Option<Waker>,
    /// When that task looks next.
    looks: Option<Instant>,
}

impl Pool {
    /// A pool of at most `most` connections, each kept idle for `timeout` and not beyond its age.
    #[must_use]
    pub fn new(most: usize, timeout: Duration) -> Self {
        Self { idle: Arc::default(), most, timeout }
    }

    /// The sound connection that was used last. One on which anything has arrived while idle is closed: an
    /// unrequested answer must not become the next request's.
    pub fn take(&self, now: Instant) -> Option<Handle> {
        let mut idle = lock(&self.idle);
        while let Some(mut handle) = idle.handles.pop() {
            if handle.is_usable(now) && handle.connection.is_quiet() {
                return Some(handle);
            }
        }
        None
    }

    /// Keeps an idle connection whose last answer was read to its end. Must be called on a runtime.
    pub fn put(&self, mut handle: Handle, now: Instant) {
        // Upstream's own limit comes first: a request sent while it closes the connection is lost.
        let rests = handle.connection.rests().map_or(self.timeout, |rests| rests.min(self.timeout));
        handle.rests_until = handle.ends.min(now + rests);
        if !handle.is_usable(now) || !handle.connection.holds_nothing() {
            return;
        }
        let mut idle = lock(&self.idle);
        if idle.handles.len() >= self.most {
            idle.handles.remove(0);
        }
        if let Some(sweeper) = &idle.sweeper {
            handle.connection.watch(&mut Context::from_waker(sweeper));
            // The task would look too late for this one.
            if idle.looks.is_some_and(|looks| handle.rests_until < looks) {
                sweeper.wake_by_ref();
            }
        } else {
            // A placeholder, until the task runs for the first time.
            idle.sweeper = Some(Waker::noop().clone());
            tokio::spawn(sweep(Arc::downgrade(&self.idle)));
        }
        idle.handles.push(handle);
    }
}

/// Closes connections that are idle for too long, and those on which something has arrived, also when no
/// request comes; ends when none is idle.
async fn sweep(idle: Weak<Mutex<Idle>>) {
    let mut alarm = Alarm::new(Instant::now());
    poll_fn(|cx| {
        while let Some(next) = idle.upgrade().and_then(|idle| swept(&idle, cx)) {
            ready!(alarm.poll(cx, next));
        }
        Poll::Ready(())
    })
    .await;
}

/// Closes what is overdue; returns when to look again, if any connection is left.
fn swept(idle: &Mutex<Idle>, cx: &mut Context<'_>) -> Option<Instant> {
    let mut idle = lock(idle);
    let now = Instant::now();
    idle.handles.retain_mut(|handle| handle.is_usable(now) && handle.connection.is_quiet());
    idle.handles.iter().for_each(|handle| handle.connection.watch(cx));
    let next = idle.handles.iter().map(|handle| handle.rests_until).min();
    idle.sweeper = next.map(|_| cx.waker().clone());
    idle.looks = next;
    next
}

fn lock(idle: &Mutex<Idle>) -> MutexGuard<'_, Idle> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
