//! Constant load: requests are due at their times, whether earlier ones were answered or not.
//!
//! Latency counts from when a request was due, not from when it could be sent: a subject that holds up one request is
//! charged with all that came due meanwhile.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::crowd::Crowd;
use super::window::Window;

/// Lets the clients send `rate` requests a second until the window's end.
///
/// # Errors
/// When an answer is wrong or does not come.
pub fn run(crowd: &mut Crowd, rate: u32, window: &mut Window) -> Result<()> {
    let between = Duration::from_secs(1) / rate;
    let mut next = Instant::now();
    let mut late = VecDeque::new();
    let mut idle: Vec<usize> = (0..crowd.len()).collect();
    loop {
        let now = Instant::now();
        if !window.is_open(now)? {
            return Ok(());
        }
        // No request is due while the meter reads the subject's counters: the subject would be charged with it.
        next = window.opened().map_or(next, |opened| next.max(opened));
        while next <= now {
            late.push_back(next);
            next += between;
        }
        while let Some(due) = late.front().copied() {
            let Some(number) = idle.pop() else { break };
            late.pop_front();
            crowd.send(number, due)?;
        }
        let wait = next.saturating_duration_since(Instant::now()).min(window.look_again());
        for index in 0..crowd.poll.wait(Some(wait))? {
            let number = crowd.poll.number(index);
            if let Some(since) = crowd.go_on(number)? {
                window.answered(since, Instant::now());
                idle.push(number);
            }
        }
    }
}
