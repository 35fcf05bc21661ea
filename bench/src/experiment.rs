//! One question: a scenario, how it is asked, and what each subject showed in every round.

use std::fs;

use anyhow::{Context, Result};

use crate::backend::Backend;
use crate::check;
use crate::load::Plan;
use crate::rig::Rig;
use crate::scenario::{Door, Scenario};
use crate::stats::Spread;
use crate::stop;
use crate::subject::{Kind, Purpose, Subject};
use crate::turn::{self, Sample};

/// A question.
pub struct Experiment {
    /// The name that `--only` takes.
    pub group: &'static str,
    /// A name of its own.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// What is asked.
    pub scenario: Scenario,
    /// By how many connections.
    pub clients: usize,
    /// Requests a second, or as many as there can be.
    pub rate: Option<u32>,
    /// Workers of each subject. With more than one, everything may run on all cores.
    pub workers: usize,
}

/// What came of it.
pub struct Outcome {
    /// The question.
    pub experiment: Experiment,
    /// For each subject a sample of each round, all in the order of the rounds.
    pub series: Vec<(Kind, Vec<Sample>)>,
}

impl Experiment {
    /// Starts everything, checks it, and lets the subjects take turns. Each round begins with another subject,
    /// so that nobody always has the place behind the same one.
    ///
    /// # Errors
    /// When a subject does not do what it must.
    pub fn run(self, rig: &Rig) -> Result<Outcome> {
        let name = self.name.clone();
        self.run_all(rig).with_context(|| format!("in {name}"))
    }

    fn run_all(self, rig: &Rig) -> Result<Outcome> {
        let dir = rig.fresh_dir(&self.name)?;
        let cores = rig.cores(self.workers);
        cores.load.enter()?;
        let tls = (self.scenario.door == Door::FormTls).then_some(&rig.certificate);
        let backend = Backend::start(&self.scenario.answer, tls, &dir, cores.load)?;
        let purpose = Purpose {
            gateway: &rig.gateway,
            upstream: backend.address,
            ca: &rig.certificate.ca,
            door: self.scenario.door,
            workers: self.workers,
            clients: self.clients,
            cores: cores.proxy,
        };
        let mut series = Vec::new();
        let mut subjects = Vec::new();
        for kind in Kind::ALL {
            if kind == Kind::Direct && tls.is_some() {
                continue; // The load speaks no TLS.
            }
            backend.asked()?;
            let dir = dir.join(kind.name().replace([' ', '+'], ""));
            let subject = Subject::start(kind, &purpose, &dir, &self.scenario.request)?;
            let tail = check::check(&subject, &self.scenario, &backend, backend.asked()?)?;
            subjects.push((subject, tail));
            series.push((kind, Vec::new()));
        }
        for round in 0..rig.rounds {
            eprint!("\r{}: round {} of {} ", self.name, round + 1, rig.rounds);
            for turn in 0..subjects.len() {
                let place = (round + turn) % subjects.len();
                let (subject, tail) = &subjects[place];
                stop::check()?;
                let plan = Plan {
                    address: subject.address,
                    request: &self.scenario.request,
                    tail,
                    connections: self.clients,
                    rate: self.rate,
                    warm_up: rig.warm_up,
                    length: rig.length,
                };
                let sample =
                    turn::take(subject, plan).with_context(|| format!("{} in its turn", subject.kind.name()))?;
                series[place].1.push(sample);
            }
        }
        eprintln!();
        drop(subjects);
        drop(backend);
        fs::remove_dir_all(dir)?;
        Ok(Outcome { experiment: self, series })
    }
}

impl Outcome {
    /// The samples of one subject.
    pub fn of(&self, kind: Kind) -> Option<&[Sample]> {
        let (_, samples) = self.series.iter().find(|(other, _)| *other == kind)?;
        Some(samples)
    }

    /// One number of one subject.
    pub fn spread(&self, kind: Kind, number: impl Fn(&Sample) -> f64) -> Option<Spread> {
        Spread::of(self.of(kind)?.iter().map(number))
    }

    /// The same number divided by nginx's, round by round.
    pub fn to_nginx(&self, kind: Kind, number: impl Fn(&Sample) -> f64) -> Option<Spread> {
        let pairs = self.of(kind)?.iter().zip(self.of(Kind::Nginx)?);
        Spread::of(pairs.map(|(own, nginx)| number(own) / number(nginx)))
    }
}
