//! A client that costs as little as it can: one thread, many connections, every answer verified.

mod closed;
mod crowd;
mod open;
mod window;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use crate::http::PATIENCE;
use crowd::Crowd;
use window::Window;

/// What is asked, how, and for how long.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// Who is asked.
    pub address: SocketAddr,
    /// The bytes of every request.
    pub request: &'a [u8],
    /// The bytes behind the head of every answer.
    pub tail: &'a [u8],
    /// By how many connections.
    pub connections: usize,
    /// Requests a second, or as many as there can be.
    pub rate: Option<u32>,
    /// How long before anything counts.
    pub warm_up: Duration,
    /// How long it counts.
    pub length: Duration,
}

/// What was seen.
pub struct Seen {
    /// Answers in the time that counts.
    pub answers: u64,
    /// That time.
    pub elapsed: Duration,
    /// In nanoseconds.
    pub latency: Histogram<u64>,
}

/// Asks. `at_opening` and `at_closing` are called where the time that counts begins and ends, the second one
/// while the connections still stand.
///
/// # Errors
/// When an answer is wrong or does not come, or a connection ends.
pub fn run(
    plan: Plan,
    at_opening: &mut dyn FnMut() -> Result<()>,
    at_closing: &mut dyn FnMut() -> Result<()>,
) -> Result<Seen> {
    let mut crowd = Crowd::connect(plan.address, plan.connections, plan.request, plan.tail)?;
    let mut window = Window::new(plan.warm_up, plan.length, at_opening)?;
    match plan.rate {
        None => closed::run(&mut crowd, &mut window)?,
        Some(rate) => open::run(&mut crowd, rate, &mut window)?,
    }
    let (answers, elapsed) = (window.answers, window.elapsed());
    at_closing()?;
    finish(&mut crowd)?;
    Ok(Seen { answers, elapsed, latency: window.latency })
}

/// What was asked must be answered, even when it does not count any more.
fn finish(crowd: &mut Crowd) -> Result<()> {
    let begin = Instant::now();
    while crowd.waiting() > 0 {
        ensure!(begin.elapsed() < PATIENCE, "{} requests have no answer", crowd.waiting());
        for index in 0..crowd.poll.wait(Some(PATIENCE))? {
            crowd.go_on(crowd.poll.number(index))?;
        }
    }
    Ok(())
}
