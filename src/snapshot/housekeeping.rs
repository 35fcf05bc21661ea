//! A background thread for work that no request should wait for.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::ledger::keeper::Keeper;
use crate::snapshot::Snapshot;
use crate::snapshot::reload::Reloader;
use crate::telemetry::history::History;

/// How often the history gets a point and the ledger is summed: what is new is written as soon.
const SUMS: Duration = Duration::from_secs(1);

/// The thread, until it is stopped.
pub struct Housekeeping {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Housekeeping {
    /// Starts the thread: it checks the settings' files, refreshes secrets and limits, notes the history and sums the
    /// ledger, each at its own interval.
    ///
    /// # Errors
    /// A sentence, if the thread cannot be started.
    // Benchmarks count the instructions of a request from this call on, so it must be a function in every build.
    #[inline(never)]
    pub fn start(
        current: Arc<ArcSwap<Snapshot>>,
        reloader: Arc<Reloader>,
        history: Arc<History>,
    ) -> Result<Self, String> {
        let (stop, stopped) = mpsc::channel();
        let keep = move || {
            let (mut kept, mut looked) = (Instant::now(), Instant::now());
            let ledger = current.load().ledger.clone();
            loop {
                let (interval, looking) = intervals(&current);
                let looks = looking.map(|looking| looked + looking);
                let next = looks.into_iter().fold((kept + interval).min(Instant::now() + SUMS), Instant::min);
                let wait = next.saturating_duration_since(Instant::now());
                if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
                    // The workers have ended: nothing comes behind this.
                    ledger.inspect(|ledger| ledger.finish());
                    return;
                }
                history.tick(since_1970().as_secs());
                if let Some(ledger) = &ledger {
                    tell_of_time(ledger, &current.load());
                    ledger.tick(Instant::now());
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

/// Tells the ledger what the time has brought: windows of brownouts, and the date from which strangers are none of ours.
pub fn tell_of_time(ledger: &Keeper, snapshot: &Snapshot) {
    let now = Moment(since_1970().as_secs());
    let since = snapshot.config.migration.strangers.from.filter(|from| *from <= now);
    ledger.tell_strangers(since.map(|Moment(since)| since));
    if !snapshot.policies.brownouts.is_empty() {
        ledger.begin(&snapshot.policies.brownouts.running(now));
    }
}

/// The interval for secrets and limits, and the one for files, if they are checked.
fn intervals(current: &ArcSwap<Snapshot>) -> (Duration, Option<Duration>) {
    let current = current.load();
    let looking = current.config.reload_interval;
    (current.config.keys.interval, (!looking.is_zero()).then_some(looking))
}
