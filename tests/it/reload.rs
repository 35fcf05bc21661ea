//! New settings while requests are served.

mod watching; // how a running program hears of new settings

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use mesigate::snapshot::reload::ReloadOutcome;

use crate::support::client::{Client, get, metric};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const WRONG_TOKENLESS: &str = "/api.php?op=userdel&uid=5";
const READ: &str = "/api.php?op=groupgetmembers&token=T&gid=7&count=5";
const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";
const DONE: &str = r#"{"op":"userdel","result":true}"#;

fn to(stub: &Stub, more: &str) -> String {
    format!("upstream.url = 'http://{}/backend/'\n{more}", stub.address)
}

#[tokio::test]
async fn what_is_sound_is_applied_and_what_is_not_changes_nothing() {
    let stub = Stub::start().await;
    let gateway = Gateway::start(&to(&stub, ""));
    let status = async || get(gateway.address, WRONG_TOKENLESS).await.status;
    assert_eq!(status().await, 200);
    assert_eq!(gateway.reload(&to(&stub, "")), ReloadOutcome::Unchanged);
    assert_eq!(gateway.reload(&to(&stub, "# a comment\n")), ReloadOutcome::Unchanged);
    assert_eq!(gateway.reload(&to(&stub, "legacy.status = 'http'")), ReloadOutcome::Applied);
    assert_eq!(status().await, 401);

    let wrong = to(&stub, "legacy.status = '300'\ncap.body = 0\nupstreams = 1");
    let ReloadOutcome::Refused(reasons) = gateway.reload(&wrong) else { panic!("it is refused") };
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason == "the test:2: `legacy.status`: `300` is none of 200, http"));
    let no_files = to(
        &stub,
        "tls = { certificate = '/nowhere/cert', key = '/nowhere/key' }\n[[app]]\nname = 'a'\nkeys = [{ file = '/nowhere/a' }]\ntoken = { env = 'GONE' }",
    );
    let ReloadOutcome::Refused(reasons) = gateway.reload(&no_files) else { panic!("it is refused") };
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert_eq!(status().await, 401);

    let bound = to(&stub, "listen.workers = 3\nlog.level = 'warn'\nlegacy.status = '200'");
    let keys = ["listen.workers", "log.level"].map(str::to_owned).to_vec();
    assert_eq!(gateway.reload(&bound), ReloadOutcome::NeedsRestart(keys));
    assert_eq!(status().await, 401);
    assert_eq!(metric(gateway.admin, "mesigate_last_reload_success").await, 0);
    for (outcome, count) in [("unchanged", 2), ("applied", 1), ("refused", 2), ("needs-restart", 1)] {
        assert_eq!(
            metric(gateway.admin, &format!("mesigate_reloads_total{{outcome=\"{outcome}\"}}")).await,
            count
        );
    }
    assert_eq!(gateway.reload(&to(&stub, "")), ReloadOutcome::Applied);
    assert_eq!((status().await, metric(gateway.admin, "mesigate_last_reload_success").await), (200, 1));
}

#[tokio::test]
async fn a_request_under_way_ends_on_what_it_began_with() {
    let (former, later) = (Stub::start().await, Stub::start().await);
    let gateway = Gateway::start(&to(&former, ""));
    let address = gateway.address;
    let release = former.will_wait(DONE);
    let waiting = tokio::spawn(async move { get(address, WRITE).await });
    while former.call_count() == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(gateway.reload(&to(&later, "legacy.status = 'http'")), ReloadOutcome::Applied);
    later.will_say(DONE);
    assert_eq!(get(address, WRITE).await.json()["result"], true);
    release.send(()).expect("the stub waits");
    assert_eq!(waiting.await.expect("a client").json()["result"], true);
    assert_eq!((former.take_calls().len(), later.take_calls().len()), (1, 1));
}

#[tokio::test]
async fn counts_and_kept_answers_survive_what_does_not_concern_them() {
    let stub = Stub::start().await;
    let limit = "limit = [{ name = 'l', per = 'all', rate = '3/day' }]\ncache.fresh = '1m'\n";
    let gateway = Gateway::start(&to(&stub, limit));
    let read = async || get(gateway.address, READ).await;
    stub.will_say(r#"{"op":"groupgetmembers","result":true,"members":[]}"#);
    assert_eq!(read().await.header("x-cache"), Some("miss"));
    assert_eq!(gateway.reload(&to(&stub, &format!("{limit}legacy.status = 'http'"))), ReloadOutcome::Applied);
    assert_eq!(read().await.header("x-cache"), Some("hit"));
    assert_eq!(gateway.reload(&to(&stub, &format!("{limit}cache.bytes = 1000000"))), ReloadOutcome::Applied);
    stub.will_say(r#"{"op":"groupgetmembers","result":true,"members":[]}"#);
    assert_eq!(read().await.header("x-cache"), Some("miss"));
    assert_eq!(read().await.json()["error"], "RATELIMIT");
    let other = limit.replace("3/day", "4/day");
    assert_eq!(gateway.reload(&to(&stub, &format!("{other}cache.bytes = 1000000"))), ReloadOutcome::Applied);
    assert_eq!(read().await.header("x-cache"), Some("hit"));
    assert_eq!(stub.take_calls().len(), 2);
}

#[tokio::test]
async fn another_table_brings_its_operations_and_no_count_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.toml");
    let ping = |name: &str| {
        let text = format!("[[operation]]\nname = '{name}'\nsummary = 'x'\neffect = 'read'\n");
        std::fs::write(&file, text).expect("a file");
    };
    let stub = Stub::start().await;
    let gateway = Gateway::start(&to(&stub, ""));
    let settings = to(&stub, &format!("operations = '{}'", file.display()));
    let done = async |op: &str| {
        stub.will_say(r#"{"result":true}"#);
        let answer = get(gateway.address, &format!("/api.php?op={op}&token=T&uid=5")).await;
        assert_eq!(answer.json()["result"], true, "{op}");
    };
    done("userdel").await;
    ping("ping");
    assert_eq!(gateway.reload(&settings), ReloadOutcome::Applied);
    done("userdel").await;
    done("ping").await;
    assert_eq!(gateway.reload(&settings), ReloadOutcome::Unchanged);
    ping("pong");
    assert_eq!(gateway.reload(&settings), ReloadOutcome::Applied);
    assert_eq!(get(gateway.address, "/api.php?op=ping&token=T").await.json()["error"], "BADOP");
    done("pong").await;
    std::fs::write(&file, "[[operation]]\nname = 1\n").expect("a file");
    assert!(matches!(gateway.reload(&settings), ReloadOutcome::Refused(_)));
    for (op, count) in [("userdel", 2), ("ping", 1), ("pong", 1)] {
        let line = format!("mesigate_requests_total{{door=\"legacy\",op=\"{op}\",outcome=\"ok\",app=\"-\"}}");
        assert_eq!(metric(gateway.admin, &line).await, count, "{op}");
    }
    assert_eq!(stub.take_calls().len(), 4);
}

/// Reloads under load; a third of them with wrong settings.
const RELOADS: usize = 200;

#[tokio::test]
async fn two_hundred_reloads_under_load_fail_no_request_and_forget_no_count() {
    let echo = Echo::start(Duration::from_millis(1)).await;
    let settings = |number: usize| {
        let body = 1_000_000 + number;
        let most = format!("limit = [{{ name = 'l', per = 'all', rate = '{MOST}/day' }}]\n");
        let sound = format!("upstream.url = 'http://{}/'\ncap.body = {body}\n{most}", echo.address);
        if number % 3 == 2 { sound + "cap.nonsense = 1" } else { sound }
    };
    let gateway = Gateway::start(&settings(0));
    let (address, is_over) = (gateway.address, Arc::new(AtomicBool::new(false)));
    let passed = Arc::new(AtomicUsize::new(0));
    let mut clients = Vec::new();
    for number in 0..16 {
        let (is_over, passed) = (is_over.clone(), passed.clone());
        clients.push(tokio::spawn(async move {
            let mut client = Client::connect(address).await;
            let mut limited = 0;
            while !is_over.load(Relaxed) {
                if number % 2 == 0 {
                    client = Client::connect(address).await;
                }
                client.send(format!("GET {WRITE} HTTP/1.1\r\nHost: g\r\n\r\n").as_bytes()).await;
                let answer = client.answer().await.expect("every request has its answer").json();
                match answer["error"].as_str() {
                    None => _ = passed.fetch_add(1, Relaxed),
                    Some("RATELIMIT") => limited += 1,
                    Some(_) => panic!("{answer}"),
                }
            }
            limited
        }));
    }
    let mut outcomes = [0; 2];
    for number in 1..=RELOADS {
        let (before, target) = (passed.load(Relaxed), settings(number));
        outcomes[usize::from(gateway.reload(&target) == ReloadOutcome::Applied)] += 1;
        // Some requests between one reload and the next, as long as the limit lets them pass.
        while passed.load(Relaxed) == before && before < MOST {
            tokio::task::yield_now().await;
        }
    }
    while passed.load(Relaxed) < MOST {
        tokio::task::yield_now().await;
    }
    is_over.store(true, Relaxed);
    let mut limited = 0;
    for client in clients {
        limited += client.await.expect("no client failed");
    }
    assert_eq!(outcomes, [RELOADS.div_ceil(3), RELOADS - RELOADS.div_ceil(3)]);
    // A count that began anew at any reload would have let more pass. Within seconds, a rate per day gives back one
    // request at most.
    let seen: usize = echo.take_seen().values().sum();
    assert!(
        (MOST..=MOST + 1).contains(&seen) && seen == passed.load(Relaxed),
        "{seen} passed, {limited} not"
    );
}

/// How many requests the limit of that test lets pass.
const MOST: usize = 1000;
