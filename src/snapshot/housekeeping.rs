//! A background thread for work that no request should wait for.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;

/// The thread, until it is stopped.
pub struct Housekeeping {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts the thread: it checks the settings' files, and refreshes secrets and limits, each at its own interval.
    ///
    /// # Errors
    /// A sentence, if the thread cannot be started.
    // Benchmarks count the instructions of a request from this call on, so it must be a function in every build.
    #[inline(never)]
    pub fn start(current: Arc<ArcSwap<Snapshot>>, reloader: Arc<Reloader>) -> Result<Self, String> {
        let (stop, stopped) = mpsc::channel();
        let keep = move || {
            let (mut kept, mut looked) = (Instant::now(), Instant::now());
            loop {
                let (interval, looking) = intervals(&current);
                let next = match looking {
                    Some(looking) => (kept + interval).min(looked + looking),
                    None => kept + interval,
                };
                let wait = next.saturating_duration_since(Instant::now());
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                if kept.elapsed() >= interval {
                    kept = Instant::now();
                    // `refresh` has logged what it found.
                    let _ = current.load().policies.refresh();
                    current.load().policies.brownouts.tell(Moment(since_1970().as_secs()));
                }
                if looking.is_some_and(|looking| looked.elapsed() >= looking) {
                    looked = Instant::now();
                    reloader.reload_if_changed();
                }
            }
        };
        let thread = std::thread::Builder::new().name("housekeeping".to_owned()).spawn(keep);
        let thread = thread.map_err(|error| format!("the thread housekeeping cannot be started: {error}"))?;
        Ok(Self { stop, thread })
    }

    /// Ends the thread, and waits until it has ended.
    pub fn stop(self) {
        drop(self.stop);
        let _ = self.thread.join();
    }
}

/// The interval for secrets and limits, and the one for files, if they are checked.
fn intervals(current: &ArcSwap<Snapshot>) -> (Duration, Option<Duration>) {
    let current = current.load();
    let looking = current.config.reload_interval;
    (current.config.keys.interval, (!looking.is_zero()).then_some(looking))
}
