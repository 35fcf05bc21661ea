//! A hostile caller beside a good one: operators see of the good one what they would see without the other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use crate::support::client::{Client, ask, metric, metrics};
use crate::support::echo::Echo;
use crate::support::gateway::Gateway;
use crate::support::program::{Serving, Signal};

/// Invented values, new ones each time, wherever a request has room for one.
fn inventions(number: usize) -> Vec<String> {
    let new = format!("made{number}up");
    let json = |body: String| {
        format!("POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    vec![
        format!("GET /api.php?op={new}&token={new} HTTP/1.1\r\nHost: g\r\n\r\n"),
        format!("GET /api.php?op=userdel&token={new}&uid={number} HTTP/1.1\r\nHost: g\r\n\r\n"),
        format!("GET /api.php?op=userdel&token={new}&uid={new} HTTP/1.1\r\nHost: g\r\n\r\n"),
        format!("GET /api.php?op=userdel&{new}={new}&id={number} HTTP/1.1\r\nHost: g\r\n\r\n"),
        format!("GET /{new} HTTP/1.1\r\nHost: {new}\r\nUser-Agent: {new}\r\nOrigin: http://{new}\r\n\r\n"),
        format!("{} /api.php HTTP/1.1\r\nHost: g\r\nX-Forwarded-For: {new}\r\n\r\n", new.to_uppercase()),
        format!("GET /api.php HTTP/1.1\r\nHost: g\r\nContent-Length: {new}\r\n\r\n"),
        format!("GET /api.php HTTP/9.{number}\r\nHost: g\r\n\r\n"),
        json(format!(r#"{{"op":"{new}","token":"{new}","id":"{new}","{new}":{{}}}}"#)),
        json(format!(r#"{{"op":"userdel","token":"{new}","user":{{"uid":{number}}}}}"#)),
        json(format!(r#"{{"op":"{new}"#)),
    ]
}

async fn invent(address: SocketAddr, numbers: std::ops::Range<usize>) {
    for number in numbers {
        for request in inventions(number) {
            let mut client = Client::connect(address).await;
            client.send(request.as_bytes()).await;
            client.answer().await.expect("an answer");
        }
    }
}

const GOOD: &[u8] = b"GET /api.php?op=useradd&token=GOOD&appid=a&addr=good HTTP/1.1\r\nHost: g\r\n\r\n";
const GOODS: &str = r#"mesigate_requests_total{door="legacy",op="useradd",outcome="ok",app="-"}"#;

fn series(metrics: &str) -> BTreeSet<&str> {
    metrics.lines().filter_map(|line| line.rsplit_once(' ')).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn whatever_is_made_up_adds_no_series_and_changes_none_of_another() {
    let echo = Echo::start(Duration::ZERO).await;
    let gateway = Gateway::with(echo.address, "log.access = false");
    ask(gateway.address, GOOD).await;
    invent(gateway.address, 1..2).await;
    let before = metrics(gateway.admin).await;
    invent(gateway.address, 2..100).await;
    ask(gateway.address, GOOD).await;
    let after = metrics(gateway.admin).await;
    let more: Vec<_> = series(&after).difference(&series(&before)).copied().collect();
    assert!(more.is_empty(), "{more:?}");
    assert!(!after.contains("made") && !after.contains("MADE"), "{after}");
    assert_eq!(metric(gateway.admin, GOODS).await, 2);
}

#[tokio::test]
async fn the_log_has_every_line_of_a_good_caller_and_one_of_each_other_request() {
    const MANY: usize = 100;
    let echo = Echo::start(Duration::ZERO).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (file, log) = (folder.path().join("settings.toml"), folder.path().join("log"));
    let settings = format!(
        "upstream.url = 'http://{}/'\nadmin.address = '127.0.0.1:0'\nlog.file = '{}'\nlimit = []\n\
         listen = {{ address = '127.0.0.1:0', workers = 1 }}\nstop = {{ announce = '0s', linger = '0s' }}\n",
        echo.address,
        log.display()
    );
    std::fs::write(&file, settings).expect("a file");
    let mut serving = Serving::with(&file);
    let address = serving.address;
    let hostile = tokio::spawn(async move { invent(address, 0..MANY).await });
    for _ in 0..MANY {
        assert_eq!(ask(address, GOOD).await.status, 200);
    }
    hostile.await.expect("its requests");
    serving.signal(Signal::TERM);
    assert!(serving.child.wait().expect("an end").success());
    let log = std::fs::read_to_string(&log).expect("a log");
    let lines = log.lines().filter(|line| line.contains("\"status\":")).collect::<Vec<_>>();
    assert_eq!(lines.iter().filter(|line| line.contains("\"op\":\"useradd\"")).count(), MANY);
    assert_eq!(lines.len(), MANY + MANY * inventions(0).len());
    for line in &lines {
        let mut line: BTreeMap<String, Value> = serde_json::from_str(line).expect("JSON");
        // These are bounded, and cut wherever a token could stand.
        for own in ["op", "path", "program", "user_agent"] {
            line.remove(own);
        }
        assert!(!format!("{line:?}").contains("made"), "{line:?}");
    }
    assert!(log.lines().all(|line| line.contains("\"status\":") || !line.contains("made")));
}
