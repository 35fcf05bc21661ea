//! Everything that was measured, and where it goes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::experiment::Outcome;
use crate::facts::{Disturbance, Facts};
use crate::options::Options;
use crate::plan;
use crate::report;
use crate::rig::Rig;
use crate::starts::Starts;

const PAGE: &str = "docs/benchmarks.md";
const PICTURE: &str = "docs/benchmarks.svg";

/// A whole run.
pub struct Results {
    /// On what.
    pub facts: Facts,
    /// How often and how long: rounds, and seconds of a turn.
    pub turns: (usize, f64),
    /// What else the machine did meanwhile.
    pub disturbance: Disturbance,
    /// Each experiment.
    pub outcomes: Vec<Outcome>,
    /// The starts, if they were asked for.
    pub starts: Option<Starts>,
}

impl Results {
    /// Measures what was asked for.
    ///
    /// # Errors
    /// When anything goes wrong: half a run says nothing.
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

    /// Writes the page and its picture, or, where only some was measured, tells it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, options: &Options) -> Result<()> {
        let section = report::section(self);
        match &options.out {
            Some(file) => {
                fs::write(file, section).with_context(|| file.display().to_string())?;
                self.write_picture(&file.with_extension("svg"))
            }
            None if options.is_everything() => {
                let page = fs::read_to_string(PAGE).context(PAGE)?;
                fs::write(PAGE, report::replaced(&page, &section)?)?;
                self.write_picture(&PathBuf::from(PICTURE))
            }
            None => {
                print!("{section}");
                Ok(())
            }
        }
    }

    fn write_picture(&self, file: &Path) -> Result<()> {
        fs::write(file, report::picture(self)).with_context(|| file.display().to_string())
    }
}
