//! Opening connections: name, TCP, a proxy's tunnel, TLS.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::exchange::Connection;
use super::resolve::Resolver;
use super::tls::Tls;
use crate::config::Target;
use crate::http::net::stream::Stream;
use crate::telemetry::metrics::Cells;

/// Opens connections to one endpoint.
pub struct Connector {
    tcp: HttpConnector<Resolver>,
    /// The proxy, the only other host that is ever dialled.
    proxy: Option<Uri>,
    endpoint: Uri,
    tls: Option<Tls>,
    cells: Arc<Cells>,
}

impl Connector {
    /// Over TLS where `tls` is given. A name's addresses share `deadline`; those of IP version 4 and
    /// 6 race, so that one that leads nowhere costs little (RFC 8305).
    ///
    /// # Errors
    /// A sentence, for a host that no URI can name.
    pub fn new(
        target: &Target,
        tls: Option<Tls>,
        resolver: Resolver,
        deadline: Duration,
        cells: Arc<Cells>,
    ) -> Result<Self, String> {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(deadline));
        let (host, port) = (&target.url.host, target.url.port);
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        // Plain on purpose: this is where TCP goes, and TLS comes above it.
        let endpoint = format!("http://{host}:{port}/");
        let endpoint = endpoint.parse().map_err(|error| format!("upstream.url: {error}"))?;
        let proxy = target.proxy.as_ref().map(|proxy| proxy.uri.clone());
        Ok(Self { tcp, proxy, endpoint, tls, cells })
    }

    /// A fresh connection, to the addresses that the name has now.
    ///
    /// # Errors
    /// What the resolver, TCP, the proxy or TLS says.
    pub async fn connect(&self) -> io::Result<Connection> {
        let stream = match &self.proxy {
            None => dial(self.tcp.clone(), &self.endpoint).await?,
            Some(proxy) => dial(Tunnel::new(proxy.clone(), self.tcp.clone()), &self.endpoint).await?,
        };
        let stream = match &self.tls {
            None => Stream::Plain(stream),
            Some(tls) => Stream::tls(tls.connect(stream).await?),
        };
        Ok(Connection::new(stream, self.cells.upstream_connected()))
    }
}

async fn dial<S>(mut service: S, to: &Uri) -> io::Result<TcpStream>
where
    S: Service<Uri, Response = TokioIo<TcpStream>>,
    S::Error: Error,
{
    poll_fn(|cx| service.poll_ready(cx)).await.map_err(whole)?;
    let stream = service.call(to.clone()).await.map_err(whole)?;
    Ok(stream.into_inner())
}

/// An error with all that it has to say of its cause.
fn whole(error: impl Error) -> io::Error {
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    io::Error::other(texts.join(": "))
}
