//! A certificate for upstream, made anew for every run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// The certificate's files.
pub struct Certificate {
    /// The CA that a proxy must trust (PEM).
    pub ca: PathBuf,
    /// Upstream's own, for localhost and 127.0.0.1 (PEM).
    pub chain: PathBuf,
    /// Its key (PEM).
    pub key: PathBuf,
}

impl Certificate {
    /// Makes the certificate, in `dir`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn make(dir: &Path) -> Result<Self> {
        let (ca_key, key) = (KeyPair::generate()?, KeyPair::generate()?);
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        // OpenSSL takes a certificate whose issuer has its own name for a self-signed one.
        ca.distinguished_name.push(DnType::CommonName, "the benchmark's CA");
        let ca_certificate = ca.self_signed(&ca_key)?;
        let own = CertificateParams::new(vec!["localhost".into(), "127.0.0.1".into()])?;
        let own = own.signed_by(&key, &Issuer::new(ca, ca_key))?;
        let made =
            Self { ca: dir.join("ca.pem"), chain: dir.join("upstream.pem"), key: dir.join("upstream.key") };
        fs::write(&made.ca, ca_certificate.pem())?;
        fs::write(&made.chain, own.pem())?;
        fs::write(&made.key, key.serialize_pem())?;
        Ok(made)
    }
}
