//! Reads certificates and keys from PEM files.

use std::io::ErrorKind;
use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// A file's certificates, in order. Errors name the file and `setting`.
///
/// # Errors
/// A sentence: the file cannot be read, is not PEM, or has no certificate.
pub fn certificates(setting: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |what: &str| format!("{setting}: {}: {what}", file.display());
    let bytes = read(setting, file)?;
    let certificates = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| wrong(&format!("is not PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(wrong(if is_der(&bytes) {
            "is DER: it needs PEM, as openssl x509 -inform DER -in FILE -out FILE.pem makes it"
        } else if has(&bytes, "PRIVATE KEY-----") {
            "has a key and no certificate: have the two files changed places?"
        } else {
            "has no certificate; it needs at least one in PEM form"
        }));
    }
    Ok(certificates)
}

/// When a certificate expires (RFC 5280, section 4.1.2.5), in seconds since 1970; `None` if it cannot be read.
#[must_use]
pub fn expiry(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    Some(certificate.validity().not_after.timestamp())
}

/// When the first certificate expires, in seconds since 1970; `None` if none can be read.
#[must_use]
pub fn first_end(certificates: &[CertificateDer<'_>]) -> Option<i64> {
    certificates.iter().filter_map(expiry).min()
}

/// A file's private key. Errors name the file and `setting`.
///
/// # Errors
/// A sentence: the file cannot be read, is not PEM, needs a passphrase, or has no key.
pub fn key(setting: &str, file: &Path) -> Result<PrivateKeyDer<'static>, String> {
    let bytes = read(setting, file)?;
    // Checked first, since an encrypted key would read as none or as a wrong one.
    let what = if has(&bytes, "BEGIN ENCRYPTED PRIVATE KEY-----") || has(&bytes, "Proc-Type: 4,ENCRYPTED") {
        "has a passphrase, and nobody is there to type it: give the key without one, as openssl pkey -in FILE -out \
         FILE.plain makes it, in a file that nobody else may read"
    } else if let Ok(key) = PrivateKeyDer::from_pem_slice(&bytes) {
        return Ok(key);
    } else if is_der(&bytes) {
        "is DER: it needs PEM, as openssl pkey -inform DER -in FILE -out FILE.pem makes it"
    } else if has(&bytes, "BEGIN CERTIFICATE-----") {
        "has a certificate and no key: have the two files changed places?"
    } else {
        "holds no key in PEM form: it needs a part that begins with -----BEGIN PRIVATE KEY-----"
    };
    Err(format!("{setting}: {}: {what}", file.display()))
}

/// A file's certificates (PEM), as roots to trust.
///
/// # Errors
/// Those of [`certificates`], and a certificate that cannot be trusted.
pub fn authorities(setting: &str, file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(setting, file)? {
        roots.add(certificate).map_err(|error| {
            format!("{setting}: {}: has a certificate that cannot be read: {error}", file.display())
        })?;
    }
    Ok(roots)
}

/// The file's bytes.
fn read(setting: &str, file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| {
        let what = match error.kind() {
            ErrorKind::PermissionDenied => {
                "may not be read by the user that mesigate runs as: give it to a group of that user's (chgrp, chmod \
                 640), and see that its folder may be entered"
                    .to_owned()
            }
            _ => format!("cannot be read: {error}"),
        };
        format!("{setting}: {}: {what}", file.display())
    })
}

fn has(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// Whether the bytes begin like DER, a certificate's or a key's (X.690, a sequence with a long length).
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x84, ..])
}
