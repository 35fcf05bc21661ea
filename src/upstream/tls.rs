//! TLS to upstream: rustls with aws-lc-rs, the bundled public roots or the owner's own CA.

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
    /// When the first of the owner's own certificates ends, in seconds since 1970; none without any.
    pub expiry: Option<i64>,
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl UpstreamTls {
    /// TLS as the settings want it; `None` for a plain http upstream.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file that cannot be read or has no certificate, a
    /// host that no certificate can name.
    pub fn new(upstream: &AppUpstream) -> Result<Option<Self>, String> {
        if upstream.url.scheme == Scheme::Http {
            return Ok(None);
        }
        let setting = "upstream.ca_file";
        let (roots, own) = match &upstream.ca_file {
            Some(file) => (pem::authorities(setting, file)?, pem::certificates(setting, file)?),
            None => (webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect::<RootCertStore>(), Vec::new()),
        };
        // The provider is named: with a second one in the graph, the default would panic at first use.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
            .build()
            .map_err(|error| format!("{setting}: {error}"))?;
        let expiry = pem::first_end(&own);
        let verifier = Verifier { chains, own, pins: upstream.pins.clone() };
        // Called dangerous because it may leave out checks; this one adds some.
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

    /// Shakes hands.
    ///
    /// # Errors
    /// What TLS says, such as a certificate for another name.
    pub async fn connect(&self, stream: Arc<TcpStream>) -> io::Result<TlsStream<Records>> {
        let connected = self.connector.connect(self.host.clone(), Records::new(stream)).await;
        connected.map_err(|error| told(error, &self.host.to_str()))
    }
}
