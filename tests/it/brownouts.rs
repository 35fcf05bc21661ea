//! Planned pauses of the old door: nothing reaches upstream in a window, a rehearsal fails nobody, and an operator stops
//! all of it at once.

mod command; // what the command shows and does
mod forecast; // whom a window would meet, said beforehand

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mesigate::snapshot::reload::ReloadOutcome;

use crate::apps::{Secrets, post};
use crate::support::client::{Answer, ask, get, is, metric};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const DELETE: &str = "/api.php?op=userdel&token=T&uid=5&id=3";
const JSON: &str = r#"{"op":"userdel","token":"T","user":{"uid":5}}"#;
const DONE: &str = r#"{"op":"userdel","result":true}"#;
/// A window from before any test until after it.
pub const OPEN: &str = "[[brownout]]\nname = 'spring'\nfrom = 2020-01-01\nto = '9000-01-01'\n";

fn to(upstream: std::net::SocketAddr, more: &str) -> String {
    format!("upstream.url = 'http://{upstream}/backend/'\n{more}")
}

/// Asserts that a call was refused in the window.
#[track_caller]
fn is_paused(answer: &Answer) {
    is(answer, "BROWNOUT", "not-sent");
    assert_eq!(answer.json()["code"], 503);
    let wait: u64 = answer.header("retry-after").expect("a wait").parse().expect("seconds");
    assert!(wait > 100 * 365 * 86400, "{wait}");
}

async fn is_served(gateway: &Gateway) {
    let answer = get(gateway.address, DELETE).await;
    assert_eq!((answer.json()["result"].as_bool(), answer.header("retry-after")), (Some(true), None));
}

#[tokio::test]
async fn nothing_reaches_upstream_in_a_window_and_json_is_served_as_ever() {
    let stub = Stub::start().await;
    let settings = format!("legacy.token_first = true\n{OPEN}rehearse = false");
    let gateway = Gateway::with(stub.address, &settings);
    let answer = get(gateway.address, DELETE).await;
    is_paused(&answer);
    let body = answer.json();
    assert_eq!((body["op"].as_str(), body["id"].as_i64()), (Some("userdel"), Some(3)));
    let cause = body["cause"].as_str().expect("a cause");
    for words in
        ["`userdel`", "until 9000-01-01T00:00:00Z (UTC)", "`spring`", "JSON by POST", "`mesigate explain`"]
    {
        assert!(cause.contains(words), "{cause}");
    }
    // Wrong parameters with an unknown token: upstream is not even asked about the token.
    is_paused(&get(gateway.address, "/api.php?op=userdel&token=unknown").await);
    is_paused(&post(gateway.address, "/api.php?op=userdel&token=T&uid=5", "").await);
    stub.will_say(DONE);
    let json = post(gateway.address, "/api.php", JSON).await;
    assert_eq!((json.json()["result"].as_bool(), stub.take_calls().len()), (Some(true), 1));
    for (series, count) in [
        (r#"mesigate_requests_total{door="legacy",op="userdel",outcome="brownout",app="-"}"#, 3),
        (r#"mesigate_brownout_calls_total{brownout="spring",mode="real"}"#, 3),
        (r#"mesigate_brownout_in_force{brownout="spring"}"#, 1),
        ("mesigate_brownouts_paused", 0),
    ] {
        assert_eq!(metric(gateway.admin, series).await, count, "{series}");
    }
}

#[tokio::test]
async fn a_kept_answer_is_refused_in_a_window_too() {
    let stub = Stub::start().await;
    let secrets = Secrets::new();
    let settings = |more: &str| to(stub.address, &format!("cache.fresh = '1h'\n{}{more}", secrets.shop("")));
    let gateway = Gateway::start(&settings(""));
    stub.will_say(r#"{"op":"groupgetmembers","result":true,"group":{"gid":7},"members":[]}"#);
    let read =
        async || get(gateway.address, "/api.php?op=groupgetmembers&token=shop-key&gid=7&count=5").await;
    assert_eq!(read().await.header("x-cache"), Some("miss"));
    assert_eq!((read().await.header("x-cache"), stub.take_calls().len()), (Some("hit"), 1));
    assert_eq!(gateway.reload(&settings(&format!("{OPEN}rehearse = false"))), ReloadOutcome::Applied);
    is_paused(&read().await);
    assert_eq!(gateway.reload(&settings("")), ReloadOutcome::Applied);
    assert_eq!(read().await.header("x-cache"), Some("hit"));
}

#[tokio::test]
async fn a_rehearsal_fails_nobody_and_counts_who_would_have_been_refused() {
    let (echo, secrets) = (Echo::start(Duration::ZERO).await, Secrets::new());
    let rules = format!(
        "{OPEN}programs = ['okhttp']\n[[brownout]]\nname = 'shops'\napps = ['shop']\nfrom = 2020-01-01\nto = 9000-01-01\n"
    );
    let gateway = Gateway::with(echo.address, &(secrets.shop("") + &rules));
    for (token, program, told) in [
        ("T", "okhttp/4", Some("spring")),
        ("shop-key", "okhttp/4", Some("spring, shops")),
        ("shop-key", "curl/8", Some("shops")),
        ("T", "curl/8", None),
    ] {
        let request = format!(
            "GET /api.php?op=userdel&token={token}&uid=5 HTTP/1.1\r\nHost: g\r\nUser-Agent: {program}\r\n\r\n"
        );
        let answer = ask(gateway.address, request.as_bytes()).await;
        assert_eq!(answer.json()["result"], true);
        assert_eq!(answer.header("x-mesigate-would-brownout"), told, "{token} {program}");
    }
    let json = post(gateway.address, "/api.php", JSON).await;
    assert_eq!(json.header("x-mesigate-would-brownout"), None);
    for name in ["spring", "shops"] {
        let series = format!("mesigate_brownout_calls_total{{brownout=\"{name}\",mode=\"rehearsal\"}}");
        assert_eq!(metric(gateway.admin, &series).await, 2, "{name}");
    }
}

#[tokio::test]
async fn a_pause_lets_calls_through_at_once_and_outlives_a_reload() {
    let echo = Echo::start(Duration::ZERO).await;
    let window = format!("{OPEN}rehearse = false");
    let gateway = Gateway::start(&to(echo.address, &window));
    is_paused(&get(gateway.address, DELETE).await);
    let tell = async |path: &str| {
        let request = format!("POST {path} HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n");
        ask(gateway.admin, request.as_bytes()).await.status
    };
    assert_eq!(tell("/brownouts/pause").await, 200);
    is_served(&gateway).await;
    assert_eq!(metric(gateway.admin, "mesigate_brownouts_paused").await, 1);
    assert_eq!(metric(gateway.admin, r#"mesigate_brownout_in_force{brownout="spring"}"#).await, 0);
    let more = format!(
        "{window}\n[[brownout]]\nname = 'more'\nrehearse = false\nfrom = 2020-01-01\nto = 9000-01-01"
    );
    assert_eq!(gateway.reload(&to(echo.address, &more)), ReloadOutcome::Applied);
    is_served(&gateway).await;
    assert_eq!(tell("/brownouts/resume").await, 200);
    is_paused(&get(gateway.address, DELETE).await);
    assert_eq!(metric(gateway.admin, "mesigate_brownouts_paused").await, 0);
}

#[tokio::test]
async fn a_window_is_about_its_own_calls_and_its_own_time() {
    let echo = Echo::start(Duration::ZERO).await;
    for more in [
        "operations = ['useradd']\nrehearse = false\nfrom = 2020-01-01\nto = 9000-01-01",
        "programs = ['okhttp']\nrehearse = false\nfrom = 2020-01-01\nto = 9000-01-01",
        "rehearse = false\nfrom = 2020-01-01\nfor = '1h'",
        "rehearse = false\nfrom = 9000-01-01\nfor = '1h'",
    ] {
        let gateway = Gateway::with(echo.address, &format!("[[brownout]]\nname = 'other'\n{more}"));
        is_served(&gateway).await;
    }
}

#[tokio::test]
async fn a_window_ends_by_the_clock_with_no_reload() {
    let echo = Echo::start(Duration::ZERO).await;
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    let end = now() + 2;
    let date = humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_secs(end));
    let rule = format!("[[brownout]]\nname = 'short'\nrehearse = false\nfrom = 2020-01-01\nto = '{date}'");
    let gateway = Gateway::with(echo.address, &rule);
    loop {
        let answer = get(gateway.address, DELETE).await;
        if answer.json()["result"] == true {
            break;
        }
        is(&answer, "BROWNOUT", "not-sent");
        let wait: u64 = answer.header("retry-after").expect("a wait").parse().expect("seconds");
        assert!((1..=2).contains(&wait), "{wait}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(now() >= end, "it was served before the window's end");
}

#[tokio::test]
async fn limits_refuse_before_a_window_does() {
    let stub = Stub::start().await;
    let limit = "limit = [{ name = 'few', per = 'all', rate = '1/day', burst = 1 }]\n";
    let gateway = Gateway::with(stub.address, &format!("{limit}{OPEN}rehearse = false"));
    is_paused(&get(gateway.address, DELETE).await);
    is(&get(gateway.address, DELETE).await, "RATELIMIT", "not-sent");
}
