//! One worker: what a thread of the gateway has of its own, and what it shares.

use std::sync::Arc;

use crate::config::Config;
use crate::metrics::Cells;
use crate::ops::{AnswerPlan, Table};
use crate::upstream::Upstream;

/// What a request sees of the settings, from its start to its end.
#[derive(Debug)]
pub struct Snapshot {
    /// The settings.
    pub config: Config,
    /// The protocol.
    pub table: Table,
    /// What any answer of the API has, for answers that are passed on as they are.
    pub envelope: AnswerPlan,
}

impl Snapshot {
    /// Puts checked settings and a checked table together.
    #[must_use]
    pub fn new(config: Config, table: Table) -> Self {
        Self { config, table, envelope: AnswerPlan::envelope() }
    }
}

/// A worker thread's own.
pub struct Worker {
    /// The settings and the protocol, shared.
    pub snapshot: Arc<Snapshot>,
    /// Its connections to upstream.
    pub upstream: Upstream,
    /// Its counters.
    pub cells: Arc<Cells>,
}
