//! Opens connections to upstream: name, TCP, a proxy's tunnel, TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;

use super::dial::{dial, whole};
use super::exchange::UpstreamConnection;
use super::resolve::Resolver;
use super::tls::UpstreamTls;
use super::tunnel::Tunnels;
use crate::config::AppUpstream;
use crate::http::net::stream::Stream;
use crate::telemetry::metrics::WorkerCounters;

/// Opens connections to one endpoint.
pub struct Connector {
    tcp: HttpConnector<Resolver>,
    /// Tunnels through the proxy, the only other host that is ever dialled.
    tunnels: Option<Tunnels>,
    endpoint: Uri,
    tls: Option<UpstreamTls>,
    counters: Arc<WorkerCounters>,
}

impl Connector {
    /// A connector, with TLS if `tls` is given. A name's addresses share `deadline`; those of IPv4 and IPv6
    /// race, so that an unreachable one costs little (RFC 8305). `login` is the proxy's authorization.
    ///
    /// # Errors
    /// A sentence, for a host that no URI can name.
    pub fn new(
        (target, login): (&AppUpstream, Option<HeaderValue>),
        tls: Option<UpstreamTls>,
        resolver: Resolver,
        deadline: Duration,
        counters: Arc<WorkerCounters>,
    ) -> Result<Self, String> {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(deadline));
        let (host, port) = (&target.url.host, target.url.port);
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        // Plain http is right here: TCP goes there, and TLS comes above it.
        let endpoint = format!("http://{host}:{port}/");
        let endpoint = endpoint.parse().map_err(|error| format!("upstream.url: {error}"))?;
        let proxy = target.proxy.as_ref();
        let tunnels = proxy.map(|proxy| Tunnels::new(proxy.uri.clone(), login, tcp.clone()));
        Ok(Self { tcp, tunnels, endpoint, tls, counters })
    }

    /// Opens a connection, to the addresses that the name has now.
    ///
    /// # Errors
    /// The error of the resolver, TCP, the proxy or TLS.
    pub async fn connect(&self) -> io::Result<UpstreamConnection> {
        let stream = self.shake_hands(self.dial().await?).await?;
        Ok(self.connection(stream))
    }

    /// Opens TCP to upstream, through the proxy if there is one.
    ///
    /// # Errors
    /// The error of the resolver, TCP or the proxy.
    pub async fn dial(&self) -> io::Result<Stream> {
        let stream = match &self.tunnels {
            None => dial(self.tcp.clone(), &self.endpoint).await.map_err(whole)?,
            Some(tunnels) => tunnels.open(&self.endpoint).await?,
        };
        silent(Stream::Plain(Arc::new(stream)))
    }

    /// Adds TLS, if upstream has it.
    ///
    /// # Errors
    /// The error of TLS.
    pub async fn shake_hands(&self, stream: Stream) -> io::Result<Stream> {
        match (stream, &self.tls) {
            (Stream::Plain(tcp), Some(tls)) => silent(Stream::tls(tls.connect(tcp).await?)),
            (stream, _) => Ok(stream),
        }
    }

    /// Wraps a stream as a connection for requests.
    pub fn connection(&self, stream: Stream) -> UpstreamConnection {
        UpstreamConnection::new(stream, self.counters.upstream_connected())
    }

    /// The host that is dialled: upstream's, or the proxy's.
    #[must_use]
    pub fn host(&self) -> &str {
        let host =
            self.tunnels.as_ref().map_or_else(|| self.endpoint.host(), Tunnels::host).unwrap_or_default();
        host.trim_matches(['[', ']'])
    }
}

/// Refuses a connection on which bytes came before a request was sent: they would become the first request's
/// answer. Most likely a proxy has sent them after its own.
fn silent(mut stream: Stream) -> io::Result<Stream> {
    if stream.has_spoken() {
        return Err(io::Error::other("the connection was ended, or spoken on, before anything was asked"));
    }
    Ok(stream)
}
