//! TLS for clients: a certificate and its key, and optionally clients' own certificates.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{ClientCertificates, TlsFiles};
use crate::http::net::pem;
use crate::http::net::stream::Records;
use crate::http::proto::version::Version;

/// The TLS setup of a listener.
#[derive(Clone)]
pub struct ServerTls {
    acceptor: TlsAcceptor,
    /// When the certificate that clients see expires, in seconds since 1970; `None` if it cannot be read.
    pub expiry: Option<i64>,
    /// When the first CA certificate for clients' own certificates expires; `None` without any.
    pub ca_expiry: Option<i64>,
}

impl ServerTls {
    /// Reads the files and checks that they fit together.
    ///
    /// # Errors
    /// A sentence that names the setting: a file cannot be read or is not PEM, or the key is not the
    /// certificate's.
    pub fn load(files: &TlsFiles, http2: bool) -> Result<Self, String> {
        let chain = pem::certificates("tls.certificate", &files.certificate)?;
        let expiry = chain.first().and_then(pem::expiry);
        let key = pem::key("tls.key", &files.key)?;
        let versions = if files.only_1_3 { &[&rustls::version::TLS13][..] } else { rustls::ALL_VERSIONS };
        // The provider is explicit: with a second one among the dependencies, the default would panic at first
        // use.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|error| format!("tls.minimum: TLS cannot be set up: {error}"))?;
        let ca_expiry = ca(&files.clients).map(|file| pem::certificates(CLIENT_CA, file)).transpose()?;
        let ca_expiry = ca_expiry.and_then(|certificates| pem::first_end(&certificates));
        let builder = match verifier(&files.clients)? {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier),
        };
        // rustls compares certificate and key here, and refuses those that do not fit.
        let mut config = builder.with_single_cert(chain, key).map_err(|error| {
            let (certificate, key) = (files.certificate.display(), files.key.display());
            format!("tls: {certificate} and {key} are no certificate and its key: {}", unfit(&error))
        })?;
        config.alpn_protocols = if http2 { vec![b"h2".to_vec()] } else { Vec::new() };
        config.alpn_protocols.push(b"http/1.1".to_vec());
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), expiry, ca_expiry })
    }

    /// Performs a handshake.
    ///
    /// # Errors
    /// The error of TLS, such as a client without the certificate that it needs.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<Records>> {
        self.acceptor.accept(Records::new(Arc::new(stream))).await
    }
}

/// The version of HTTP that both sides agreed on by ALPN, if they did (RFC 7301).
#[must_use]
pub fn agreed(stream: &TlsStream<Records>) -> Option<Version> {
    match stream.get_ref().1.alpn_protocol() {
        Some(b"h2") => Some(Version::Two),
        Some(_) => Some(Version::One),
        None => None,
    }
}

/// Why a certificate and a key do not fit, with what to do about it.
fn unfit(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => {
            "the key is another certificate's. The certificate that it is for must be the first of its file, with its \
             chain behind it"
                .to_owned()
        }
        rustls::Error::InvalidCertificate(error) if error.to_string().contains("UnsupportedCertVersion") => {
            "the certificate is of X.509 version 1: make one of version 3, with its names as subjectAltName".to_owned()
        }
        rustls::Error::InvalidCertificate(_) => format!("the first certificate cannot be read: {error}"),
        _ => format!("is the key one of RSA, ECDSA or Ed25519? {error}"),
    }
}

const CLIENT_CA: &str = "tls.client_ca";

fn ca(clients: &ClientCertificates) -> Option<&Path> {
    match clients {
        ClientCertificates::Off => None,
        ClientCertificates::Optional(file) | ClientCertificates::Required(file) => Some(file),
    }
}

fn verifier(clients: &ClientCertificates) -> Result<Option<Arc<dyn ClientCertVerifier>>, String> {
    let Some(file) = ca(clients) else {
        return Ok(None);
    };
    let is_optional = matches!(clients, ClientCertificates::Optional(_));
    let roots = pem::authorities(CLIENT_CA, file)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    let builder = if is_optional { builder.allow_unauthenticated() } else { builder };
    builder.build().map(Some).map_err(|error| format!("{CLIENT_CA}: {}: {error}", file.display()))
}
