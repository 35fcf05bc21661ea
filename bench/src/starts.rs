//! How long each subject needs from its start to its first good answer, and what memory it has then.

use std::fs;
use std::time::Instant;

use anyhow::Result;

use crate::backend::Backend;
use crate::rig::{Rig, progress};
use crate::scenario::Scenario;
use crate::stats::Spread;
use crate::stop;
use crate::subject::{Kind, Subject};
use crate::usage::{self, Memory};

/// One start.
#[derive(Clone, Copy)]
pub struct Start {
    /// Until the first good answer, in milliseconds.
    pub ready: f64,
    /// After that answer, in KiB.
    pub memory: Memory,
}

/// Every start of every subject.
pub struct Starts(Vec<(Kind, Vec<Start>)>);

impl Starts {
    /// Starts and ends each subject once a round.
    ///
    /// # Errors
    /// When a subject does not come up.
    pub fn run(rig: &Rig) -> Result<Self> {
        let scenario = Scenario::first();
        let dir = rig.fresh_dir("start")?;
        let cores = rig.cores(1);
        cores.load.enter()?;
        let backend = Backend::start(&scenario.answer, None, &dir, cores.load)?;
        let purpose = rig.purpose(backend.address, scenario.door, 1, 1);
        let mut all: Vec<_> = rig
            .kinds()
            .iter()
            .filter(|kind| **kind != Kind::Direct)
            .map(|kind| (*kind, Vec::new()))
            .collect();
        for round in 0..rig.rounds {
            progress("start", round, rig.rounds);
            for (kind, starts) in &mut all {
                stop::check()?;
                let dir = dir.join(format!("{}-{round}", starts.len()));
                let begin = Instant::now();
                let subject = Subject::start(*kind, &purpose, &dir, &scenario.request)?;
                let ready = begin.elapsed().as_secs_f64() * 1e3;
                let memory = subject.id().map(usage::memory).transpose()?.unwrap_or_default();
                starts.push(Start { ready, memory });
                drop(subject);
                fs::remove_dir_all(dir)?;
            }
        }
        Ok(Self(all))
    }

    /// One number of one subject.
    pub fn spread(&self, kind: Kind, number: impl Fn(&Start) -> f64) -> Option<Spread> {
        let (_, starts) = self.0.iter().find(|(other, _)| *other == kind)?;
        Spread::of(starts.iter().map(number))
    }
}
