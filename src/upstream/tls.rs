//! TLS to upstream: rustls with aws-lc-rs, the bundled public roots or the owner's own CA.

use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::config::{Scheme, Target};
use crate::http::net::pem;

/// TLS to one host.
#[derive(Clone)]
pub struct Tls {
    connector: TlsConnector,
    host: ServerName<'static>,
}

impl Tls {
    /// TLS as the settings want it; `None` for a plain http upstream.
    ///
    /// # Errors
    /// A sentence that names the setting: a CA file that cannot be read or has no certificate, a
    /// host that no certificate can name.
    pub fn new(upstream: &Target) -> Result<Option<Self>, String> {
        if upstream.url.scheme == Scheme::Http {
            return Ok(None);
        }
        let roots = match &upstream.ca_file {
            Some(file) => pem::authorities("upstream.ca_file", file)?,
            None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
        };
        // The provider is named: with a second one in the graph, the default would panic at first use.
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("upstream.url: TLS cannot be set up: {error}"))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let host = ServerName::try_from(upstream.url.host.clone())
            .map_err(|_| format!("upstream.url: `{}` is no name for a certificate", upstream.url.host))?;
        Ok(Some(Self { connector: TlsConnector::from(Arc::new(config)), host }))
    }

    /// Shakes hands.
    ///
    /// # Errors
    /// What TLS says, such as a certificate for another name.
    pub async fn connect(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.host.clone(), stream).await
    }
}
