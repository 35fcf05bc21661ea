//! Certificates for tests, and a client that speaks TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// A CA of the test's own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    certificate: CertificateDer<'static>,
}

/// A certificate and its key, as PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = params.self_signed(&key).expect("a CA");
        let (pem, certificate) = (own.pem(), own.der().clone());
        Self { issuer: Issuer::new(params, key), pem, certificate }
    }

    /// A certificate for `name`.
    pub fn pair(&self, name: &str) -> Pair {
        self.pair_of(&named(name))
    }

    /// A certificate with these parameters.
    pub fn pair_of(&self, params: &CertificateParams) -> Pair {
        let (certificate, key) = self.issue(params);
        Pair { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// A server that shows a certificate with these parameters.
    pub fn acceptor(&self, params: &CertificateParams) -> TlsAcceptor {
        TlsAcceptor::from(self.server(params))
    }

    /// A server's settings with a certificate of these parameters, for a test that writes records by hand.
    pub fn server(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let (certificate, key) = self.issue(params);
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a sound pair");
        Arc::new(config)
    }

    fn issue(&self, params: &CertificateParams) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        (certificate, key)
    }

    /// A client that trusts this CA alone.
    pub fn client(
        &self,
        protocols: &[&str],
        own: Option<&Pair>,
        versions: &[&'static SupportedProtocolVersion],
    ) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).expect("a root");
        let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .expect("versions")
            .with_root_certificates(roots);
        let mut config = match own {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let chain = CertificateDer::pem_slice_iter(pair.certificate.as_bytes());
                let chain = chain.collect::<Result<_, _>>().expect("a chain");
                let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).expect("a key");
                builder.with_client_auth_cert(chain, key).expect("a pair")
            }
        };
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

/// The parameters of a certificate for `name`.
pub fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).expect("parameters")
}

/// A certificate and its key as files, in the test's folder.
pub struct Files {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

impl Files {
    pub fn in_folder(folder: &Path, pair: &Pair) -> Self {
        let files = Self { certificate: folder.join("server.pem"), key: folder.join("server.key") };
        files.write(pair);
        files
    }

    pub fn write(&self, pair: &Pair) {
        std::fs::write(&self.certificate, &pair.certificate).expect("a file");
        std::fs::write(&self.key, &pair.key).expect("a file");
    }

    /// The files as settings.
    pub fn settings(&self) -> String {
        format!("tls.certificate = '{}'\ntls.key = '{}'\n", self.certificate.display(), self.key.display())
    }
}

/// Connects to `localhost` at this address.
pub async fn connect(connector: &TlsConnector, address: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    connector.connect(ServerName::try_from("localhost").expect("a name"), stream).await
}

/// A server that gives every request of the API one fixed answer.
pub async fn answering(acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            tokio::spawn(async move {
                let mut request = Vec::new();
                while stream.read_buf(&mut request).await.is_ok_and(|read| read > 0) {
                    if request.ends_with(b"}") {
                        request.clear();
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\":true}";
                        if stream.write_all(answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}
