//! One short turn of one subject, and the sample of several turns.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;

use crate::load::{self, Plan};
use crate::subject::Subject;
use crate::ticks::Ticks;
use crate::usage::{self, Cpu, Memory};

/// What was counted in a turn.
pub struct Turn {
    answers: u64,
    elapsed: Duration,
    used: Cpu,
    memory: Memory,
    /// In nanoseconds.
    latency: Histogram<u64>,
    /// CPU time that the host took from this machine meanwhile, in clock ticks.
    pub stolen: u64,
}

/// What a subject showed in a round. Times are in microseconds.
#[derive(Clone, Copy)]
pub struct Sample {
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers were there in this time.
    pub p50: f64,
    /// 99 of a hundred answers were there in this time.
    pub p99: f64,
    /// 999 of a thousand answers were there in this time.
    pub p999: f64,
    /// CPU time of the subject for each answer.
    pub cpu: f64,
    /// The share of it outside the kernel.
    pub user: f64,
    /// How many cores the subject kept busy.
    pub busy: f64,
    /// Resident memory at the end, in KiB.
    pub memory: Memory,
}

/// The kernel's counts at the beginning or end of a turn.
#[derive(Clone, Copy, Default)]
struct Look {
    used: Cpu,
    machine: Ticks,
}

/// Gives `subject` its turn.
///
/// # Errors
/// As of [`load::run`].
pub fn take(subject: &Subject, plan: Plan) -> Result<Turn> {
    let (mut before, mut behind, mut memory) = (Look::default(), Look::default(), Memory::default());
    let seen = load::run(
        plan,
        &mut || {
            before = Look::at(subject)?;
            Ok(())
        },
        &mut || {
            behind = Look::at(subject)?;
            memory = subject.id().map(usage::memory).transpose()?.unwrap_or_default();
            Ok(())
        },
    )?;
    ensure!(seen.answers > 0, "no answer in the time that counts");
    Ok(Turn {
        answers: seen.answers,
        elapsed: seen.elapsed,
        used: behind.used.since(before.used),
        memory,
        latency: seen.latency,
        stolen: behind.machine.since(before.machine).stolen,
    })
}

impl Look {
    fn at(subject: &Subject) -> Result<Self> {
        let used = subject.id().map(usage::cpu).transpose()?.unwrap_or_default();
        Ok(Self { used, machine: Ticks::now()? })
    }
}

impl Sample {
    /// All `turns` taken as one: a percentile is that of all their answers.
    ///
    /// # Errors
    /// When there are no turns.
    pub fn of(turns: &[Turn]) -> Result<Self> {
        let mut latency = Histogram::<u64>::new(3)?;
        for turn in turns {
            latency.add(&turn.latency)?;
        }
        let last = turns.last().context("no turn")?;
        let answers = count(turns.iter().map(|turn| turn.answers).sum());
        let elapsed = turns.iter().map(|turn| turn.elapsed.as_secs_f64()).sum::<f64>();
        let used = turns.iter().map(|turn| turn.used).sum::<Cpu>();
        let at = |quantile| micros(Duration::from_nanos(latency.value_at_quantile(quantile)));
        let cpu = micros(used.total) / answers;
        Ok(Self {
            rate: answers / elapsed,
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            cpu,
            user: cpu * used.user_share(),
            busy: used.total.as_secs_f64() / elapsed,
            memory: last.memory,
        })
    }
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "answers of some seconds")]
fn count(answers: u64) -> f64 {
    answers as f64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hdrhistogram::Histogram;

    use super::{Sample, Turn};
    use crate::usage::{Cpu, Memory};

    #[test]
    fn a_percentile_is_that_of_all_answers() {
        // One answer in fifty is slow in the first turn: its own p99 is 9 ms, that with three good turns is not.
        let (bad, good) = (turn(&[(98, 100), (2, 9_000)]), turn(&[(100, 100)]));
        let alone = Sample::of(std::slice::from_ref(&bad)).unwrap();
        let all = Sample::of(&[bad, good, turn(&[(100, 100)]), turn(&[(100, 200)])]).unwrap();
        assert_eq!(format!("{:.0} {:.0}", alone.p50, alone.p99), "100 9003");
        assert_eq!(format!("{:.0} {:.0}", all.p50, all.p99), "100 200");
        assert_eq!(format!("{:.0} {:.0} {:.3}", all.rate, all.cpu, all.busy), "100 20 0.002");
    }

    #[test]
    fn nothing_says_nothing() {
        assert!(Sample::of(&[]).is_err());
    }

    /// A second with these numbers of answers of these microseconds each, for 20 µs of CPU time an answer.
    fn turn(answers: &[(u64, u64)]) -> Turn {
        let mut latency = Histogram::new(3).unwrap();
        for (count, micros) in answers {
            latency.record_n(micros * 1_000, *count).unwrap();
        }
        Turn {
            answers: 100,
            elapsed: Duration::from_secs(1),
            used: Cpu { total: Duration::from_millis(2), ticks: (1, 1) },
            memory: Memory::default(),
            latency,
            stolen: 0,
        }
    }
}
