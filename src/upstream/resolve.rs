//! Resolves names to addresses, anew for each connection, so that changes are followed.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

/// The future addresses of a name.
pub type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// A function that resolves names; tests replace the system's.
pub type Find = Arc<dyn Fn(String) -> Found + Send + Sync>;

/// Resolves a name to addresses of the allowed kinds.
#[derive(Clone)]
pub struct Resolver {
    find: Find,
    ipv4_only: bool,
}

impl Resolver {
    /// A resolver by `find`.
    #[must_use]
    pub fn new(find: Find, ipv4_only: bool) -> Self {
        Self { find, ipv4_only }
    }
}

/// Resolves a name by the system.
pub fn system(name: String) -> Found {
    Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, ipv4_only) = ((self.find)(name.as_str().to_owned()), self.ipv4_only);
        Box::pin(async move {
            let mut addresses = found.await?;
            if ipv4_only {
                addresses.retain(SocketAddr::is_ipv4);
            }
            if addresses.is_empty() {
                let of = if ipv4_only { " of version 4 (upstream.ipv4_only)" } else { "" };
                return Err(io::Error::new(io::ErrorKind::NotFound, format!("the name has no address{of}")));
            }
            Ok(addresses.into_iter())
        })
    }
}
