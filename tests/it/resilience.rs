//! What keeps requests from being lost, doubled or stuck: repeats, the breaker, the queue, disabled
//! tokens, a proxy on the way.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::apps::{Secrets, is_refused, post};
use crate::support::client::{self, Answer, get};
use crate::support::gateway::Gateway;
use crate::support::program::{out, run};
use crate::support::stub::Stub;
use crate::upstream::tls_upstream;

const READ: &str = "/api.php?op=groupgetmembers&token=T&gid=7";
const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";
const MEMBERS: &str = r#"{"op":"groupgetmembers","result":true,"members":[{"uid":1,"address":"ann"}]}"#;
const DONE: &str = r#"{"op":"userdel","result":true}"#;
const PAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>";
const BREACH: &str = r#"{"op":"x","result":false,"error":"TOKENBREACH","code":403}"#;

#[track_caller]
fn is(answer: &Answer, error: &str, outcome: &str) {
    let json = answer.json();
    assert_eq!((&json["result"], &json["error"]), (&false.into(), &error.into()), "{json}");
    assert_eq!(answer.header("x-mesigate-outcome"), Some(outcome), "{json}");
}

#[track_caller]
fn is_done(answer: &Answer) {
    assert_eq!(answer.json()["result"], true, "{}", answer.json());
    assert_eq!(answer.header("x-mesigate-outcome"), Some("done"));
}

fn retry_after(answer: &Answer) -> u64 {
    answer.header("retry-after").expect("a wait").parse().expect("seconds")
}

/// The value of a series, such as `workers` or `breaker_open{upstream="127.0.0.1:1"}`.
async fn metric(gateway: &Gateway, series: &str) -> u64 {
    client::metric(gateway.admin, &format!("mesigate_{series}")).await
}

async fn until(gateway: &Gateway, series: &str, value: u64) {
    let reached = async {
        while metric(gateway, series).await != value {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), reached).await.expect(series);
}

/// Runs a request beside the test.
fn begin(gateway: &Gateway, target: &'static str) -> tokio::task::JoinHandle<Answer> {
    let address = gateway.address;
    tokio::spawn(async move { get(address, target).await })
}

// ---------------------------------------------------------------------------------------- once more

/// Ways of upstream to give no answer, as bytes behind which the connection ends.
const FAULTS: [&str; 5] = [
    PAGE,
    "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"result\":true,",
    "HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\":true]",
    "",
];

#[tokio::test]
async fn a_read_is_asked_again_and_a_write_is_not() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 100");
    for fault in FAULTS {
        stub.will_send(fault.into());
        stub.will_send(fault.into());
        stub.will_say(MEMBERS);
        is_done(&get(gateway.address, READ).await);
        let calls = stub.take_calls();
        assert_eq!(calls.len(), 3, "{fault:?}");
        assert!(calls.iter().all(|call| call.body == calls[0].body && call.head == calls[0].head));
        for _ in 0..3 {
            stub.will_send(fault.into());
        }
        is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), 3, "no more than retry.most");
        for write in ["useradd&addr=a&appid=b", "userdel&uid=5", "message&from=a&to=b&msg=x"] {
            stub.will_send(fault.into());
            let answer = get(gateway.address, &format!("/api.php?op={write}&token=T")).await;
            is(&answer, "BADANSWER", "unknown");
            assert_eq!(stub.take_calls().len(), 1, "{write} {fault:?}");
        }
        // Nobody knows what it would do twice.
        stub.will_send(fault.into());
        let answer = post(gateway.address, "/backend", r#"{"op":"new","token":"T"}"#).await;
        is(&answer, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), 1);
    }
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"no_answer\"}").await, 4 * FAULTS.len() as u64);
}

#[tokio::test]
async fn a_read_through_the_cache_is_asked_again_once_for_all_who_wait() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ncache.fresh = '1h'");
    stub.will_send(PAGE.into());
    stub.will_say(MEMBERS);
    let reads = [(); 5].map(|()| begin(&gateway, READ));
    for read in reads {
        is_done(&read.await.expect("an answer"));
    }
    assert_eq!(stub.take_calls().len(), 2);
}

#[tokio::test]
async fn an_answer_that_says_no_or_too_much_is_not_asked_for_again() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ncap.answer = 100");
    stub.will_say(r#"{"result":false,"error":"NOGROUP","code":400}"#);
    is(&get(gateway.address, READ).await, "NOGROUP", "done");
    assert_eq!(stub.take_calls().len(), 1);
    stub.will_say(&format!(r#"{{"result":true,"members":[],"x":"{}"}}"#, "x".repeat(100)));
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn repeats_are_a_share_of_the_calls() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 20");
    // Three repeats to begin with, and a fifth of one for each call.
    for calls in [3, 2, 1, 1, 2, 1] {
        for _ in 0..calls {
            stub.will_send(PAGE.into());
        }
        is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), calls);
    }
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 0");
    stub.will_send(PAGE.into());
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_read_that_took_too_long_is_asked_again_while_there_is_time() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ndeadline.upstream_first_byte = '300ms'");
    stub.will_hold("");
    stub.will_say(MEMBERS);
    is_done(&get(gateway.address, READ).await);
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"timeout\"}").await, 1);

    let all = "retry.most = 2\ndeadline.upstream_first_byte = '50ms'\ndeadline.total = '50ms'";
    let gateway = Gateway::with(stub.address, all);
    stub.will_hold("");
    is(&get(gateway.address, READ).await, "TIMEOUT", "unknown");
    assert_eq!(stub.take_calls().len(), 1, "the deadline is one for all tries");
}

#[tokio::test]
async fn one_try_that_was_sent_makes_the_outcome_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gateway = Gateway::with(listener.local_addr().expect("an address"), "retry.most = 2");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.read_buf(&mut Vec::new()).await.expect("a request");
        // Nobody listens any more when the answer breaks off.
        drop(listener);
    });
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"no_answer\"}").await, 1);
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"unreachable\"}").await, 1);
}

// -------------------------------------------------------------------------------------- the breaker

const OPEN_LONG: &str = "breaker = { failures = 3, wait = '1h', longest = '1h' }";

/// Lets upstream fail so often that it is left alone.
async fn fail(stub: &Stub, gateway: &Gateway, times: usize) {
    for _ in 0..times {
        stub.will_send(PAGE.into());
        is(&get(gateway.address, WRITE).await, "BADANSWER", "unknown");
    }
    assert_eq!(stub.take_calls().len(), times);
}

#[tokio::test]
async fn an_upstream_that_fails_in_a_row_is_left_alone_at_once_and_for_all_workers() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &format!("listen.workers = 4\n{OPEN_LONG}"));
    let open = format!("breaker_open{{upstream=\"{}\"}}", stub.address);
    let openings = format!("breaker_openings_total{{upstream=\"{}\"}}", stub.address);
    fail(&stub, &gateway, 2).await;
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    stub.take_calls();
    fail(&stub, &gateway, 2).await;
    assert_eq!((metric(&gateway, &open).await, metric(&gateway, &openings).await), (0, 0));
    fail(&stub, &gateway, 1).await;
    for target in [READ, WRITE].repeat(20) {
        let answer = get(gateway.address, target).await;
        is(&answer, "UPSTREAMDOWN", "not-sent");
        assert!((3200..=3960).contains(&retry_after(&answer)), "{}", retry_after(&answer));
    }
    assert_eq!((metric(&gateway, &open).await, metric(&gateway, &openings).await), (1, 1));
}

#[tokio::test]
async fn every_fault_of_transport_counts_and_no_refusal_of_upstreams_does() {
    let stub = Stub::start().await;
    for fault in FAULTS {
        let gateway = Gateway::with(stub.address, "breaker = { failures = 1, wait = '1h', longest = '1h' }");
        for error in ["AUTHFAIL", "NOUSER", "SERVERERROR"] {
            stub.will_say(&format!(r#"{{"result":false,"error":"{error}","code":500}}"#));
            is(&get(gateway.address, WRITE).await, error, "done");
        }
        stub.will_send(fault.into());
        is(&get(gateway.address, WRITE).await, "BADANSWER", "unknown");
        is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
        assert_eq!(stub.take_calls().len(), 4, "{fault:?}");
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let gateway = Gateway::with(gone, "breaker = { failures = 1, wait = '1h', longest = '1h' }");
    assert_eq!(get(gateway.address, WRITE).await.header("retry-after"), None);
    assert!(retry_after(&get(gateway.address, WRITE).await) > 3000);
    stub.will_hold("");
    let silent =
        "deadline.upstream_first_byte = '50ms'\nbreaker = { failures = 1, wait = '1h', longest = '1h' }";
    let gateway = Gateway::with(stub.address, silent);
    is(&get(gateway.address, WRITE).await, "TIMEOUT", "unknown");
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn when_the_wait_is_over_one_request_tries_and_the_others_are_still_refused() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "breaker = { failures = 1, wait = '50ms', longest = '1h' }");
    fail(&stub, &gateway, 1).await;
    let release = stub.will_wait(DONE);
    let mut trying = begin(&gateway, WRITE);
    while stub.call_count() == 0 {
        if trying.is_finished() {
            is(&trying.await.expect("an answer"), "UPSTREAMDOWN", "not-sent");
            trying = begin(&gateway, WRITE);
        }
        tokio::task::yield_now().await;
    }
    for _ in 0..5 {
        is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    }
    release.send(()).expect("the stub waits");
    is_done(&trying.await.expect("an answer"));
    for _ in 0..5 {
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
    }
    assert_eq!(stub.take_calls().len(), 6);
}

#[tokio::test]
async fn upstreams_are_left_alone_each_for_itself() {
    let (stub, own, secrets) = (Stub::start().await, Stub::start().await, Secrets::new());
    let upstream = format!("upstream = {{ url = 'http://{}/', kind = 'on-premise' }}", own.address);
    let breaker = "breaker = { failures = 1, wait = '1h', longest = '1h' }";
    let gateway = Gateway::with(stub.address, &format!("{breaker}\n{}", secrets.shop(&upstream)));
    fail(&stub, &gateway, 1).await;
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    own.will_say(DONE);
    is_done(&get(gateway.address, "/api.php?op=userdel&token=shop-key&uid=5").await);
    assert_eq!(own.take_calls().len(), 1);
    for (address, is_open) in [(stub.address, 1), (own.address, 0)] {
        assert_eq!(metric(&gateway, &format!("breaker_open{{upstream=\"{address}\"}}")).await, is_open);
    }
}

// -------------------------------------------------------------------------------- connections, queue

#[tokio::test]
async fn beyond_connections_and_queue_a_request_is_refused_at_once() {
    let stub = Stub::start().await;
    let gateway =
        Gateway::with(stub.address, "upstream.connections = 1\nupstream.queue = 1\ndeadline.queue = '1h'");
    let release = stub.will_wait(DONE);
    let first = begin(&gateway, WRITE);
    until(&gateway, "upstream_calls", 1).await;
    let second = begin(&gateway, WRITE);
    until(&gateway, "upstream_waiting", 1).await;
    let third = get(gateway.address, WRITE).await;
    is(&third, "OVERLOAD", "not-sent");
    assert_eq!(retry_after(&third), 1);
    let cause = third.json()["cause"].as_str().expect("a cause").to_owned();
    assert!(cause.contains("upstream.connections") && cause.contains("upstream.queue"), "{cause}");
    stub.will_say(DONE);
    release.send(()).expect("the stub waits");
    is_done(&first.await.expect("an answer"));
    is_done(&second.await.expect("an answer"));
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "upstream_connections_total").await, 1, "one after the other on one");
    assert_eq!(metric(&gateway, "upstream_waiting").await, 0);
}

#[tokio::test]
async fn who_waits_too_long_is_refused_and_told_the_setting() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "upstream.connections = 1\ndeadline.queue = '20ms'");
    let release = stub.will_wait(DONE);
    let first = begin(&gateway, WRITE);
    until(&gateway, "upstream_calls", 1).await;
    let second = get(gateway.address, WRITE).await;
    is(&second, "OVERLOAD", "not-sent");
    assert_eq!(retry_after(&second), 1);
    let cause = second.json()["cause"].as_str().expect("a cause").to_owned();
    assert!(cause.contains("deadline.queue"), "{cause}");
    release.send(()).expect("the stub waits");
    is_done(&first.await.expect("an answer"));
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_makes_room() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "upstream.connections = 1\nupstream.queue = 0");
    stub.will_hold("");
    let mut client = TcpStream::connect(gateway.address).await.expect("a connection");
    client.write_all(format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await.expect("a request");
    until(&gateway, "upstream_calls", 1).await;
    drop(client);
    until(&gateway, "upstream_calls", 0).await;
    until(&gateway, "upstream_open_connections", 0).await;
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    assert_eq!(stub.take_calls().len(), 2);
}

// -------------------------------------------------------------------------------------- TOKENBREACH

#[tokio::test]
async fn a_disabled_token_holds_back_its_app_with_all_keys_and_nobody_else() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limits = "limits = [{ name = 'few', per = 'app', rate = '2/day' }]";
    let toml = secrets.shop(limits).replace(
        "keys = [",
        "keys = [{ sha256 = '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683' }, ",
    );
    let gateway = Gateway::with(stub.address, &(toml + &secrets.clinic()));
    let ask = async |key: &str| get(gateway.address, &format!("/api.php?op=userdel&token={key}&uid=5")).await;
    stub.will_say(BREACH);
    is(&ask("shop-key").await, "TOKENBREACH", "done");
    for _ in 0..5 {
        for key in ["shop-key", "key"] {
            let answer = ask(key).await;
            is_refused(&answer, "TOKENBREACH");
            assert!((890..=900).contains(&retry_after(&answer)));
            assert_eq!(answer.json()["properties"][0], "token");
        }
    }
    let answer = post(gateway.address, "/backend", r#"{"op":"new","token":"key"}"#).await;
    is_refused(&answer, "TOKENBREACH");
    for key in ["clinic-key", "somebody"] {
        stub.will_say(DONE);
        is_done(&ask(key).await);
    }
    assert_eq!(stub.take_calls().len(), 3);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"shop\"}").await, 1);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"clinic\"}").await, 0);
    assert_eq!(metric(&gateway, "token_breaches_held").await, 1);

    let admin = gateway.admin.to_string();
    let ready = get(gateway.admin, "/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(
        String::from_utf8_lossy(&ready.body).contains("1 held back because upstream has disabled the token")
    );
    let breaches = |more: &[&str]| out(&run(&[&["breaches", "--admin", &admin], more].concat()));
    assert!(breaches(&[]).starts_with("app shop: ") && breaches(&[]).ends_with(" s left\n"));
    assert_eq!(breaches(&["--clear", "clinic"]), "0 no longer held back\n");
    is_refused(&ask("key").await, "TOKENBREACH");
    assert_eq!(breaches(&["--clear", "shop"]), "1 no longer held back\n");
    assert_eq!(
        (breaches(&[]), breaches(&["--clear"])),
        ("nobody is held back\n".to_owned(), "0 no longer held back\n".to_owned())
    );
    assert_eq!(get(gateway.admin, "/readyz").await.body, b"ready\n");
    stub.will_say(DONE);
    is_done(&ask("key").await);
    is_refused(&ask("shop-key").await, "RATELIMIT");
    assert_eq!(stub.take_calls().len(), 1, "what was refused for TOKENBREACH had spent nothing");
    assert_eq!(metric(&gateway, "token_breaches_held").await, 0);
}

#[tokio::test]
async fn a_disabled_token_is_remembered_from_a_read_that_may_be_kept_too() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cache.fresh = '1h'");
    stub.will_say(MEMBERS);
    is_done(&get(gateway.address, READ).await);
    stub.will_say(BREACH);
    is(&get(gateway.address, "/api.php?op=groupgetmembers&token=T&gid=8").await, "TOKENBREACH", "done");
    for target in [READ, WRITE] {
        is_refused(&get(gateway.address, target).await, "TOKENBREACH");
    }
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"-\"}").await, 1);
}

#[tokio::test]
async fn a_new_token_in_the_apps_file_ends_it() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &format!("keys.interval = '10ms'\n{}", secrets.shop("")));
    let ask = async || get(gateway.address, "/api.php?op=userdel&token=shop-key&uid=5").await;
    stub.will_say(BREACH);
    is(&ask().await, "TOKENBREACH", "done");
    is_refused(&ask().await, "TOKENBREACH");
    secrets.write("shop-token", "shop-new");
    stub.will_say(DONE);
    let mut answer = ask().await;
    while answer.json()["error"] == "TOKENBREACH" {
        answer = ask().await;
    }
    is_done(&answer);
    let calls = stub.take_calls();
    assert!(calls.len() == 2 && String::from_utf8_lossy(&calls[1].body).contains("shop-new"));
}

// ------------------------------------------------------------------------------------------ a proxy

/// A proxy that opens tunnels to `to`, whatever it is asked for, unless it is to refuse.
struct Proxy {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(to: SocketAddr, refusals: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let mut refusals: VecDeque<&str> = refusals.iter().copied().collect();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut head).await.expect("a head") > 0, "it broke off");
                }
                log.lock().expect("a lock").push(String::from_utf8(head).expect("text"));
                if let Some(refusal) = refusals.pop_front() {
                    stream.write_all(refusal.as_bytes()).await.expect("a refusal");
                    continue;
                }
                stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.expect("an answer");
                let mut upstream = TcpStream::connect(to).await.expect("an upstream");
                tokio::spawn(async move { copy_bidirectional(&mut stream, &mut upstream).await });
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("a lock"))
    }

    fn gateway(&self, url: &str, more: &str) -> Gateway {
        Gateway::start(&format!("upstream.url = '{url}'\nupstream.proxy = 'http://{}'\n{more}", self.address))
    }
}

#[tokio::test]
async fn upstream_is_reached_through_a_proxy_which_alone_is_dialled() {
    let stub = Stub::start().await;
    let proxy = Proxy::start(stub.address, &[]).await;
    // No resolver knows the name: only the proxy has to.
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
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
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
        is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
        assert_eq!(proxy.asked().len(), 1, "{refusal:?}");
    }
    let proxy = Proxy::start(stub.address, &refusals[1..3]).await;
    let gateway = proxy.gateway("http://mesibo.invalid/backend/", "retry.most = 2");
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    assert_eq!((proxy.asked().len(), stub.take_calls().len()), (3, 1));
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"unreachable\"}").await, 2);
}

#[tokio::test]
async fn names_are_resolved_where_only_ipv4_is_wanted_too() {
    let stub = Stub::start().await;
    let url = format!("upstream.url = 'http://localhost:{}/backend/'", stub.address.port());
    for ipv4_only in [true, false] {
        let gateway = Gateway::start(&format!("{url}\nupstream.ipv4_only = {ipv4_only}"));
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
        stub.take_calls();
    }
}
