//! Metrics of settings: how reloads ended, and whether what is written is in use.

use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, texts};
use super::{Sources, count};
use crate::snapshot::reload::ReloadOutcome;

const OUTCOME: Label = Label::words("outcome", || texts(&ReloadOutcome::NAMES, |name| name));

pub(super) const FAMILIES: [Family; 3] = [
    Family::counter("mesigate_reloads", "reloads", "Reloads by how they ended").by(&[OUTCOME]),
    Family::gauge(
        "mesigate_last_reload_success",
        "0 or 1",
        "0 when the settings, or the secrets of the last reload, as they are written are not those in use",
    ),
    Family::gauge(
        "mesigate_secrets_ok",
        "0 or 1",
        "0 while the apps' secrets cannot be read and those from before are in use",
    ),
];

impl Sources {
    pub(super) fn settings(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [reloads, last, secrets] = &FAMILIES;
        let mut metric = reloads.begin(encoder)?;
        for (outcome, many) in self.reloader.outcomes() {
            count(&mut metric, &[("outcome", outcome)], many)?;
        }
        last.begin(encoder)?.encode_gauge(&self.reloader.last())?;
        let are_read = self.current.load().policies.apps.secrets_are_read();
        secrets.begin(encoder)?.encode_gauge(&u64::from(are_read))
    }
}
