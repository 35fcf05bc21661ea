//! Metrics of planned pauses of the old door.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use super::Sources;
use crate::config::migration::Moment;
use crate::http::net::clock::since_1970;
use crate::policy::brownout::WindowState;
use crate::telemetry::metrics::NoLabels;

impl Sources {
    /// One series for each window of the settings, from zero on.
    pub(super) fn brownouts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let shown = self.current.load().policies.brownouts.shown(Moment(since_1970().as_secs()));
        let help = "Calls of the old door that a planned pause refused, or in a rehearsal would have refused";
        let mut metric = encoder.encode_descriptor("brownout_calls", help, None, MetricType::Counter)?;
        for window in &shown {
            let mode = if window.brownout.rehearse { "rehearsal" } else { "real" };
            metric
                .encode_family(&[("brownout", window.brownout.name.as_str()), ("mode", mode)])?
                .encode_counter::<NoLabels, _, u64>(&window.met, None)?;
        }
        let help = "1 while a planned pause of the old door is in force, and not stopped by hand";
        let mut metric = encoder.encode_descriptor("brownout_in_force", help, None, MetricType::Gauge)?;
        for window in &shown {
            let is_in_force = u64::from(window.state == WindowState::InForce);
            metric
                .encode_family(&[("brownout", window.brownout.name.as_str())])?
                .encode_gauge(&is_in_force)?;
        }
        Ok(())
    }
}
