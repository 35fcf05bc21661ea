//! Verifies upstream's certificate: chains, trusted certificates of the settings, and pins.
//!
//! A self-hosted server often has a self-signed certificate, as `openssl req -x509` makes it: marked as a CA's,
//! so that by the rules of chains no server may show it. If `upstream.ca_file` has that very certificate, it is
//! trusted; certificates that it has signed are checked like any CA's. Its own dates and names are checked as
//! well.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::config::certificate::{CertificateFacts, Pin};

/// Checks chains like webpki, and accepts the certificates of the settings.
#[derive(Debug)]
pub struct Verifier {
    /// The verifier of chains.
    pub chains: Arc<WebPkiServerVerifier>,
    /// The certificates of `upstream.ca_file`.
    pub own: Vec<CertificateDer<'static>>,
    /// The keys of which the server's must be one; empty allows any.
    pub pins: Vec<Pin>,
}

impl Verifier {
    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let fits = || CertificateFacts::of(certificate).is_some_and(|facts| self.pins.contains(&facts.pin));
        self.pins.is_empty() || fits()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = if self.own.iter().any(|own| own == end_entity) {
            check_own(end_entity, server_name, now)?
        } else {
            self.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?
        };
        if self.is_pinned(end_entity) {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Checks the dates and names of a certificate that is trusted itself.
fn check_own(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<ServerCertVerified, Error> {
    let facts = CertificateFacts::of(certificate).ok_or(CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    if now < facts.from {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > facts.until {
        return Err(CertificateError::Expired.into());
    }
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
    Ok(ServerCertVerified::assertion())
}
