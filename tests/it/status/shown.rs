//! How it is shown: a screen for people, a document for programs, and both again and again.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Scene, row};
use crate::support::client::{ask, get};
use crate::support::program::{Signal, err, mesigate, out, run, send};

const ADD: &str = "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app";
const LIST: &str = "/api.php?op=groupgetmembers&token=sandbox&gid=8";

#[tokio::test]
async fn a_healthy_gateway_says_so_first_and_then_all_its_figures() {
    let limit = "limit = [{ name = 'few', per = 'app', rate = '1/day', operations = ['groupgetmembers'] }]\n";
    let scene = Scene::start(limit, &["--sandbox"]);
    for target in [ADD, ADD, LIST, LIST, "/api.php?op=nonsense&token=sandbox"] {
        get(scene.serving.address, target).await;
    }
    let (code, screen) = scene.tell(&["status"]);
    assert_eq!(code, Some(0), "{screen}");
    let version = env!("CARGO_PKG_VERSION");
    let first = format!("all is well: mesigate {version}, in front of its own sandbox\n\n");
    assert!(screen.starts_with(&first) && !screen.contains('\x1b'), "{screen}");
    for (label, facts) in [
        ("ready", "yes; it runs since 2"),
        ("last minute", "5 requests, "),
        ("took", "half up to "),
        ("upstream", "(cloud): breaker closed"),
        ("connections", " of clients, 0 requests under way; "),
        ("cache", "since the start "),
        ("limits", "few has refused 1 since the start"),
        ("held back", "nobody"),
        ("ledger", "in memory"),
        ("brownouts", "none is planned"),
        ("settings", "in use as written; no reload since the start"),
        ("secrets", "all readable"),
        ("certificates", "none"),
        ("log", "no line lost"),
    ] {
        assert!(row(&screen, label)[0].contains(facts), "{label} has not {facts}:\n{screen}");
    }
    assert!(
        row(&screen, "last minute")[1].contains("2 done, 1 failed upstream, 2 refused here, 0 unknown"),
        "{screen}"
    );
}

#[tokio::test]
async fn the_document_has_the_same_with_its_units_and_is_what_json_prints() {
    let scene = Scene::start("", &["--sandbox"]);
    get(scene.serving.address, ADD).await;
    let document = scene.document().await;
    let (code, printed) = scene.tell(&["status", "--json"]);
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!((code, keys(&printed)), (Some(0), keys(&document)));
    assert_eq!(document["well"], true);
    let minute = &document["last_minute"];
    assert_eq!((&minute["requests"], &minute["legacy"], &minute["done"]), (&json!(1), &json!(1), &json!(1)));
    assert!(
        minute["p50_us"].is_u64() && minute["p99_us"].is_u64() && minute["length_s"].is_u64(),
        "{minute}"
    );
    let started = document["started_unix_s"].as_u64().expect("a time");
    assert!(document["now_unix_s"].as_u64().expect("a time") - started < 600, "{document}");
    assert_eq!((&document["workers"], &document["sandbox"]), (&json!(1), &json!(true)));
    assert_eq!(document["settings"]["last_reload"], Value::Null);
    assert_eq!(document["settings"]["secrets_readable"], true);
}

#[tokio::test]
async fn the_console_says_the_same_of_what_needs_attention() {
    let scene = Scene::prepared(
        "ledger.file = '/dev/null/ledger'\nconsole.view.file = 'view'\n",
        &["--sandbox"],
        |folder| std::fs::write(folder.join("view"), "view-view-view-view-view-view").expect("a file"),
    );
    get(scene.serving.address, ADD).await;
    let (admin, body) =
        (scene.serving.admin, json!({ "token": "view-view-view-view-view-view" }).to_string());
    let own = "Content-Type: application/json\r\nX-Mesigate-Console: 1\r\nSec-Fetch-Site: same-origin\r\n";
    let length = body.len();
    let login = format!(
        "POST /console/login HTTP/1.1\r\nHost: {admin}\r\n{own}Content-Length: {length}\r\n\r\n{body}"
    );
    let answer = ask(admin, login.as_bytes()).await;
    let cookie =
        answer.header("set-cookie").and_then(|set| set.split(';').next()).expect("a cookie").to_owned();
    let asked = format!("GET /console/api/state HTTP/1.1\r\nHost: {admin}\r\nCookie: {cookie}\r\n\r\n");
    let state = ask(admin, asked.as_bytes()).await.json();
    let document = scene.document().await;
    assert_eq!(document["attention"].as_array().map(Vec::len), Some(2), "{document}");
    assert_eq!(state["attention"], document["attention"]);
}

#[tokio::test]
async fn where_no_gateway_answers_it_says_so_and_ends_with_2() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    for flags in [&["status"][..], &["status", "--json"]] {
        let output = run(&[flags, &["--admin", &address]].concat());
        assert_eq!((output.status.code(), out(&output)), (Some(2), String::new()));
        assert!(err(&output).contains(&format!("no gateway answers on {address}")), "{}", err(&output));
    }
    // What answers there is the gateway's other listener.
    let scene = Scene::start("", &["--sandbox"]);
    let output = run(&["status", "--admin", &scene.serving.address.to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("it has no /status"), "{}", err(&output));
}

#[tokio::test]
async fn the_host_rule_of_the_second_listener_holds_for_it() {
    let scene = Scene::start("", &["--sandbox"]);
    for (host, status) in [("localhost", 200), ("gateway", 200), ("evil.example.com", 421)] {
        let asked = format!("GET /status HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(ask(scene.serving.admin, asked.as_bytes()).await.status, status, "{host}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_none_where_no_color_is_set() {
    let scene = Scene::start("", &["--sandbox"]);
    let on_a_terminal = |variables: &str| {
        let program = env!("CARGO_BIN_EXE_mesigate");
        let typed = format!("env -i TERM=xterm {variables} {program} status --admin {}", scene.serving.admin);
        // Of the system's own programs; it gives the command a terminal.
        let mut script = Command::new("script");
        let output = script.args(["-qec", &typed, "/dev/null"]).stdin(Stdio::null()).output();
        out(&output.expect("script, of the package bsdutils, runs"))
    };
    assert!(on_a_terminal("").contains("\x1b[1m\x1b[32mall is well\x1b[0m"), "{:?}", on_a_terminal(""));
    let plain = on_a_terminal("NO_COLOR=1");
    assert!(plain.contains("all is well") && !plain.contains('\x1b'), "{plain:?}");
}

#[test]
fn watching_prints_one_screen_behind_the_other_into_a_pipe_until_nobody_reads_or_ctrl_c() {
    let scene = Scene::start("", &["--sandbox"]);
    let admin = scene.serving.admin.to_string();
    let watch = |flags: &[&str]| {
        let mut command = mesigate(&[&["status", "--watch", "--admin", &admin], flags].concat());
        command.stdout(Stdio::piped()).spawn().expect("the program runs")
    };
    let mut child = watch(&[]);
    let mut lines =
        BufReader::new(child.stdout.take().expect("a pipe")).lines().map(|line| line.expect("text"));
    for _ in 0..2 {
        assert!(lines.by_ref().any(|line| line.starts_with("all is well")));
    }
    drop(lines);
    assert_eq!(child.wait().expect("an end").code(), Some(0), "nobody reads any more");
    let mut child = watch(&["--json"]);
    let mut pipe = BufReader::new(child.stdout.take().expect("a pipe"));
    for _ in 0..2 {
        let mut line = String::new();
        pipe.read_line(&mut line).expect("a line");
        assert_eq!(serde_json::from_str::<Value>(&line).expect("a line is a document")["well"], true);
    }
    send(&child, Signal::INT);
    let mut rest = String::new();
    pipe.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "");
    assert!(!child.wait().expect("an end").success());
}
