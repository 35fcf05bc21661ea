//! TLS to upstream: rustls with aws-lc-rs, and the bundled public roots or the CA file of the settings.

mod told;
mod verifier;

use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::{AppUpstream, Scheme};
use crate::http::net::pem;
use crate::http::net::stream::Records;
use told::told;
use verifier::Verifier;

/// TLS to one host.
#[derive(Clone)]
pub struct UpstreamTls {
    /// When the first certificate of the CA file expires, in seconds since 1970; `None` without one.
    pub expiry: Option<i64>,
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl UpstreamTls {
    /// TLS by the settings; `None` for an upstream over plain http.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file cannot be read or has no certificate, or no certificate can
    /// name the host.
    pub fn new(upstream: &AppUpstream) -> Result<Option<Self>, String> {
        if upstream.url.scheme == Scheme::Http {
            return Ok(None);
        }
        let setting = "upstream.ca_file";
        let (roots, own) = match &upstream.ca_file {
            Some(file) => (pem::authorities(setting, file)?, pem::certificates(setting, file)?),
            None => (webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect::<RootCertStore>(), Vec::new()),
        };
        // The provider is explicit: with a second one among the dependencies, the default would panic at first
        // use.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| format!("{setting}: {error}"))?;
        let expiry = pem::first_end(&own);
        let verifier = Verifier { chains, own, pins: upstream.pins.clone() };
        // rustls calls this dangerous because a verifier may leave out checks; this one adds some.
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("upstream.url: TLS cannot be set up: {error}"))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let host = ServerName::try_from(upstream.url.host.clone())
            .map_err(|_| format!("upstream.url: `{}` is no name for a certificate", upstream.url.host))?;
        Ok(Some(Self { expiry, connector: TlsConnector::from(Arc::new(config)), host }))
    }

    /// Performs a handshake.
    ///
    /// # Errors
    /// The error of TLS, such as a certificate for another name.
    pub async fn connect(&self, stream: Arc<TcpStream>) -> io::Result<TlsStream<Records>> {
        let connected = self.connector.connect(self.host.clone(), Records::new(stream)).await;
        connected.map_err(|error| told(error, &self.host.to_str()))
    }
}
