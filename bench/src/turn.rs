//! One short turn of one subject.

use std::time::Duration;

use anyhow::{Result, ensure};

use crate::load::{self, Plan};
use crate::subject::Subject;
use crate::usage::{self, Cpu, Memory};

/// What a turn showed. Times are in microseconds.
#[derive(Clone, Copy)]
pub struct Sample {
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers were there in this time.
    pub p50: f64,
    /// All but one of a hundred.
    pub p99: f64,
    /// All but one of a thousand.
    pub p999: f64,
    /// CPU time of the subject for each answer.
    pub cpu: f64,
    /// The part of it outside the kernel.
    pub user: f64,
    /// How many cores the subject kept busy.
    pub busy: f64,
    /// Resident at the end, in KiB.
    pub memory: Memory,
}

/// Gives `subject` its turn.
///
/// # Errors
/// As of [`load::run`].
pub fn take(subject: &Subject, plan: Plan) -> Result<Sample> {
    let (mut before, mut used, mut memory) = (Cpu::default(), Cpu::default(), Memory::default());
    let id = subject.id();
    let seen = load::run(
        plan,
        &mut || {
            before = id.map(usage::cpu).transpose()?.unwrap_or_default();
            Ok(())
        },
        &mut || {
            used = id.map(usage::cpu).transpose()?.unwrap_or_default();
            memory = id.map(usage::memory).transpose()?.unwrap_or_default();
            Ok(())
        },
    )?;
    ensure!(seen.answers > 0, "no answer in the time that counts");
    let used = used.since(before);
    let at = |quantile| micros(Duration::from_nanos(seen.latency.value_at_quantile(quantile)));
    let cpu = micros(used.total) / count(seen.answers);
    Ok(Sample {
        rate: count(seen.answers) / seen.elapsed.as_secs_f64(),
        p50: at(0.5),
        p99: at(0.99),
        p999: at(0.999),
        cpu,
        user: cpu * used.user_share(),
        busy: used.total.as_secs_f64() / seen.elapsed.as_secs_f64(),
        memory,
    })
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "answers of some seconds")]
fn count(answers: u64) -> f64 {
    answers as f64
}
