//! Connections, and those that rest between two requests: a stack of one worker's own, so that the
//! one that worked last works next and the others come to their end.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::time::Instant;

use super::exchange::UpstreamConnection;
use crate::http::net::alarm::Alarm;
use crate::upstream::jitter::around;

/// How far chance moves a connection's end, in percent: those that were opened together must not end
/// together.
const JITTER: u32 = 20;

/// A connection to upstream, and until when it is used. Dropping it closes it.
pub struct Handle {
    /// The connection.
    pub connection: UpstreamConnection,
    /// Too old from then on.
    ends: Instant,
    /// Idle for too long from then on, or too old.
    rests_until: Instant,
}

impl Handle {
    /// A fresh connection that gets about `age` old.
    #[must_use]
    pub fn new(connection: UpstreamConnection, age: Duration) -> Self {
        let ends = Instant::now() + around(age, JITTER);
        Self { connection, ends, rests_until: ends }
    }

    fn is_usable(&self, now: Instant) -> bool {
        self.rests_until > now && self.connection.stays()
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
    /// Who closes what has rested too long, while anything rests.
    sweeper: Option<Waker>,
    /// When it looks next.
    looks: Option<Instant>,
}

impl Pool {
    /// Keeps at most `most` connections, each for `timeout` and not beyond its age.
    #[must_use]
    pub fn new(most: usize, timeout: Duration) -> Self {
        Self { idle: Arc::default(), most, timeout }
    }

    /// The connection that was used last, of those that are sound: none on which anything has come
    /// since. An answer that nobody asked for must not become the next request's.
    pub fn take(&self, now: Instant) -> Option<Handle> {
        let mut idle = lock(&self.idle);
        while let Some(mut handle) = idle.handles.pop() {
            if handle.is_usable(now) && handle.connection.is_quiet() {
                return Some(handle);
            }
        }
        None
    }

    /// Lets a connection rest whose last answer was read to its end. Must be called on a runtime.
    pub fn put(&self, mut handle: Handle, now: Instant) {
        // What upstream says of its own patience comes first: what is sent into its end is lost.
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
            // It would look too late.
            if idle.looks.is_some_and(|looks| handle.rests_until < looks) {
                sweeper.wake_by_ref();
            }
        } else {
            // Until it runs for the first time.
            idle.sweeper = Some(Waker::noop().clone());
            tokio::spawn(sweep(Arc::downgrade(&self.idle)));
        }
        idle.handles.push(handle);
    }
}

/// Closes what has rested too long, and on what something has come, even when no request does; ends
/// when nothing rests any more.
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

/// When to look again, if there is anything to look at.
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
