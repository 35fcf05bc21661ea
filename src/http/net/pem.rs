//! Certificates in files, as PEM.

use std::path::Path;

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

/// The certificates of a file, in their order. `setting` names it in errors.
///
/// # Errors
/// A sentence: it cannot be read, is no PEM, or has none.
pub fn certificates(setting: &str, file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |what: String| format!("{setting}: {}: {what}", file.display());
    let certificates =
        CertificateDer::pem_file_iter(file).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let certificates: Vec<_> =
        certificates.collect::<Result<_, _>>().map_err(|error| wrong(format!("is not PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(wrong("has no certificate; it needs at least one in PEM form".to_owned()));
    }
    Ok(certificates)
}

/// The same as authorities to trust.
///
/// # Errors
/// The same, and that one of them is no CA's.
pub fn authorities(setting: &str, file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(setting, file)? {
        roots.add(certificate).map_err(|error| {
            format!("{setting}: {}: has a certificate that is no CA's: {error}", file.display())
        })?;
    }
    Ok(roots)
}
