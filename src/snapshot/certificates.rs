//! The certificates of the settings, and when each ends.

use std::collections::BTreeMap;

use super::Snapshot;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It is shown to clients.
    Clients,
    /// Clients' own come from it.
    ClientsCa,
    /// An upstream's comes from it.
    UpstreamCa,
}

/// The end of a certificate; of several in a file, that of the first to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateEnd<'s> {
    /// What it is for.
    pub role: Role,
    /// The upstream, of a CA of one.
    pub upstream: Option<&'s str>,
    /// When it ends, in seconds since 1970.
    pub at: i64,
}

impl Snapshot {
    /// The end of every certificate whose end is known.
    #[must_use]
    pub fn certificate_ends(&self) -> Vec<CertificateEnd<'_>> {
        let tls = self.tls.as_ref();
        let own = [
            (Role::Clients, tls.and_then(|tls| tls.expiry)),
            (Role::ClientsCa, tls.and_then(|tls| tls.ca_expiry)),
        ];
        let own =
            own.into_iter().filter_map(|(role, at)| Some(CertificateEnd { role, upstream: None, at: at? }));
        // Several sites of one host are one, with the earliest end of all.
        let mut ends: BTreeMap<&str, i64> = BTreeMap::new();
        for site in &self.sites {
            if let Some(at) = site.ca_expiry() {
                ends.entry(&site.name).and_modify(|first| *first = at.min(*first)).or_insert(at);
            }
        }
        let of_upstream = |(name, at)| CertificateEnd { role: Role::UpstreamCa, upstream: Some(name), at };
        own.chain(ends.into_iter().map(of_upstream)).collect()
    }
}
