//! One worker: what a thread of the gateway has of its own, and what it shares.

use std::sync::Arc;

use crate::apps::secret::Environment;
use crate::config::Config;
use crate::metrics::Cells;
use crate::ops::{AnswerPlan, Table};
use crate::policies::Policies;
use crate::upstream::Upstream;

/// What a request sees of the settings, from its start to its end.
pub struct Snapshot {
    /// The settings.
    pub config: Config,
    /// The protocol.
    pub table: Table,
    /// What any answer of the API has, for answers that are passed on as they are.
    pub envelope: AnswerPlan,
    /// Who calls, how often, and what is kept.
    pub policies: Policies,
}

impl Snapshot {
    /// Puts checked settings and a checked table together, with the policies that they ask for.
    ///
    /// # Errors
    /// A sentence for each secret that cannot be had.
    pub fn new(config: Config, table: Table, environment: Environment) -> Result<Self, Vec<String>> {
        let policies = Policies::load(&config, &table, environment)?;
        Ok(Self { config, table, envelope: AnswerPlan::envelope(), policies })
    }
}

/// A worker thread's own.
pub struct Worker {
    /// The settings and the protocol, shared.
    pub snapshot: Arc<Snapshot>,
    /// Its connections to each upstream, in the order of [`Config::upstreams`].
    pub upstreams: Vec<Arc<Upstream>>,
    /// Its counters.
    pub cells: Arc<Cells>,
}
