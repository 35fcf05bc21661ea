//! Requests as they come.

use super::Call;
use super::said::{Refused, Why};
use crate::http::reply::{Reply, streamed};
use crate::telemetry::traffic::MOST_WATCHERS;

/// The type of server-sent events (HTML Living Standard, 9.2).
const EVENTS: &str = "text/event-stream; charset=utf-8";

/// A line for each request from now on.
///
/// # Errors
/// Too many look on.
pub fn watch(call: &Call<'_>) -> Result<Reply, Refused> {
    let events = call.console.sources.traffic.watch();
    let busy = || {
        format!("{MOST_WATCHERS} look on already: close the traffic page in another window, and try again")
    };
    Ok(streamed(events.ok_or_else(|| Refused::new(Why::Busy, busy()))?, EVENTS))
}
