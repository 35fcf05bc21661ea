//! One experiment: a scenario, its load, and what each subject showed in every round.

use std::fs;
use std::path::Path;
use std::time::Duration;

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
use crate::turn::{self, Sample, Turn};

/// At a constant rate a subject has `PARTS` turns in a round, which together last `LONGER` times a turn at full load,
/// because one answer in a hundred is few answers there. The host disturbs a short turn less often.
const PARTS: u32 = 16;
const LONGER: u32 = 4;

/// How often such a turn is tried.
const TRIES: usize = 8;

/// An experiment.
pub struct Experiment {
    /// The name that `--only` takes.
    pub group: &'static str,
    /// A unique name.
    pub name: String,
    /// A description in a few words.
    pub title: String,
    /// The requests, and their answers.
    pub scenario: Scenario,
    /// The number of connections.
    pub clients: usize,
    /// Requests a second, or `None` for as many as possible.
    pub rate: Option<u32>,
    /// Workers of each subject. With more than one, everything may run on all cores.
    pub workers: usize,
}

/// The result of an experiment.
pub struct Outcome {
    /// The experiment.
    pub experiment: Experiment,
    /// Each subject's samples, one a round, in the order of the rounds.
    pub series: Vec<(Kind, Vec<Sample>)>,
    /// Whether the cores were kept from sleeping meanwhile.
    pub awake: bool,
    /// Turns in which the host took a core away, where that matters.
    pub spoiled: Spoiled,
}

/// How many turns the host spoiled.
#[derive(Clone, Copy, Default)]
pub struct Spoiled {
    /// Turns that were repeated.
    pub again: usize,
    /// Turns that count, since repeating them gave none better.
    pub kept: usize,
}

impl Experiment {
    /// Whether this is a scenario at full load, as the picture shows them.
    pub fn is_plain(&self) -> bool {
        self.name == self.scenario.name
    }

    /// Starts everything, checks it, and lets the subjects take turns. Each round begins with another subject, so that
    /// no subject always follows the same one.
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
        let mut spoiled = Spoiled::default();
        for round in 0..rig.rounds {
            progress(&self.name, round, rig.rounds);
            for (place, sample) in self.round(rig, &players, round, &mut spoiled)?.into_iter().enumerate() {
                series[place].1.push(sample);
            }
        }
        drop(players);
        drop(backend);
        fs::remove_dir_all(dir)?;
        Ok(Outcome { experiment: self, series, awake: awake.is_some(), spoiled })
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

    /// How many turns of a subject make one round.
    pub fn parts(&self) -> usize {
        if self.rate.is_some() { PARTS as usize } else { 1 }
    }

    /// The length of one of these turns, where a turn at full load has `length`. Holds for the warm-up too.
    fn part_of(&self, length: Duration) -> Duration {
        if self.rate.is_some() { length * LONGER / PARTS } else { length }
    }

    /// A sample of each player.
    fn round(
        &self,
        rig: &Rig,
        players: &[Player],
        round: usize,
        spoiled: &mut Spoiled,
    ) -> Result<Vec<Sample>> {
        let mut turns: Vec<Vec<Turn>> = players.iter().map(|_| Vec::new()).collect();
        for part in 0..self.parts() {
            for turn in 0..players.len() {
                let place = (round * self.parts() + part + turn) % players.len();
                turns[place].push(self.good_turn(rig, &players[place], spoiled)?);
            }
        }
        turns.iter().map(|turns| Sample::of(turns)).collect()
    }

    /// A turn of the subject. At a constant rate, a turn in which the host took a core away tells how long the host
    /// kept it, and nothing about the subject, so the turn is repeated. At full load only the time that was not taken
    /// counts.
    fn good_turn(&self, rig: &Rig, player: &Player, spoiled: &mut Spoiled) -> Result<Turn> {
        let mut tries = 0;
        loop {
            let turn = self.turn(rig, player)?;
            tries += 1;
            if self.rate.is_none() || turn.stolen == 0 {
                return Ok(turn);
            }
            if tries == TRIES {
                spoiled.kept += 1;
                return Ok(turn);
            }
            spoiled.again += 1;
        }
    }

    fn turn(&self, rig: &Rig, (subject, tail): &Player) -> Result<Turn> {
        stop::check()?;
        let plan = Plan {
            address: subject.address,
            request: &self.scenario.request,
            tail,
            connections: self.clients,
            rate: self.rate,
            warm_up: self.part_of(rig.warm_up),
            length: self.part_of(rig.length),
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

    /// One number of one subject, divided by that of nginx in the same round.
    pub fn to_nginx(&self, kind: Kind, number: impl Fn(&Sample) -> f64) -> Option<Spread> {
        let pairs = self.of(kind)?.iter().zip(self.of(Kind::Nginx)?);
        Spread::of(pairs.map(|(own, nginx)| number(own) / number(nginx)))
    }
}
