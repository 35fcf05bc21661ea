//! One question: a scenario, how it is asked, and what each subject showed in every round.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::awake::Awake;
use crate::backend::Backend;
use crate::check;
use crate::load::Plan;
use crate::rig::{Rig, progress};
use crate::scenario::{Door, Scenario};
use crate::stats::Spread;
use crate::stop;
use crate::subject::{Kind, Subject};
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
    /// Whether the cores were kept from sleeping meanwhile.
    pub awake: bool,
}

impl Experiment {
    /// Whether it is a scenario at full load, as the picture shows them.
    pub fn is_plain(&self) -> bool {
        self.name == self.scenario.name
    }

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
        let players = self.players(rig, &backend, &dir)?;
        let mut series: Vec<_> = players.iter().map(|(subject, _)| (subject.kind, Vec::new())).collect();
        let awake = self.rate.and_then(|_| Awake::keep().ok());
        // One answer in a hundred is few answers at a constant rate, and they differ much from turn to turn: by ten
        // times on a busy host.
        let rounds = if self.rate.is_some() { 4 * rig.rounds } else { rig.rounds };
        for round in 0..rounds {
            progress(&self.name, round, rounds);
            for turn in 0..players.len() {
                let place = (round + turn) % players.len();
                series[place].1.push(self.turn(rig, &players[place])?);
            }
        }
        drop(players);
        drop(backend);
        fs::remove_dir_all(dir)?;
        Ok(Outcome { experiment: self, series, awake: awake.is_some() })
    }

    /// All subjects, started and checked, each with the bytes behind the head of its answers.
    fn players(&self, rig: &Rig, backend: &Backend, dir: &Path) -> Result<Vec<Player>> {
        let purpose = rig.purpose(backend.address, self.scenario.door, self.workers, self.clients);
        let mut players = Vec::new();
        for &kind in rig.kinds() {
            if kind == Kind::Direct && self.scenario.door == Door::FormTls {
                continue; // The load speaks no TLS.
            }
            backend.asked()?;
            let dir = dir.join(kind.name().replace([' ', '+'], ""));
            let subject = Subject::start(kind, &purpose, &dir, &self.scenario.request)?;
            let tail = check::check(&subject, &self.scenario, backend, backend.asked()?)?;
            players.push((subject, tail));
        }
        Ok(players)
    }

    fn turn(&self, rig: &Rig, (subject, tail): &Player) -> Result<Sample> {
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
        turn::take(subject, plan).with_context(|| format!("{} in its turn", subject.kind.name()))
    }
}

type Player = (Subject, Vec<u8>);

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

    /// The same number divided by that of nginx in the same round.
    pub fn to_nginx(&self, kind: Kind, number: impl Fn(&Sample) -> f64) -> Option<Spread> {
        let pairs = self.of(kind)?.iter().zip(self.of(Kind::Nginx)?);
        Spread::of(pairs.map(|(own, nginx)| number(own) / number(nginx)))
    }
}
