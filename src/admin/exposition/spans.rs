//! Metrics of traces.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, When};
use super::{Sources, count};
use crate::telemetry::trace::tracer::Sent;

const STATE: Label = Label::words("state", || {
    Sent::default().states().into_iter().map(|(state, _)| state.to_owned()).collect()
});

pub(super) const FAMILIES: [Family; 1] = [Family::counter(
    "mesigate_spans",
    "spans",
    "Spans by what became of them: sent, dropped for lack of room, or not taken by the collector (failed)",
)
.by(&[STATE])
.there(When::While("`trace.endpoint` is set"))];

impl Sources {
    pub(super) fn of_spans(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        if self.current.load().config.trace.endpoint.is_none() {
            return Ok(());
        }
        let [spans] = &FAMILIES;
        let mut metric = spans.begin(encoder)?;
        for (state, many) in self.spans.sent.states() {
            count(&mut metric, &[("state", state)], many)?;
        }
        Ok(())
    }
}
