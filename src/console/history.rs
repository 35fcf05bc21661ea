//! What the last hours were like.

use serde_json::Value;

use super::Call;
use super::said::{Refused, Why};

/// The last quarter of an hour by the second, or the last day by the minute.
///
/// # Errors
/// `of` is neither `seconds` nor `minutes`.
pub fn history(call: &Call<'_>) -> Result<Value, Refused> {
    let history = &call.console.sources.history;
    let series = match call.parameter("of").as_deref() {
        None | Some("seconds") => history.seconds(),
        Some("minutes") => history.minutes(),
        Some(_) => return Err(Refused::new(Why::Bad, "of: is `seconds` or `minutes`")),
    };
    Ok(serde_json::to_value(series).unwrap_or_default())
}
