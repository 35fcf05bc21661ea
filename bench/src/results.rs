//! All results of a run.

use anyhow::Result;

use crate::experiment::Outcome;
use crate::facts::{Disturbance, Facts};
use crate::options::Options;
use crate::plan;
use crate::rig::Rig;
use crate::starts::Starts;

/// A whole run.
pub struct Results {
    /// The machine and the versions.
    pub facts: Facts,
    /// Rounds, and seconds of a turn.
    pub turns: (usize, f64),
    /// What else the machine did meanwhile.
    pub disturbance: Disturbance,
    /// Each experiment.
    pub outcomes: Vec<Outcome>,
    /// The starts, if the options select them.
    pub starts: Option<Starts>,
}

impl Results {
    /// Measures what the options select.
    ///
    /// # Errors
    /// When anything fails, because half a run proves nothing.
    pub fn measure(options: &Options) -> Result<Self> {
        let rig = Rig::new(options)?;
        let facts = Facts::gather(&rig.gateway, options.commit.as_deref())?;
        let starts = options.wants("start").then(|| Starts::run(&rig)).transpose()?;
        let outcomes: Vec<Outcome> = plan::experiments(options)
            .into_iter()
            .map(|experiment| experiment.run(&rig))
            .collect::<Result<_>>()?;
        let disturbance = facts.disturbance()?;
        Ok(Self { facts, turns: (options.rounds, options.seconds), disturbance, outcomes, starts })
    }

    /// The experiment of this name.
    pub fn outcome(&self, name: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.experiment.name == name)
    }
}
