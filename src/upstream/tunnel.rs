//! A proxy's tunnel to upstream, and the sentences for when the proxy opens none.

use std::error::Error;
use std::fmt;
use std::io;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use tokio::net::TcpStream;
use tower_service::Service;

use super::dial::{dial, whole};
use super::resolve::Resolver;
use crate::protocol::reject::Reject;

type Tcp = HttpConnector<Resolver>;
type TunnelFault = <Tunnel<Tcp> as Service<Uri>>::Error;

/// Opens tunnels through one proxy.
///
/// No `Debug`: it holds a password.
pub struct Tunnels {
    proxy: Uri,
    login: Option<HeaderValue>,
    tcp: Tcp,
}

impl Tunnels {
    /// Tunnels through `proxy`, with `login` as the authorization.
    pub fn new(proxy: Uri, login: Option<HeaderValue>, tcp: Tcp) -> Self {
        Self { proxy, login, tcp }
    }

    /// The proxy's host.
    pub fn host(&self) -> Option<&str> {
        self.proxy.host()
    }

    /// Opens a tunnel to a host and port.
    ///
    /// # Errors
    /// The error of the resolver or TCP; for a refusal of the proxy, [`told`] has a sentence.
    pub async fn open(&self, to: &Uri) -> io::Result<TcpStream> {
        let tunnel = Tunnel::new(self.proxy.clone(), self.tcp.clone());
        let tunnel = match &self.login {
            Some(login) => tunnel.with_auth(login.clone()),
            None => tunnel,
        };
        dial(tunnel, to).await.map_err(|fault| match fault {
            TunnelFault::ProxyAuthRequired if self.login.is_some() => {
                io::Error::other(Closed(Reject::PROXY_DECLINES))
            }
            TunnelFault::ProxyAuthRequired => io::Error::other(Closed(Reject::PROXY_ASKS)),
            TunnelFault::TunnelUnsuccessful
            | TunnelFault::TunnelUnexpectedEof
            | TunnelFault::ProxyHeadersTooLong => io::Error::other(Closed(Reject::PROXY_REFUSES)),
            fault => whole(fault),
        })
    }
}

/// The proxy opened no tunnel.
#[derive(Debug)]
struct Closed(&'static str);

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Closed {}

/// What to do about an error of [`Tunnels::open`], if it is the proxy's own.
#[must_use]
pub fn told(error: &io::Error) -> Option<&'static str> {
    error.get_ref()?.downcast_ref::<Closed>().map(|closed| closed.0)
}
