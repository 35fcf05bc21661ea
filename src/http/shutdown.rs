//! How serving ends: first nobody new is wanted, then nobody new is taken.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It has not begun.
    Serving,
    /// Requests are taken, `/readyz` says no, and every answer ends its connection.
    Announced,
    /// No connection is taken any more; those that there are may bring one last request, then those
    /// without one end, and the others with their answers.
    Ending,
}

impl Stage {
    /// Its name, as `GET /drain` tells it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Announced => "announced",
            Self::Ending => "ending",
        }
    }
}

/// The stage, for all threads. It only ever goes on.
pub struct Shutdown {
    stage: watch::Sender<Stage>,
    /// What the stage says, where a request asks.
    is_leaving: AtomicBool,
    since: Mutex<Option<Instant>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self {
            stage: watch::Sender::new(Stage::Serving),
            is_leaving: AtomicBool::new(false),
            since: Mutex::default(),
        }
    }
}

impl Shutdown {
    /// The stage now.
    #[must_use]
    pub fn stage(&self) -> Stage {
        *self.stage.borrow()
    }

    /// Sees every stage that is still to come.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Whether answers are to end their connections.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.is_leaving.load(Relaxed)
    }

    /// Announces the end; gives when it was first announced.
    pub fn announce(&self) -> Instant {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *since.get_or_insert_with(Instant::now);
        self.is_leaving.store(true, Relaxed);
        self.go(Stage::Announced);
        first
    }

    /// Ends serving.
    pub fn end(&self) {
        self.announce();
        self.go(Stage::Ending);
    }

    fn go(&self, to: Stage) {
        self.stage.send_if_modified(|stage| {
            let goes = *stage < to;
            *stage = to.max(*stage);
            goes
        });
    }
}
