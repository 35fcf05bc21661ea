//! Opening connections: name, TCP, a proxy's tunnel, TLS, HTTP/1.1.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Uri;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tower_service::Service;

use super::line::{Line, Watch};
use super::resolve::Resolver;
use super::tls::Tls;
use crate::config::Target;
use crate::metrics::Cells;

/// Opens connections to one endpoint.
pub struct Connector {
    tcp: HttpConnector<Resolver>,
    /// The proxy, the only other host that is ever dialled.
    proxy: Option<Uri>,
    endpoint: Uri,
    tls: Option<Tls>,
    ration: usize,
    cells: Arc<Cells>,
}

/// What an answer may take on the wire beside its text, which may be in small chunks.
const FRAMING: usize = 128 * 1024;

/// A fresh connection.
pub struct Connected {
    /// Sends one request at a time. Dropping it closes the connection, whatever is under way on it.
    pub sender: SendRequest<Full<Bytes>>,
    /// A look at the socket below.
    pub watch: Watch,
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
        most_answer: usize,
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
        let ration = most_answer.saturating_mul(2).saturating_add(FRAMING);
        Ok(Self { tcp, proxy, endpoint, tls, ration, cells })
    }

    /// A fresh connection, to the addresses that the name has now.
    ///
    /// # Errors
    /// What the resolver, TCP, the proxy, TLS or HTTP says.
    pub async fn connect(&self) -> io::Result<Connected> {
        let stream = match &self.proxy {
            None => dial(self.tcp.clone(), &self.endpoint).await?,
            Some(proxy) => dial(Tunnel::new(proxy.clone(), self.tcp.clone()), &self.endpoint).await?,
        };
        let line = Line::new(stream, self.ration);
        let watch = line.watch();
        match &self.tls {
            None => self.handshake(line, watch).await,
            Some(tls) => self.handshake(tls.connect(line).await?, watch).await,
        }
    }

    async fn handshake<S>(&self, stream: S, watch: Watch) -> io::Result<Connected>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        let present = self.cells.upstream_connected();
        tokio::spawn(async move {
            // Its end shows at the sender; an error while it rests concerns nobody.
            drop(connection.await);
            drop(present);
        });
        Ok(Connected { sender, watch })
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
