//! The goals for the gateway. Most are ratios to nginx, which passes through what the gateway translates.

use crate::results::Results;
use crate::stats::Spread;
use crate::subject::Kind;
use crate::turn::Sample;

/// One goal.
pub struct Target {
    /// The number in question.
    pub what: &'static str,
    measure: Measure,
    /// Its bound now.
    pub goal: Goal,
    /// Its bound later.
    pub then: Option<Goal>,
}

/// A bound.
#[derive(Clone, Copy)]
pub enum Goal {
    /// This number or less.
    AtMost(f64),
    /// This number or more.
    AtLeast(f64),
}

enum Measure {
    /// A number of an experiment, divided by nginx's.
    ToNginx(&'static str, fn(&Sample) -> f64),
    /// Resident memory at the end of an experiment's turns, in MiB.
    Memory(&'static str),
    /// Milliseconds from start to the first good answer.
    Ready,
}

impl Target {
    /// All goals, in the order of the table.
    pub fn all() -> Vec<Self> {
        use Goal::{AtLeast, AtMost};
        use Measure::{Memory, Ready, ToNginx};
        let one = |what, measure, goal| Self { what, measure, goal, then: None };
        vec![
            Self {
                then: Some(AtMost(0.90)),
                ..one("S1: CPU time a request", ToNginx("S1", |sample| sample.cpu), AtMost(1.0))
            },
            one("S1: requests a second", ToNginx("S1", |sample| sample.rate), AtLeast(1.0)),
            one("S1: p99 at 5,000 a second", ToNginx("S1-rate-5000", |sample| sample.p99), AtMost(1.0)),
            one("S1 on two workers: CPU time", ToNginx("S1-two-workers", |sample| sample.cpu), AtMost(1.0)),
            one("S1b: CPU time", ToNginx("S1b", |sample| sample.cpu), AtMost(1.05)),
            one("S2: CPU time", ToNginx("S2", |sample| sample.cpu), AtMost(1.0)),
            one("S3: CPU time", ToNginx("S3", |sample| sample.cpu), AtMost(1.5)),
            one("S4: CPU time, nginx from its cache too", ToNginx("S4", |sample| sample.cpu), AtMost(0.6)),
            one("S5: CPU time", ToNginx("S5", |sample| sample.cpu), AtMost(0.95)),
            one("S7: CPU time", ToNginx("S7", |sample| sample.cpu), AtMost(0.95)),
            one("resident memory with 1,000 connections, MiB", Memory("S6-1000"), AtMost(40.0)),
            one("start to ready, ms", Ready, AtMost(50.0)),
        ]
    }

    /// The measured number, if there is one.
    pub fn reached(&self, results: &Results) -> Option<Spread> {
        match self.measure {
            Measure::ToNginx(name, number) => results.outcome(name)?.to_nginx(Kind::Mesigate, number),
            Measure::Memory(name) => {
                results.outcome(name)?.spread(Kind::Mesigate, |sample| sample.memory.rss_mib())
            }
            Measure::Ready => results.starts.as_ref()?.spread(Kind::Mesigate, |start| start.ready),
        }
    }
}

impl Goal {
    /// Whether `number` keeps the bound.
    pub fn holds(self, number: f64) -> bool {
        match self {
            Self::AtMost(most) => number <= most,
            Self::AtLeast(least) => number >= least,
        }
    }

    /// The bound as the table shows it.
    pub fn text(self) -> String {
        match self {
            Self::AtMost(most) if most >= 10.0 => format!("≤ {most:.0}"),
            Self::AtMost(most) => format!("≤ {most:.2}"),
            Self::AtLeast(least) => format!("≥ {least:.2}"),
        }
    }
}
