//! Tells the service manager how the gateway fares, as `sd_notify(3)` has it. Without `NOTIFY_SOCKET` in the environment
//! there is nobody to tell, and nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;

/// The longest status that is sent, in bytes: it is one line for people.
const MOST: usize = 400;

/// Says that the gateway serves; `status` says what.
pub fn ready(status: &str) {
    send(&[NotifyState::Ready, NotifyState::Status(&one_line(status))]);
}

/// Says that the settings are being read again; [`ready`] ends that.
pub fn reloading() {
    // The manager knows by the time which messages belong to the reload (RELOADING=1 in sd_notify(3)).
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        send(&[NotifyState::Reloading, now]);
    }
}

/// Says that the end has begun, and that it may take this long.
pub fn stopping(status: &str, most: Duration) {
    let most = u32::try_from(most.as_micros()).unwrap_or(u32::MAX);
    send(&[
        NotifyState::Stopping,
        NotifyState::Status(&one_line(status)),
        NotifyState::ExtendTimeoutUsec(most),
    ]);
}

/// Says that all threads live.
pub fn alive() {
    send(&[NotifyState::Watchdog]);
}

/// How often [`alive`] must be said, at the least; `None` if the manager does not watch.
#[must_use]
pub fn watchdog() -> Option<Duration> {
    sd_notify::watchdog_enabled().filter(|every| !every.is_zero())
}

fn send(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}

/// The first line of a text, not too long: a line end would begin another message.
fn one_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line[..line.floor_char_boundary(MOST)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_status_is_one_line_of_bounded_length() {
        assert_eq!(one_line("serving\nREADY=0"), "serving");
        assert_eq!(one_line(&"ä".repeat(300)).len(), 400);
        assert_eq!(one_line(""), "");
    }
}
