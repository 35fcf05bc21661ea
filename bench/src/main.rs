//! Measures mesigate side by side with nginx and `HAProxy`. `bench/run` builds and starts it; docs/benchmarks.md
//! says what is measured, and has the results.

mod backend;
mod certificate;
mod check;
mod cores;
mod experiment;
mod http;
mod load;
mod options;
mod plan;
mod poll;
mod ports;
mod process;
mod rig;
mod scenario;
mod stats;
mod stop;
mod subject;
mod turn;
mod upstream;
mod usage;

use anyhow::Result;
use clap::Parser;
use rustix::thread::set_current_timer_slack;

use rig::Rig;

#[derive(Parser)]
enum Command {
    Upstream(upstream::Options),
    Run(options::Options),
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
    let rig = Rig::new(options)?;
    for experiment in plan::experiments(options) {
        let outcome = experiment.run(&rig)?;
        println!("{} {}", outcome.experiment.name, outcome.experiment.title);
        for (kind, _) in &outcome.series {
            let get = |number: fn(&turn::Sample) -> f64| outcome.spread(*kind, number).map_or(0.0, |s| s.median);
            let ratio = outcome.to_nginx(*kind, |s| s.cpu);
            println!(
                "{:12} rps {:7.0} cpu {:5.1} user {:5.1} busy {:.2} p50 {:6.0} p99 {:6.0} p999 {:6.0} rss {} {:?}",
                kind.name(), get(|s| s.rate), get(|s| s.cpu), get(|s| s.user), get(|s| s.busy), get(|s| s.p50), get(|s| s.p99), get(|s| s.p999),
                outcome.of(*kind).unwrap().last().unwrap().memory.rss, ratio
            );
        }
    }
    Ok(())
}
