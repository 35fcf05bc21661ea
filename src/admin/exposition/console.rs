//! Metrics of the console: who tries to log in, who is in, and what operators change.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, texts};
use super::{Sources, count};
use crate::console::counters::LoginOutcome;

const OUTCOME: Label = Label::words("outcome", || texts(&LoginOutcome::ALL, LoginOutcome::text));

pub(super) const FAMILIES: [Family; 4] = [
    Family::counter("mesigate_console_logins", "attempts", "Attempts to log in to the console")
        .by(&[OUTCOME]),
    Family::gauge("mesigate_console_sessions", "sessions", "Sessions of the console that have not ended"),
    Family::gauge(
        "mesigate_console_watchers",
        "pages",
        "Pages of the console that are shown calls as they come",
    ),
    Family::counter(
        "mesigate_console_actions",
        "actions",
        "What operators have changed, or sent to upstream, by the console",
    ),
];

impl Sources {
    pub(super) fn of_console(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [logins, sessions, watchers, actions] = &FAMILIES;
        let seen = self.console.counters();
        let mut metric = logins.begin(encoder)?;
        for outcome in LoginOutcome::ALL {
            count(&mut metric, &[("outcome", outcome.text())], seen.logins(outcome))?;
        }
        sessions.begin(encoder)?.encode_gauge(&(self.console.sessions() as u64))?;
        watchers.begin(encoder)?.encode_gauge(&(self.console.watchers() as u64))?;
        super::single(&mut actions.begin(encoder)?, seen.actions())
    }
}
