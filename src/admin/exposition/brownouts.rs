//! Metrics of planned pauses of the old door.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, When};
use super::{Sources, count};
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::policy::brownout::WindowState;

const BROWNOUT: Label = Label::names("brownout", "the name of a `[[brownout]]`");
const MODE: Label = Label::words("mode", || vec!["real".to_owned(), "rehearsal".to_owned()]);
const NAMED: When = When::While("the settings have such a pause");

pub(super) const FAMILIES: [Family; 2] = [
    Family::counter(
        "mesigate_brownout_calls",
        "calls",
        "Calls of the old door that a planned pause refused, or in a rehearsal would have refused",
    )
    .by(&[BROWNOUT, MODE])
    .there(NAMED),
    Family::gauge(
        "mesigate_brownout_in_force",
        "0 or 1",
        "1 while a planned pause of the old door is in force, and not stopped by hand",
    )
    .by(&[BROWNOUT])
    .there(NAMED),
];

impl Sources {
    /// One series for each window of the settings, from zero on.
    pub(super) fn brownouts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let shown = self.current.load().policies.brownouts.shown(Moment(since_1970().as_secs()));
        let [calls, in_force] = &FAMILIES;
        let mut metric = calls.begin(encoder)?;
        for window in &shown {
            let mode = if window.brownout.rehearse { "rehearsal" } else { "real" };
            let labels = [("brownout", window.brownout.name.as_str()), ("mode", mode)];
            count(&mut metric, &labels, window.met)?;
        }
        let mut metric = in_force.begin(encoder)?;
        for window in &shown {
            let is_in_force = u64::from(window.state == WindowState::InForce);
            metric
                .encode_family(&[("brownout", window.brownout.name.as_str())])?
                .encode_gauge(&is_in_force)?;
        }
        Ok(())
    }
}
