//! Metrics of what comes before a request is read: heads, handshakes, and the ends of certificates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Error;

use prometheus_client::encoding::DescriptorEncoder;

use super::family::{Family, Label, When, texts};
use super::{Sources, count};
use crate::http::proto::head_reject::HeadReject;
use crate::http::unsecured::Reason;
use crate::snapshot::certificates::Role;

const STATUS: Label = Label::words("status", || {
    let statuses: BTreeSet<u16> = HeadReject::ALL.iter().map(|reject| reject.status()).collect();
    statuses.iter().map(ToString::to_string).collect()
});
const REASON: Label = Label::words("reason", || texts(&Reason::ALL, Reason::text));
/// The label of an upstream.
pub(super) const UPSTREAM: Label = Label::names("upstream", "the host of an upstream of the settings");

const SECONDS: &str = "seconds since 1970";

pub(super) const FAMILIES: [Family; 5] = [
    Family::counter(
        "mesigate_refused_heads",
        "requests",
        "Requests whose head was refused before anything else saw it",
    )
    .by(&[STATUS]),
    Family::counter(
        "mesigate_failed_handshakes",
        "handshakes",
        "TLS handshakes of clients that came to nothing",
    )
    .by(&[REASON]),
    Family::gauge(
        "mesigate_certificate_expiry_timestamp_seconds",
        SECONDS,
        "When the certificate that clients are shown ends, in seconds since 1970",
    )
    .there(When::While("`tls.certificate` is set")),
    Family::gauge(
        "mesigate_client_ca_expiry_timestamp_seconds",
        SECONDS,
        "When the first CA certificate ends that clients' own come from, in seconds since 1970",
    )
    .there(When::While("`tls.client_ca` is set")),
    Family::gauge(
        "mesigate_upstream_ca_expiry_timestamp_seconds",
        SECONDS,
        "When the first certificate of an upstream's ca_file ends, in seconds since 1970",
    )
    .by(&[UPSTREAM])
    .there(When::While("an upstream has a `ca_file`")),
];

impl Sources {
    pub(super) fn certificates(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let [heads, handshakes, shown, asked, upstream] = &FAMILIES;
        let mut metric = heads.begin(encoder)?;
        let mut by_status: BTreeMap<u16, u64> = BTreeMap::new();
        for reject in HeadReject::ALL {
            let many = self.sum(|counters| counters.refused_heads.0[*reject as usize].get());
            *by_status.entry(reject.status()).or_default() += many;
        }
        for (status, many) in by_status {
            count(&mut metric, &[("status", status)], many)?;
        }
        let mut metric = handshakes.begin(encoder)?;
        for reason in Reason::ALL {
            let many = self.sum(|counters| counters.not_secured[reason as usize].get());
            count(&mut metric, &[("reason", reason.text())], many)?;
        }
        let current = self.current.load();
        let ends = current.certificate_ends();
        let of = |role: Role| ends.iter().filter(move |end| end.role == role);
        for (family, role) in [(shown, Role::Clients), (asked, Role::ClientsCa)] {
            for end in of(role) {
                family.begin(encoder)?.encode_gauge(&end.at)?;
            }
        }
        if of(Role::UpstreamCa).next().is_none() {
            return Ok(());
        }
        let mut metric = upstream.begin(encoder)?;
        for end in of(Role::UpstreamCa) {
            metric.encode_family(&[("upstream", end.upstream.unwrap_or_default())])?.encode_gauge(&end.at)?;
        }
        Ok(())
    }
}
