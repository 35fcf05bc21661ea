//! Metrics of the cache and of limits.

use std::collections::BTreeMap;
use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, When, texts};
use super::{Sources, count};
use crate::policy::cache::Provenance;
use crate::policy::policies::Decision;

const STATE: Label = Label::words("state", || texts(&Provenance::ALL, Provenance::text));
const RULE: Label = Label::names("rule", "the name of a `[[limit]]`");
const MODE: Label = Label::words("mode", || vec!["enforce".to_owned(), "shadow".to_owned()]);

pub(super) const FAMILIES: [Family; 4] = [
    Family::counter("mesigate_cache_reads", "reads", "Reads by where their answer came from").by(&[STATE]),
    Family::gauge("mesigate_cache_bytes", "bytes", "Bytes that kept answers take"),
    Family::counter(
        "mesigate_limited",
        "calls",
        "Requests that a limit refused, or in shadow mode would have refused",
    )
    .by(&[RULE, MODE])
    .there(When::Since("such a limit's first refusal")),
    Family::gauge("mesigate_limit_keys", "keys", "Keys for which limits keep count"),
];

impl Sources {
    pub(super) fn policies(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [reads, bytes, limited, keys] = &FAMILIES;
        let mut metric = reads.begin(encoder)?;
        for state in Provenance::ALL {
            let many = self.sum(|counters| counters.cache[state as usize].get());
            count(&mut metric, &[("state", state.text())], many)?;
        }
        let current = self.current.load();
        bytes.begin(encoder)?.encode_gauge(&current.policies.cache.bytes())?;
        let mut metric = limited.begin(encoder)?;
        let mut all: BTreeMap<(String, &str), u64> = BTreeMap::new();
        for ((rule, decision), many) in current.policies.decisions() {
            let mode = match decision {
                Decision::Refused => "enforce",
                Decision::WouldRefuse => "shadow",
            };
            *all.entry((rule.to_string(), mode)).or_default() += many;
        }
        for ((rule, mode), many) in &all {
            count(&mut metric, &[("rule", rule.as_str()), ("mode", mode)], *many)?;
        }
        keys.begin(encoder)?.encode_gauge(&(current.policies.limit_keys() as u64))
    }
}
