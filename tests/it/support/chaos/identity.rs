//! The certificates that the chaos upstream shows.

use std::sync::LazyLock;

use rcgen::date_time_ymd;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::support::tls::{Authority, named};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    Right,
    /// Valid until the year 2000.
    Expired,
    /// For another host, from the right CA.
    Elsewhere,
    /// For the right name, from an unknown CA.
    Unknown,
}

/// A certificate of each kind.
pub struct Identities {
    /// The CA's certificate, as PEM.
    pub ca: String,
    right: TlsAcceptor,
    expired: TlsAcceptor,
    elsewhere: TlsAcceptor,
    unknown: TlsAcceptor,
}

/// Made once, because making keys takes time.
pub static IDENTITIES: LazyLock<Identities> = LazyLock::new(Identities::new);

impl Identities {
    fn new() -> Self {
        let (known, nobody) = (Authority::new(), Authority::new());
        let mut expired = named("localhost");
        expired.not_after = date_time_ymd(2000, 1, 1);
        Self {
            ca: known.pem.clone(),
            right: known.acceptor(&named("localhost")),
            expired: known.acceptor(&expired),
            elsewhere: known.acceptor(&named("elsewhere.example")),
            unknown: nobody.acceptor(&named("localhost")),
        }
    }

    /// Completes a handshake; `None` if the other side refuses.
    pub async fn greet(&self, identity: Identity, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        let acceptor = match identity {
            Identity::Right => &self.right,
            Identity::Expired => &self.expired,
            Identity::Elsewhere => &self.elsewhere,
            Identity::Unknown => &self.unknown,
        };
        acceptor.accept(stream).await.ok()
    }
}
