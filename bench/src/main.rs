//! Measures mesigate side by side with nginx and HAProxy. `bench/run` builds and starts it; docs/benchmarks.md
//! says what is measured, and has the results.

mod awake;
mod backend;
mod certificate;
mod check;
mod cores;
mod experiment;
mod facts;
mod http;
mod load;
mod options;
mod plan;
mod poll;
mod ports;
mod process;
mod report;
mod results;
mod rig;
mod scenario;
mod starts;
mod stats;
mod stop;
mod subject;
mod targets;
mod ticks;
mod turn;
mod upstream;
mod usage;

use anyhow::Result;
use clap::Parser;
use rustix::thread::set_current_timer_slack;

use results::Results;

#[derive(Parser)]
enum Command {
    /// Measures everything and writes the results.
    Run(options::Options),
    /// Serves as upstream only, to try a proxy by hand.
    Upstream(upstream::Options),
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Upstream(options) => upstream::run(&options),
        Command::Run(options) => run(&options),
    }
}

fn run(options: &options::Options) -> Result<()> {
    stop::listen()?;
    // Requests are due at exact times, not up to 50 microseconds later.
    set_current_timer_slack(Some(std::num::NonZero::<u64>::MIN))?;
    let results = Results::measure(options)?;
    if options.train { Ok(()) } else { report::write(&results, options) }
}
