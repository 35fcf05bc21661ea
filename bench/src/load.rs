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

/// The requests, their pace, and how long they are sent.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The address of the subject.
    pub address: SocketAddr,
    /// The bytes of every request.
    pub request: &'a [u8],
    /// The bytes after the head of every answer.
    pub tail: &'a [u8],
    /// The number of connections.
    pub connections: usize,
    /// Requests a second, or `None` for as many as possible.
    pub rate: Option<u32>,
    /// How long before answers count.
    pub warm_up: Duration,
    /// How long answers count.
    pub length: Duration,
}

/// The counts of a run.
pub struct Seen {
    /// Answers in the window.
    pub answers: u64,
    /// The length of the window.
    pub elapsed: Duration,
    /// In nanoseconds.
    pub latency: Histogram<u64>,
}

/// Sends the load. `at_opening` and `at_closing` are called where the window begins and ends, the second one while the
/// connections are still open.
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

/// Waits for the answers to all requests, even though they no longer count.
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
