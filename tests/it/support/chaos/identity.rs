//! Who the chaos upstream says that it is.

use std::sync::{Arc, LazyLock};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    Right,
    /// Right, until the year 2000.
    Expired,
    /// Another host's, by the right CA.
    Elsewhere,
    /// The right name, by a CA that nobody knows.
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

/// Made once: keys take their time.
pub static IDENTITIES: LazyLock<Identities> = LazyLock::new(Identities::new);

impl Identities {
    fn new() -> Self {
        let (ca, issuer) = authority();
        let (_, nobody) = authority();
        let named = |name: &str| CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let mut expired = named("localhost");
        expired.not_after = date_time_ymd(2000, 1, 1);
        Self {
            ca,
            right: acceptor(&named("localhost"), &issuer),
            expired: acceptor(&expired, &issuer),
            elsewhere: acceptor(&named("elsewhere.example"), &issuer),
            unknown: acceptor(&named("localhost"), &nobody),
        }
    }

    /// Shakes hands; `None` if the other side would not.
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

fn authority() -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("a CA");
    (certificate.pem(), Issuer::new(params, key))
}

fn acceptor(params: &CertificateParams, issuer: &Issuer<'static, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a sound pair");
    TlsAcceptor::from(Arc::new(config))
}
