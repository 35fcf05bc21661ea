//! Metrics of resilience: open breakers, repeated requests, apps that are held back.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Error;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::MetricType;

use super::Sources;
use crate::policy::breach::NO_APP;
use crate::protocol::retry::RepeatReason;
use crate::telemetry::metrics::NoLabels;

impl Sources {
    pub(super) fn resilience(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        self.breakers(encoder)?;
        self.repeats(encoder)?;
        self.breaches(encoder)
    }

    fn breakers(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        // Several sites of one host are one series: open if the breaker of one is.
        let current = self.current.load();
        let mut breakers: BTreeMap<&str, (u64, u64, u64)> = BTreeMap::new();
        let mut counted = HashSet::new();
        for site in &current.sites {
            let (open, openings, callers) = breakers.entry(&site.name).or_default();
            *open |= u64::from(site.breaker.is_open());
            if counted.insert(Arc::as_ptr(site)) {
                *openings += site.breaker.openings();
                *callers += site.breaker.callers() as u64;
            }
        }
        let help =
            "1 while an upstream is left alone, by all or by a caller, because it has failed again and again";
        let mut metric = encoder.encode_descriptor("breaker_open", help, None, MetricType::Gauge)?;
        for (name, (open, _, _)) in &breakers {
            metric.encode_family(&[("upstream", *name)])?.encode_gauge(open)?;
        }
        let help =
            "Callers that are left alone by themselves because upstream has failed them again and again";
        let mut metric = encoder.encode_descriptor("breaker_callers", help, None, MetricType::Gauge)?;
        for (name, (_, _, callers)) in &breakers {
            metric.encode_family(&[("upstream", *name)])?.encode_gauge(callers)?;
        }
        let help = "How often it was begun to leave an upstream alone, for all or for one caller";
        let mut metric = encoder.encode_descriptor("breaker_openings", help, None, MetricType::Counter)?;
        for (name, (_, openings, _)) in &breakers {
            metric
                .encode_family(&[("upstream", *name)])?
                .encode_counter::<NoLabels, _, u64>(openings, None)?;
        }
        Ok(())
    }

    fn repeats(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let help = "Requests that were sent to upstream once more";
        let mut metric = encoder.encode_descriptor("upstream_repeats", help, None, MetricType::Counter)?;
        for why in RepeatReason::ALL {
            let count = self.sum(|counters| counters.repeats[why as usize].get());
            metric.encode_family(&[("why", why.text())])?.encode_counter::<NoLabels, _, u64>(&count, None)?;
        }
        Ok(())
    }

    fn breaches(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let current = self.current.load();
        let breaches = &current.policies.breaches;
        // Every series begins at zero: Prometheus sees no increase in a series that begins at one.
        let names = current.config.apps.iter().map(|app| app.name.clone());
        let mut seen: BTreeMap<String, u64> =
            names.chain([NO_APP.to_owned()]).map(|name| (name, 0)).collect();
        seen.extend(breaches.seen());
        let help = "How often upstream has disabled an app's token (TOKENBREACH)";
        let mut metric = encoder.encode_descriptor("token_breaches", help, None, MetricType::Counter)?;
        for (app, count) in &seen {
            metric
                .encode_family(&[("app", app.as_str())])?
                .encode_counter::<NoLabels, _, u64>(count, None)?;
        }
        let now = breaches.list().len() as u64;
        let help = "Apps and tokens that are held back because upstream has disabled the token";
        encoder.encode_descriptor("token_breaches_held", help, None, MetricType::Gauge)?.encode_gauge(&now)
    }
}
