//! The stages of a shutdown, which all threads watch: first it is announced, then no connection is accepted.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

/// How far a shutdown has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// It has not begun.
    Serving,
    /// Requests are answered, `/readyz` says no, and every answer ends its connection.
    Announced,
    /// No connection is accepted any more. Open ones may bring one last request; then those without one end,
    /// and the others end with their answers.
    Ending,
}

impl Stage {
    /// The stage's name, as `GET /drain` shows it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Announced => "announced",
            Self::Ending => "ending",
        }
    }
}

/// The stage of the shutdown, for all threads; it never goes back.
pub struct Shutdown {
    stage: watch::Sender<Stage>,
    /// Whether the shutdown is announced, as an atomic that every request can read.
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

    /// A receiver of the stages to come.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Whether answers are to end their connections.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        self.is_leaving.load(Relaxed)
    }

    /// Since when the shutdown is announced; `None` if it is not.
    #[must_use]
    pub fn announced(&self) -> Option<Instant> {
        *self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces the shutdown; returns when it was first announced.
    pub fn announce(&self) -> Instant {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        let first = *since.get_or_insert_with(Instant::now);
        self.is_leaving.store(true, Relaxed);
        self.go(Stage::Announced);
        first
    }

    /// Moves to the last stage.
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
