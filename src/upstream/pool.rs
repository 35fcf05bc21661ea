//! Connections that rest between two requests: a stack of one worker's own, so that the one that
//! worked last works next and the others age.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::time::Instant;

/// A connection to upstream.
pub struct Handle {
    /// Sends one request at a time.
    pub sender: SendRequest<Full<Bytes>>,
    rests_since: Instant,
}

impl Handle {
    /// A fresh connection.
    #[must_use]
    pub fn new(sender: SendRequest<Full<Bytes>>) -> Self {
        Self { sender, rests_since: Instant::now() }
    }
}

/// The resting connections of one worker.
pub struct Pool {
    idle: Mutex<Vec<Handle>>,
    most: usize,
    timeout: Duration,
}

impl Pool {
    /// Keeps at most `most` connections, each for `timeout`.
    #[must_use]
    pub fn new(most: usize, timeout: Duration) -> Self {
        Self { idle: Mutex::new(Vec::new()), most, timeout }
    }

    /// The connection that was used last, if one is left that may still live.
    pub fn take(&self) -> Option<Handle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = idle.pop()?;
        if handle.rests_since.elapsed() > self.timeout {
            // It was the youngest.
            idle.clear();
            return None;
        }
        if handle.sender.is_closed() {
            idle.retain(|handle| !handle.sender.is_closed());
            return idle.pop().filter(|handle| handle.rests_since.elapsed() <= self.timeout);
        }
        Some(handle)
    }

    /// Lets a connection rest whose last answer was read to its end.
    pub fn put(&self, mut handle: Handle) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if handle.sender.is_closed() {
            return;
        }
        if idle.len() >= self.most {
            idle.remove(0);
        }
        handle.rests_since = Instant::now();
        idle.push(handle);
    }
}
