//! Certificates that change, and when they end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use mesigate::snapshot::reload::ReloadOutcome;
use tokio_rustls::rustls::ALL_VERSIONS;

use super::ask;
use crate::support::client::{get, metric, metrics};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::program::Serving;
use crate::support::tls::{Authority, Files, connect, named};

#[tokio::test]
async fn the_end_of_the_certificate_is_shown_and_follows_a_new_one() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let echo = Echo::start(Duration::ZERO).await;
    let name = "mesigate_certificate_expiry_timestamp_seconds";
    let until = |year| {
        let mut params = named("localhost");
        params.not_after = rcgen::date_time_ymd(year, 1, 2);
        authority.pair_of(&params)
    };
    let files = Files::in_folder(folder.path(), &until(2042));
    let settings = format!("upstream.url = 'http://{}/'\n{}", echo.address, files.settings());
    let gateway = Gateway::start(&settings);
    assert_eq!(metric(gateway.admin, name).await, 2_272_233_600);
    files.write(&until(2043));
    assert_eq!(gateway.reload(&settings), ReloadOutcome::Applied);
    assert_eq!(metric(gateway.admin, name).await, 2_303_769_600);
    assert!(!metrics(Gateway::to(echo.address).admin).await.contains(name), "there is no TLS");
}

#[tokio::test]
async fn the_first_end_of_cas_is_shown_for_clients_and_for_each_upstream() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::in_folder(folder.path(), &Authority::new().pair("localhost"));
    let until = |years: &[i32]| {
        let pem = |year: &i32| {
            let mut params = named("localhost");
            params.not_after = rcgen::date_time_ymd(*year, 1, 2);
            Authority::new().pair_of(&params).certificate
        };
        years.iter().map(pem).collect::<String>()
    };
    let [clients, shared, own] = ["clients", "shared", "own"].map(|name| folder.path().join(name));
    std::fs::write(&clients, until(&[2043, 2042])).expect("a file");
    std::fs::write(&shared, until(&[2043])).expect("a file");
    std::fs::write(&own, until(&[2042, 2043])).expect("a file");
    let [key, token] = ["key", "token"].map(|name| folder.path().join(name));
    std::fs::write(&key, "key").and_then(|()| std::fs::write(&token, "token")).expect("files");
    let app = |url: &str| {
        format!(
            "[[app]]\nname = 'a'\nkeys = [{{ file = '{}' }}]\ntoken = {{ file = '{}' }}\nupstream = {{ url = '{url}', ca_file = '{}' }}",
            key.display(),
            token.display(),
            own.display()
        )
    };
    let of_all = format!("upstream.url = 'https://a.invalid/'\nupstream.ca_file = '{}'", shared.display());
    let settings = |url: &str| {
        let of_clients = format!("tls.clients = 'optional'\ntls.client_ca = '{}'", clients.display());
        format!("{of_all}\n{}\n{of_clients}\n{}", files.settings(), app(url))
    };
    let gateway = Gateway::start(&settings("https://b.invalid/"));
    let (y2042, y2043) = (2_272_233_600, 2_303_769_600);
    let upstream =
        |host: &str| format!("mesigate_upstream_ca_expiry_timestamp_seconds{{upstream=\"{host}\"}}");
    assert_eq!(metric(gateway.admin, "mesigate_client_ca_expiry_timestamp_seconds").await, y2042);
    assert_eq!(metric(gateway.admin, &upstream("a.invalid")).await, y2043);
    assert_eq!(metric(gateway.admin, &upstream("b.invalid")).await, y2042);
    // One host with two files is one series, and a new file counts as soon as it is loaded.
    let same = settings("https://a.invalid/");
    assert_eq!(gateway.reload(&same), ReloadOutcome::Applied);
    assert_eq!(metric(gateway.admin, &upstream("a.invalid")).await, y2042);
    std::fs::write(&own, until(&[2043])).expect("a file");
    assert_eq!(gateway.reload(&same), ReloadOutcome::Applied);
    assert_eq!(metric(gateway.admin, &upstream("a.invalid")).await, y2043);
    let plain = metrics(Gateway::start("upstream.url = 'http://127.0.0.1:1/'").admin).await;
    assert!(!plain.contains("ca_expiry"), "nothing of the kind is given");
}

#[tokio::test]
async fn a_pair_that_does_not_fit_changes_nothing() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = format!("upstream.url = 'http://{}/'\n{}", echo.address, files.settings());
    let gateway = Gateway::start(&settings);
    let client = authority.client(&[], None, ALL_VERSIONS);
    let (first, second) = (authority.pair("localhost"), authority.pair("localhost"));
    std::fs::write(&files.certificate, &first.certificate).expect("a file");
    let ReloadOutcome::Refused(reasons) = gateway.reload(&settings) else { panic!("it does not fit") };
    assert!(reasons[0].contains("are no certificate and its key"), "{reasons:?}");
    assert!(ask(&client, gateway.address).await.is_ok());
    std::fs::write(&files.key, &second.key).expect("a file");
    assert!(matches!(gateway.reload(&settings), ReloadOutcome::Refused(_)));
    files.write(&second);
    assert_eq!(gateway.reload(&settings), ReloadOutcome::Applied);
    assert!(ask(&client, gateway.address).await.is_ok());
    std::fs::write(&files.key, "no key").expect("a file");
    assert!(matches!(gateway.reload(&settings), ReloadOutcome::Refused(_)));
    assert!(ask(&client, gateway.address).await.is_ok());
}

/// How often the certificate changes under load; one file after the other, as tools write them.
const SWAPS: usize = 100;

#[tokio::test]
async fn a_hundred_certificates_one_after_the_other_fail_no_handshake() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let echo = Echo::start(Duration::ZERO).await;
    let settings = folder.path().join("settings.toml");
    let ports = "listen.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'\nlog.file = '/dev/null'\n";
    let text = format!(
        "upstream.url = 'http://{}/'\nreload.interval = '2ms'\n{ports}{}",
        echo.address,
        files.settings()
    );
    std::fs::write(&settings, text).expect("a file");
    let serving = Serving::with(&settings);
    let (address, is_over, shaken) =
        (serving.address, Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (is_over, shaken) = (is_over.clone(), shaken.clone());
            let client = authority.client(&[], None, ALL_VERSIONS);
            tokio::spawn(async move {
                while !is_over.load(Relaxed) {
                    let answer = ask(&client, address).await.expect("no handshake fails");
                    assert!(answer.contains("\"result\":true"), "{answer}");
                    shaken.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    let plain = authority.client(&[], None, ALL_VERSIONS);
    for number in 0..SWAPS {
        let pair = authority.pair("localhost");
        files.write(&pair);
        let fresh = {
            use tokio_rustls::rustls::pki_types::CertificateDer;
            use tokio_rustls::rustls::pki_types::pem::PemObject as _;
            CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("a certificate")
        };
        let shown = async || {
            let stream = connect(&plain, address).await.expect("no handshake fails");
            stream.get_ref().1.peer_certificates().is_some_and(|chain| chain[0] == fresh)
        };
        let mut looks = 0;
        while !shown().await {
            looks += 1;
            assert!(looks < 5000, "certificate {number} was never shown");
            tokio::task::yield_now().await;
        }
    }
    is_over.store(true, Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    let metrics = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
    let applied = metrics.split("mesigate_reloads_total{outcome=\"applied\"} ").nth(1);
    let applied: usize =
        applied.and_then(|rest| rest.lines().next()).expect("a count").parse().expect("a number");
    assert!(applied >= SWAPS, "{metrics}");
    println!("{SWAPS} certificates, {} handshakes, none failed", shaken.load(Relaxed));
}
