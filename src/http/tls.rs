//! TLS towards clients: a certificate and its key, and maybe clients' own certificates.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{ClientCertificates, TlsFiles};
use crate::http::connection::wire::Version;
use crate::http::net::pem;

/// What handshakes are made with.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A sentence that names the setting: a file that cannot be read or is no PEM, a key that is not
    /// the certificate's.
    pub fn load(files: &TlsFiles, http2: bool) -> Result<Self, String> {
        let chain = pem::certificates("tls.certificate", &files.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| {
            format!("tls.key: {}: holds no key in PEM form: {error}", files.key.display())
        })?;
        let versions = if files.only_1_3 { &[&rustls::version::TLS13][..] } else { rustls::ALL_VERSIONS };
        // The provider is named: with a second one in the graph, the default would panic at first use.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|error| format!("tls.minimum: TLS cannot be set up: {error}"))?;
        let builder = match verifier(&files.clients)? {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier),
        };
        // It holds them against each other: what does not fit is refused here.
        let mut config = builder.with_single_cert(chain, key).map_err(|error| {
            let (certificate, key) = (files.certificate.display(), files.key.display());
            format!("tls: {certificate} and {key} are no certificate and its key: {error}")
        })?;
        config.alpn_protocols = if http2 { vec![b"h2".to_vec()] } else { Vec::new() };
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)) })
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// What TLS says, such as a client without the certificate that it needs.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

/// What both sides have agreed on, if they have (RFC 7301).
#[must_use]
pub fn agreed(stream: &TlsStream<TcpStream>) -> Option<Version> {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Some(Version::Two),
        Some(_) => Some(Version::One),
        None => None,
    }
}

fn verifier(clients: &ClientCertificates) -> Result<Option<Arc<dyn ClientCertVerifier>>, String> {
    let (file, is_optional) = match clients {
        ClientCertificates::Off => return Ok(None),
        ClientCertificates::Optional(file) => (file, true),
        ClientCertificates::Required(file) => (file, false),
    };
    let roots = pem::authorities("tls.client_ca", file)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = if is_optional { builder.allow_unauthenticated() } else { builder };
    builder.build().map(Some).map_err(|error| format!("tls.client_ca: {}: {error}", file.display()))
}
