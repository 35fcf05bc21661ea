//! What can be asked for on the command line.

use std::path::PathBuf;

/// Measures everything and writes the results.
#[derive(clap::Args)]
pub struct Options {
    /// The gateway's program.
    #[arg(long)]
    pub gateway: PathBuf,
    /// What it was built from, for the results.
    #[arg(long)]
    pub commit: Option<String>,
    /// How often each subject has its turn in each experiment.
    #[arg(long, default_value_t = 12)]
    pub rounds: usize,
    /// How long a turn counts, in seconds; a quarter of it more goes before.
    #[arg(long, default_value_t = 1.0)]
    pub seconds: f64,
    /// Only these: S1, S1b, S2, S3, S4, S5, S6, S7, rates, two-workers, start.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Leaves out the constant rates.
    #[arg(long)]
    pub skip_rates: bool,
    /// Measures nothing: gives the gateway alone the work of all scenarios and ends it in order, so that a build
    /// that records a profile can write it.
    #[arg(long)]
    pub train: bool,
    /// Where the results go, with a picture beside; the page, if all was measured, else standard output.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

impl Options {
    /// Whether nothing was left out.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && !self.skip_rates
    }

    /// Whether an experiment was asked for.
    pub fn wants(&self, group: &str) -> bool {
        let named = self.only.is_empty() || self.only.iter().any(|name| name.eq_ignore_ascii_case(group));
        named && !(self.skip_rates && group == "rates")
    }
}
