//! All experiments, in their order.

use crate::experiment::Experiment;
use crate::options::Options;
use crate::scenario::Scenario;

const CLIENTS: usize = 64;

/// The experiments that the options select.
pub fn experiments(options: &Options) -> Vec<Experiment> {
    let mut all: Vec<Experiment> = Scenario::all().into_iter().map(full_load).collect();
    all.extend([1, 10, 100, 1000].map(connections));
    all.extend([2_000, 5_000].map(constant_rate));
    all.push(two_workers());
    all.retain(|experiment| options.wants(experiment.group));
    all
}

fn full_load(scenario: Scenario) -> Experiment {
    Experiment {
        group: scenario.name,
        name: scenario.name.into(),
        title: scenario.title.into(),
        scenario,
        clients: CLIENTS,
        rate: None,
        workers: 1,
    }
}

fn connections(clients: usize) -> Experiment {
    Experiment {
        group: "S6",
        name: format!("S6-{clients}"),
        title: format!("S1 with {clients} client connection{}", if clients == 1 { "" } else { "s" }),
        clients,
        ..full_load(Scenario::first())
    }
}

fn constant_rate(rate: u32) -> Experiment {
    Experiment {
        group: "rates",
        name: format!("S1-rate-{rate}"),
        title: format!("S1 at a constant {rate} requests a second"),
        rate: Some(rate),
        ..full_load(Scenario::first())
    }
}

fn two_workers() -> Experiment {
    Experiment {
        group: "two-workers",
        name: "S1-two-workers".into(),
        title: "S1 on two workers".into(),
        workers: 2,
        ..full_load(Scenario::first())
    }
}
