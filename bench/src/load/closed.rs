//! Full load: each client sends its next request as soon as it has its answer.

use std::time::Instant;

use anyhow::Result;

use super::crowd::Crowd;
use super::window::Window;

/// Lets the clients send until the window's end.
///
/// # Errors
/// When an answer is wrong or does not come.
pub fn run(crowd: &mut Crowd, window: &mut Window) -> Result<()> {
    let start = Instant::now();
    for number in 0..crowd.len() {
        crowd.send(number, start)?;
    }
    while window.is_open(Instant::now())? {
        for index in 0..crowd.poll.wait(Some(window.look_again()))? {
            let number = crowd.poll.number(index);
            let Some(since) = crowd.go_on(number)? else { continue };
            let now = Instant::now();
            window.answered(since, now);
            crowd.send(number, now)?;
        }
    }
    Ok(())
}
