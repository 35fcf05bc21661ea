//! Which certificates the gateway accepts as upstream's: as openssl makes them, by pins, and what `check --connect`
//! says.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::program::{err, mesigate, out, run};
use crate::support::tls::{Authority, answering, named};

const WRITE: &str = "/api.php?op=message&token=T&from=a&to=b&msg=x&id=3";

/// A certificate and its key, made by openssl.
struct Made {
    certificate: PathBuf,
    key: PathBuf,
}

fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{}", err(&output));
    out(&output)
}

/// Makes a self-signed certificate, with the options that an operator adds.
fn made(folder: &Path, name: &str, more: &[&str]) -> Made {
    let made =
        Made { certificate: folder.join(format!("{name}.pem")), key: folder.join(format!("{name}.key")) };
    let (certificate, key) = (made.certificate.display().to_string(), made.key.display().to_string());
    let mut arguments =
        vec!["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    arguments.extend(["-subj", "/CN=localhost", "-days", "100", "-out", &certificate, "-keyout", &key]);
    arguments.extend(more);
    openssl(&arguments);
    made
}

/// A server that shows this certificate and gives every request one fixed answer.
async fn serve(made: &Made) -> SocketAddr {
    let chain = CertificateDer::pem_file_iter(&made.certificate).expect("a file");
    let chain = chain.collect::<Result<Vec<_>, _>>().expect("certificates");
    let key = PrivateKeyDer::from_pem_file(&made.key).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a pair");
    answering(TlsAcceptor::from(Arc::new(config))).await
}

/// A plain HTTP server, which answers a TLS greeting as most do: as a bad request.
async fn complaining() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut greeting = [0; 4096];
            if stream.read(&mut greeting).await.is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
            }
        }
    });
    address
}

fn settings(address: SocketAddr, more: &str) -> String {
    format!("[upstream]\nurl = 'https://localhost:{}/backend/'\nipv4_only = true\n{more}\n", address.port())
}

fn trusting(made: &Made) -> String {
    format!("ca_file = '{}'", made.certificate.display())
}

async fn is_spoken_to(settings: &str) -> bool {
    let gateway = Gateway::start(settings);
    let answer = get(gateway.address, WRITE).await.json();
    assert!(answer["result"] == true || answer["error"] == "UPSTREAMDOWN", "{answer}");
    answer["result"] == true
}

/// What `check --connect` prints, and its exit code.
async fn tried(folder: &Path, settings: String) -> (String, Option<i32>) {
    let file = folder.join("settings.toml");
    std::fs::write(&file, settings).expect("a file");
    // The servers live in this thread's runtime.
    let output = tokio::task::spawn_blocking(move || {
        run(&["check", "--connect", "--config", &file.display().to_string()])
    });
    let output = output.await.expect("an end");
    (out(&output) + &err(&output), output.status.code())
}

#[tokio::test]
async fn a_certificate_that_its_server_has_signed_itself_is_trusted_as_that_very_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let san = ["-addext", "subjectAltName=DNS:localhost"];
    // As openssl makes it by default, for a CA; then as a server's certificate should be.
    let as_ca = made(folder.path(), "ca", &san);
    let leaf = [&san[..], &["-addext", "basicConstraints=critical,CA:FALSE"]].concat();
    let as_leaf = made(folder.path(), "leaf", &leaf);
    for made in [&as_ca, &as_leaf] {
        let address = serve(made).await;
        assert!(is_spoken_to(&settings(address, &trusting(made))).await);
        let (told, code) = tried(folder.path(), settings(address, &trusting(made))).await;
        assert!(code == Some(0) && told.contains("tls: version 1.3, a chain of 1, holds until "), "{told}");
        assert!(told.contains("api: it answers as the API does (HTTP 200)"), "{told}");
        // The public CAs do not know it.
        assert!(!is_spoken_to(&settings(address, "")).await);
    }
    // Another certificate for the same name is not trusted.
    let other = made(folder.path(), "other", &san);
    let address = serve(&other).await;
    assert!(!is_spoken_to(&settings(address, &trusting(&as_ca))).await);
    let (told, code) = tried(folder.path(), settings(address, &trusting(&as_ca))).await;
    assert!(code == Some(1) && told.contains("tls: FAULT: "), "{told}");
}

#[tokio::test]
async fn its_names_and_dates_are_checked_all_the_same_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = made(folder.path(), "elsewhere", &["-addext", "subjectAltName=DNS:elsewhere.example"]);
    let nameless = made(folder.path(), "nameless", &[]);
    for (made, sentence) in [
        (&elsewhere, "its certificate is not for `localhost` but for"),
        (&nameless, "openssl req -x509 -addext subjectAltName=DNS:localhost"),
    ] {
        let address = serve(made).await;
        assert!(!is_spoken_to(&settings(address, &trusting(made))).await);
        let (told, code) = tried(folder.path(), settings(address, &trusting(made))).await;
        assert!(code == Some(1) && told.contains(sentence), "{told}");
    }
    let mut params = named("localhost");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    (params.not_before, params.not_after) =
        (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1));
    let key = rcgen::KeyPair::generate().expect("a key");
    let expired = Made { certificate: folder.path().join("old.pem"), key: folder.path().join("old.key") };
    let certificate = params.self_signed(&key).expect("a certificate");
    std::fs::write(&expired.certificate, certificate.pem()).expect("a file");
    std::fs::write(&expired.key, key.serialize_pem()).expect("a file");
    let address = serve(&expired).await;
    assert!(!is_spoken_to(&settings(address, &trusting(&expired))).await);
    let (told, code) = tried(folder.path(), settings(address, &trusting(&expired))).await;
    assert!(code == Some(1) && told.contains("its certificate has expired"), "{told}");
    assert!(
        told.contains("warning: upstream.ca_file: ") && told.contains("has expired on 2021-01-01"),
        "{told}"
    );
}

#[tokio::test]
async fn a_pin_lets_nobody_in_and_keeps_out_every_other_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = made(folder.path(), "pinned", &["-addext", "subjectAltName=DNS:localhost"]);
    let certificate = made.certificate.display().to_string();
    let public = folder.path().join("public.pem").display().to_string();
    openssl(&["x509", "-in", &certificate, "-pubkey", "-noout", "-out", &public]);
    let digest =
        openssl(&["pkey", "-pubin", "-in", &public, "-outform", "DER", "-out", &format!("{public}.der")])
            + &openssl(&["dgst", "-sha256", "-r", &format!("{public}.der")]);
    let pin = digest.split_whitespace().next().expect("a digest").to_owned();
    let address = serve(&made).await;
    let zeros = "0".repeat(64);
    for (pins, ca, is_in) in [
        (format!("['{pin}']"), true, true),
        (format!("['{zeros}', '{pin}']"), true, true),
        (format!("['{zeros}']"), true, false),
        (format!("['{pin}']"), false, false),
    ] {
        let ca = if ca { trusting(&made) } else { String::new() };
        let settings = settings(address, &format!("{ca}\npin_sha256 = {pins}"));
        assert_eq!(is_spoken_to(&settings).await, is_in, "{pins}");
    }
    let wrong = settings(address, &format!("{}\npin_sha256 = ['{zeros}']", trusting(&made)));
    let (told, code) = tried(folder.path(), wrong).await;
    assert!(code == Some(1) && told.contains("another key than those in upstream.pin_sha256"), "{told}");
    let (told, code) = tried(folder.path(), settings(address, "pin_sha256 = ['x']")).await;
    assert!(code == Some(1) && told.contains("`upstream.pin_sha256`: has one that is no SHA-256"), "{told}");
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_by_the_step_that_failed() {
    let folder = tempfile::tempdir().expect("a folder");
    let unknown = answering(Authority::new().acceptor(&named("localhost"))).await;
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let plain = complaining().await;
    let plain_url = |scheme: &str, address: SocketAddr, path: &str| {
        format!("[upstream]\nipv4_only = true\nurl = '{scheme}://localhost:{}{path}'\n", address.port())
    };
    for (settings, lines) in [
        (
            plain_url("https", unknown, "/"),
            &["name: localhost is 127.0.0.1", "tls: FAULT: its certificate comes from no CA"][..],
        ),
        (plain_url("https", plain, "/"), &["tls: FAULT: it speaks no TLS there, plain HTTP perhaps"]),
        (plain_url("http", unknown, "/"), &["api: FAULT: upstream speaks TLS there: is http://"]),
        (plain_url("http", gone, "/"), &["tcp: FAULT: ", "is the port right"]),
        ("upstream.url = 'http://nowhere.invalid/'".to_owned(), &["name: FAULT: "]),
    ] {
        let (told, code) = tried(folder.path(), settings).await;
        assert_eq!(code, Some(1), "{told}");
        assert!(lines.iter().all(|line| told.contains(line)), "{told}");
    }
}

#[test]
fn files_of_certificates_that_do_not_serve_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let san = ["-addext", "subjectAltName=DNS:localhost"];
    let (right, other) = (made(folder.path(), "right", &san), made(folder.path(), "other", &san));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (certificate, key) = (right.certificate.display().to_string(), right.key.display().to_string());
    openssl(&["pkey", "-in", &key, "-aes256", "-passout", "pass:x", "-out", &path("locked.key")]);
    openssl(&["pkey", "-in", &key, "-outform", "DER", "-out", &path("key.der")]);
    openssl(&["x509", "-in", &certificate, "-outform", "DER", "-out", &path("certificate.der")]);
    openssl(&["ec", "-in", &key, "-aes256", "-passout", "pass:x", "-out", &path("old-locked.key")]);
    std::fs::write(path("empty"), "").expect("a file");
    let other = other.key.display().to_string();
    for (certificate, key, sentence) in [
        (&certificate, &other, "the key is another certificate's"),
        (&certificate, &path("locked.key"), "has a passphrase"),
        (&certificate, &path("old-locked.key"), "has a passphrase"),
        (&certificate, &path("key.der"), "tls.key: "),
        (&certificate, &certificate, "has a certificate and no key"),
        (&certificate, &path("empty"), "holds no key in PEM form"),
        (&certificate, &path("gone"), "cannot be read"),
        (&key, &key, "has a key and no certificate"),
        (&path("certificate.der"), &key, "is DER: it needs PEM, as openssl x509"),
    ] {
        let output = mesigate(&["check"])
            .env("MESIGATE__TLS__CERTIFICATE", certificate)
            .env("MESIGATE__TLS__KEY", key)
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains(sentence), "{sentence}: {}", err(&output));
    }
}
