//! The certificates of the settings, and when each ends.

use serde::{Deserialize, Serialize};

use crate::ledger::calendar::DAY;
use crate::snapshot::Snapshot;
use crate::snapshot::certificates::{CertificateEnd, Role};

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
    let certificate = |end: CertificateEnd<'_>| Certificate {
        role: word(end.role).to_owned(),
        upstream: end.upstream.map(str::to_owned),
        end_unix_s: end.at,
        left_days: (end.at - now).div_euclid(day),
    };
    snapshot.certificate_ends().into_iter().map(certificate).collect()
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Clients => "clients",
        Role::ClientsCa => "clients-ca",
        Role::UpstreamCa => "upstream-ca",
    }
}
