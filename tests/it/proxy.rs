//! The proxy between gateway and upstream: what it is sent, and what becomes of its refusals.

use std::path::Path;

use crate::support::client::{get, is, is_done};
use crate::support::gateway::{Gateway, metric};
use crate::support::program::{Serving, err, mesigate, out};
use crate::support::proxy::Proxy;
use crate::support::stub::Stub;
use crate::upstream::tls_upstream;

const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";
const DONE: &str = r#"{"op":"userdel","result":true}"#;

// --------------------------------------------------------------------------------------- the tunnel

#[tokio::test]
async fn upstream_is_reached_through_a_proxy_which_alone_is_dialled() {
    let stub = Stub::start().await;
    let proxy = Proxy::start(stub.address, &[]).await;
    // No resolver knows the name: only the proxy has to resolve it.
    let gateway = proxy.gateway("http://mesibo.invalid/backend/", "");
    for _ in 0..3 {
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
    }
    assert_eq!(
        proxy.asked(),
        ["CONNECT mesibo.invalid:80 HTTP/1.1\r\nHost: mesibo.invalid:80\r\n\r\n"],
        "one tunnel for all, and it is told nothing else"
    );
    let calls = stub.take_calls();
    assert!(calls.len() == 3 && calls[0].head.contains("host: mesibo.invalid"), "{calls:?}");
}

#[tokio::test]
async fn tls_through_a_proxy_is_with_upstream_by_its_own_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for (certificate, is_right) in [("mesibo.invalid", true), ("proxy.invalid", false)] {
        let (address, ca) = tls_upstream(certificate).await;
        let file = folder.path().join("ca");
        std::fs::write(&file, ca).expect("a file");
        let proxy = Proxy::start(address, &[]).await;
        let ca_file = format!("upstream.ca_file = '{}'", file.display());
        let gateway = proxy.gateway("https://mesibo.invalid/backend/", &ca_file);
        let answer = get(gateway.address, WRITE).await;
        if is_right {
            is_done(&answer);
            is_done(&get(gateway.address, WRITE).await);
            assert_eq!(metric(&gateway, "upstream_connections_total").await, 1, "one for both");
        } else {
            is(&answer, "UPSTREAMDOWN", "not-sent");
        }
        assert!(proxy.asked()[0].starts_with("CONNECT mesibo.invalid:443 HTTP/1.1\r\n"));
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_has_sent_nothing_so_that_even_a_write_is_tried_again() {
    let refusals = [
        "HTTP/1.1 403 Forbidden\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\n\r\n<html>",
        "HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\n\r\n",
        "not HTTP\r\n\r\n",
        "",
    ];
    let stub = Stub::start().await;
    let proxy = Proxy::start(stub.address, &refusals).await;
    let gateway = proxy.gateway("http://mesibo.invalid/backend/", "");
    for refusal in refusals {
        let answer = get(gateway.address, WRITE).await;
        is(&answer, "UPSTREAMDOWN", "not-sent");
        let cause = answer.json()["cause"].as_str().expect("a cause").to_owned();
        assert!(cause.starts_with("the proxy before upstream opens no tunnel: "), "{refusal:?}: {cause}");
        assert_eq!(proxy.asked().len(), 1, "{refusal:?}");
    }
    let proxy = Proxy::start(stub.address, &refusals[..2]).await;
    let gateway = proxy.gateway("http://mesibo.invalid/backend/", "retry.most = 2");
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    assert_eq!((proxy.asked().len(), stub.take_calls().len()), (3, 1));
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"unreachable\"}").await, 2);
}

// -------------------------------------------------------------------------------- a proxy that asks who

/// `anton:se:cret` and `anton:other` in base64.
const RIGHT: &str = "Proxy-Authorization: Basic YW50b246c2U6Y3JldA==";
const OTHER: &str = "Proxy-Authorization: Basic YW50b246b3RoZXI=";

/// Settings with the user in the proxy's URL, and a password in a file.
fn with_password(proxy: &Proxy, folder: &Path, password: &str) -> String {
    let file = folder.join("password");
    std::fs::write(&file, password).expect("a file");
    let at = proxy.address;
    let url = "upstream.url = 'http://mesibo.invalid/backend/'";
    format!(
        "{url}\nupstream.proxy = 'http://anton@{at}'\nupstream.proxy_password.file = '{}'",
        file.display()
    )
}

#[tokio::test]
async fn a_proxy_that_asks_who_is_told_the_user_and_the_password_of_a_file() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let proxy = Proxy::start(stub.address, &[]).await;
    proxy.wants(RIGHT);
    // The line end of the file is no part of the password.
    let gateway = Gateway::start(&with_password(&proxy, folder.path(), "se:cret\n"));
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    let host = "mesibo.invalid:80";
    let told = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n{RIGHT}\r\n\r\n");
    assert_eq!(proxy.asked(), [told], "once, and nothing else");
    let calls = stub.take_calls();
    assert!(
        !calls[0].head.to_lowercase().contains("proxy"),
        "upstream hears nothing of it: {}",
        calls[0].head
    );
}

#[tokio::test]
async fn a_user_without_a_password_and_one_that_is_percent_encoded_are_told_too() {
    let stub = Stub::start().await;
    for (user, line) in [("anton", "YW50b246"), ("anton:", "YW50b246"), ("caf%C3%A9%40x", "Y2Fmw6lAeDo=")] {
        let proxy = Proxy::start(stub.address, &[]).await;
        proxy.wants(&format!("Proxy-Authorization: Basic {line}"));
        let url = format!("upstream.proxy = 'http://{user}@{}'", proxy.address);
        let gateway = Gateway::start(&format!("upstream.url = 'http://mesibo.invalid/'\n{url}"));
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
        stub.take_calls();
    }
}

#[tokio::test]
async fn a_new_password_in_the_file_is_used_and_one_that_cannot_be_read_changes_nothing() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let proxy = Proxy::start(stub.address, &[]).await;
    proxy.wants(RIGHT);
    let settings = with_password(&proxy, folder.path(), "other");
    let settings = format!("{settings}\nbreaker = {{ failures = 1, wait = '1h', longest = '1h' }}");
    let gateway = Gateway::start(&settings);
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    assert!(proxy.asked()[0].contains(OTHER));
    std::fs::remove_file(folder.path().join("password")).expect("it was there");
    let told = gateway.reload(&settings).to_string();
    assert!(told.starts_with("refused") && told.contains("upstream.proxy_password"), "{told}");
    // The breaker that the former password opened does not refuse requests with the new one.
    std::fs::write(folder.path().join("password"), "se:cret").expect("a file");
    assert!(gateway.reload(&settings).to_string().starts_with("applied"));
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    assert!(proxy.asked()[0].contains(RIGHT) && stub.take_calls().len() == 1);
}

#[tokio::test]
async fn who_is_not_let_through_by_a_proxy_is_told_which_setting_and_does_not_try_again() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let proxy = Proxy::start(stub.address, &[]).await;
    proxy.wants(RIGHT);
    let nobody = "upstream.url = 'http://mesibo.invalid/'";
    let nobody = format!("{nobody}\nupstream.proxy = 'http://{}'", proxy.address);
    let wrong = with_password(&proxy, folder.path(), "other");
    for (settings, said) in [
        (nobody, "wants to know who asks (HTTP 407): write the user into upstream.proxy, as in http://user@"),
        (
            wrong,
            "does not take the user and the password (HTTP 407) of upstream.proxy and upstream.proxy_password",
        ),
    ] {
        let gateway = Gateway::start(&format!("{settings}\nretry.most = 2"));
        let answer = get(gateway.address, WRITE).await;
        is(&answer, "UPSTREAMDOWN", "not-sent");
        let cause = answer.json()["cause"].as_str().expect("a cause").to_owned();
        assert!(cause.contains(said) && !cause.contains("other") && !cause.contains("anton"), "{cause}");
        assert_eq!(proxy.asked().len(), 1, "a wrong password must not lock the user out");
        assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"unreachable\"}").await, 0);
        let down = "requests_total{door=\"legacy\",op=\"userdel\",outcome=\"upstream_down\",app=\"-\"}";
        assert_eq!(metric(&gateway, down).await, 1);
    }
}

#[tokio::test]
async fn check_and_the_log_say_which_setting_a_proxy_wants_and_never_the_password() {
    let folder = tempfile::tempdir().expect("a folder");
    let stub = Stub::start().await;
    let proxy = Proxy::start(stub.address, &[]).await;
    proxy.wants(RIGHT);
    let file = folder.path().join("mesigate.toml");
    let log = folder.path().join("log");
    let more = format!(
        "log = {{ file = '{}', level = 'trace' }}\nlisten.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'\n\
         upstream.ipv4_only = true\nstop = {{ announce = '0s', linger = '0s' }}",
        log.display()
    );
    let settings = format!("{}\n{more}", with_password(&proxy, folder.path(), "PASSWORD-mark"));
    std::fs::write(&file, settings).expect("a file");
    let name = file.display().to_string();
    let check =
        move || mesigate(&["check", "--connect", "--show", "--config", &name]).output().expect("it runs");
    let check = tokio::task::spawn_blocking(check).await.expect("an end");
    let told = format!("{}{}", out(&check), err(&check));
    assert_eq!(check.status.code(), Some(1));
    let fault = "tcp: FAULT: the proxy before upstream does not take the user and the password (HTTP 407)";
    assert!(told.contains(fault) && !told.contains("firewall"), "{told}");
    assert!(
        told.contains("upstream.proxy_password: ") && told.contains("everybody on this host may read it")
    );
    let serving = Serving::with(&file);
    is(&get(serving.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    serving.signal(crate::support::program::Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(log.contains("the proxy before upstream does not take"), "{log}");
    let encoded = "UEFTU1dPUkQtbWFya";
    for text in [&told, &log] {
        assert!(!text.contains("PASSWORD") && !text.contains(encoded), "{text}");
    }
    assert_eq!(proxy.asked().len(), 2);
}

// ----------------------------------------------------------------------------------- the environment

#[test]
fn a_proxy_in_the_environment_is_told_to_be_none_where_it_would_have_been_taken() {
    let named = |variables: &[(&str, &str)], settings: &[(&str, &str)]| {
        let mut command = mesigate(&["check"]);
        command.envs(variables.iter().copied()).envs(settings.iter().copied());
        let told = err(&command.output().expect("the program runs"));
        assert!(!told.contains("hush"), "{told}");
        told.lines().find(|line| line.contains("environment")).map(str::to_owned)
    };
    let proxy = "http://user:hush@proxy.example:3128";
    for (variable, is_told) in [
        ("HTTPS_PROXY", true),
        ("https_proxy", true),
        ("ALL_PROXY", true),
        ("all_proxy", true),
        ("HTTP_PROXY", false),
        ("http_proxy", false),
        ("NO_PROXY", false),
    ] {
        let told = named(&[(variable, proxy)], &[]);
        assert_eq!(told.is_some(), is_told, "{variable}: {told:?}");
        if let Some(told) = told {
            let said = format!("warning: {variable} is set in the environment and counts for nothing: ");
            assert!(told.starts_with(&said) && told.ends_with("upstream.proxy"), "{told}");
        }
    }
    let plain = [("MESIGATE__UPSTREAM__URL", "http://10.1.2.3/")];
    assert!(named(&[("http_proxy", proxy)], &plain).is_some());
    assert_eq!(named(&[("http_proxy", proxy), ("no_proxy", "10.0.0.0/8")], &plain), None);
    assert_eq!(named(&[("HTTPS_PROXY", "")], &[]), None);
    let through = [("MESIGATE__UPSTREAM__PROXY", "http://proxy.example:3128")];
    assert_eq!(named(&[("HTTPS_PROXY", proxy)], &through), None);
}

#[tokio::test]
async fn a_proxy_in_the_environment_is_told_to_be_none_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let mut command = mesigate(&["serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    command.env("MESIGATE__LOG__FILE", &log).env("MESIGATE__STOP__ANNOUNCE", "0s");
    let serving = Serving::of(command.env("HTTPS_PROXY", "http://user:hush@proxy.example:3128"));
    serving.signal(crate::support::program::Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
    let log = std::fs::read_to_string(log).expect("a log");
    assert!(log.contains("HTTPS_PROXY is set in the environment and counts for nothing"), "{log}");
    assert!(!log.contains("hush"), "{log}");
}
