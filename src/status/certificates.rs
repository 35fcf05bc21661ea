//! The certificates of the settings, and when each ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ledger::calendar::DAY;
use crate::snapshot::Snapshot;

/// How many days before its end a certificate needs somebody, as the alerts have it.
const SOON: i64 = 14;

/// A certificate, by what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Certificate {
    /// `clients`, whom it is shown to; `clients-ca`, where their own come from; `upstream-ca`.
    pub role: String,
    /// The upstream, of a CA of one.
    pub upstream: Option<String>,
    /// When it ends; of several in a file, the first.
    pub end_unix_s: i64,
    /// Whole days until then; below zero once it has ended.
    pub left_days: i64,
}

impl Certificate {
    /// Whether somebody has to replace it.
    pub(super) fn is_wrong(&self) -> bool {
        self.left_days < SOON
    }

    /// What it is, for a sentence.
    #[must_use]
    pub fn name(&self) -> String {
        match (self.role.as_str(), &self.upstream) {
            ("clients", _) => "the certificate that clients are shown".to_owned(),
            ("clients-ca", _) => "the CA of clients' own certificates".to_owned(),
            (_, Some(upstream)) => format!("the CA of upstream {upstream}"),
            (role, None) => role.to_owned(),
        }
    }

    /// The settings that name its file.
    pub(super) fn settings(&self) -> &'static str {
        match self.role.as_str() {
            "clients" => "tls.certificate and tls.key",
            "clients-ca" => "tls.client_ca",
            _ => "upstream.ca_file",
        }
    }
}

/// Every certificate whose end is known.
pub(super) fn all(snapshot: &Snapshot, now: u64) -> Vec<Certificate> {
    let now = i64::try_from(now).unwrap_or(i64::MAX);
    let day = i64::try_from(DAY).unwrap_or(i64::MAX);
    let certificate = |role: &str, upstream: Option<&str>, end: i64| Certificate {
        role: role.to_owned(),
        upstream: upstream.map(str::to_owned),
        end_unix_s: end,
        left_days: (end - now).div_euclid(day),
    };
    let tls = snapshot.tls.as_ref();
    let shown = tls.and_then(|tls| tls.expiry).map(|end| certificate("clients", None, end));
    let asked = tls.and_then(|tls| tls.ca_expiry).map(|end| certificate("clients-ca", None, end));
    // Several sites of one host are one line, with the earliest end of all.
    let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
    for site in &snapshot.sites {
        if let Some(end) = site.ca_expiry() {
            ends.entry(&site.name).and_modify(|first| *first = end.min(*first)).or_insert(end);
        }
    }
    let upstreams = ends.into_iter().map(|(name, end)| certificate("upstream-ca", Some(name), end));
    shown.into_iter().chain(asked).chain(upstreams).collect()
}
