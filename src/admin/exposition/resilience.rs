//! Metrics of resilience: open breakers, repeated requests, apps that are held back.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Error;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::certificates::UPSTREAM;
use super::family::{Family, Label, texts};
use super::{Sources, count};
use crate::policy::breach::NO_APP;
use crate::protocol::retry::RepeatReason;

const WHY: Label = Label::words("why", || texts(&RepeatReason::ALL, RepeatReason::text));
const APP: Label = Label::names("app", "an app of the settings; `-` for tokens without an app");

pub(super) const FAMILIES: [Family; 6] = [
    Family::gauge(
        "mesigate_breaker_open",
        "0 or 1",
        "1 while an upstream is left alone, by all or by a caller, because it has failed again and again",
    )
    .by(&[UPSTREAM]),
    Family::gauge(
        "mesigate_breaker_callers",
        "callers",
        "Callers that are left alone by themselves because upstream has failed them again and again",
    )
    .by(&[UPSTREAM]),
    Family::counter(
        "mesigate_breaker_openings",
        "openings",
        "How often it was begun to leave an upstream alone, for all or for one caller",
    )
    .by(&[UPSTREAM]),
    Family::counter("mesigate_upstream_repeats", "requests", "Requests that were sent to upstream once more")
        .by(&[WHY]),
    Family::counter(
        "mesigate_token_breaches",
        "breaches",
        "How often upstream has disabled an app's token (TOKENBREACH)",
    )
    .by(&[APP]),
    Family::gauge(
        "mesigate_token_breaches_held",
        "apps and tokens",
        "Apps and tokens that are held back because upstream has disabled the token",
    ),
];

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
        let [open_now, callers_now, openings_ever, ..] = &FAMILIES;
        let mut metric = open_now.begin(encoder)?;
        for (name, (open, _, _)) in &breakers {
            metric.encode_family(&[("upstream", *name)])?.encode_gauge(open)?;
        }
        let mut metric = callers_now.begin(encoder)?;
        for (name, (_, _, callers)) in &breakers {
            metric.encode_family(&[("upstream", *name)])?.encode_gauge(callers)?;
        }
        let mut metric = openings_ever.begin(encoder)?;
        for (name, (_, openings, _)) in &breakers {
            count(&mut metric, &[("upstream", *name)], *openings)?;
        }
        Ok(())
    }

    fn repeats(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [.., repeats, _, _] = &FAMILIES;
        let mut metric = repeats.begin(encoder)?;
        for why in RepeatReason::ALL {
            let many = self.sum(|counters| counters.repeats[why as usize].get());
            count(&mut metric, &[("why", why.text())], many)?;
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
        let [.., breaches_ever, held] = &FAMILIES;
        let mut metric = breaches_ever.begin(encoder)?;
        for (app, many) in &seen {
            count(&mut metric, &[("app", app.as_str())], *many)?;
        }
        let now = breaches.list().len() as u64;
        held.begin(encoder)?.encode_gauge(&now)
    }
}
