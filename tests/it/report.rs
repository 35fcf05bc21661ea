//! `mesigate report`, `done` and `retire`, against gateways that run and against their files.

use std::path::Path;

use crate::support::client::{ask, get, is};
use crate::support::program::{Serving, Signal, err, out, run};

const ADD: &str = "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app&flag=0x21";
const DELETE: &str = "/api.php?op=userdel&token=sandbox&uid=101";
const JSON: &str = r#"{"op":"useradd","token":"sandbox","user":{"address":"ana","flags":32,"token":{"appid":"com.example.app"}}}"#;

/// A gateway in front of a sandbox, with a ledger in this folder.
fn serving(folder: &Path) -> Serving {
    let settings = folder.join("mesigate.toml");
    let client = "[[client]]\nname = 'the shop'\nprogram = 'shop'\n";
    std::fs::write(&settings, format!("ledger.file = 'ledger'\nlisten.workers = 1\n{client}"))
        .expect("a file");
    Serving::start(&["--config", &settings.display().to_string()], &folder.join("log"))
}

async fn old(serving: &Serving, target: &str) -> serde_json::Value {
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: g\r\nUser-Agent: shop/2.1\r\nConnection: close\r\n\r\n");
    ask(serving.address, request.as_bytes()).await.json()
}

async fn modern(serving: &Serving, json: &str) {
    let length = json.len();
    let request = format!(
        "POST /backend/ HTTP/1.1\r\nHost: g\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{json}"
    );
    assert_eq!(ask(serving.address, request.as_bytes()).await.json()["result"], true);
}

/// What the report says of a folder's gateway while it runs.
fn report(serving: &Serving, folder: &Path, flags: &[&str]) -> String {
    let settings = folder.join("mesigate.toml").display().to_string();
    let admin = serving.admin.to_string();
    let output = run(&[&["report", "--config", &settings, "--admin", &admin], flags].concat());
    assert!(output.status.success(), "{}", err(&output));
    out(&output)
}

/// The name of the only client with this program.
fn client(report: &str, program: &str) -> String {
    let words = report.split(|letter: char| letter.is_whitespace() || letter == '(' || letter == ')');
    let mut names = words.filter(|word| word.starts_with("token:") && word.ends_with(program));
    names.next().expect("a client").to_owned()
}

#[tokio::test]
async fn who_calls_by_the_old_door_is_shown_with_what_is_lacking_and_the_code_that_replaces_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = serving(folder.path());
    for target in [ADD, ADD, DELETE] {
        assert_eq!(old(&serving, target).await["result"], true, "{target}");
    }
    // Tokens that upstream does not take are nobody's.
    get(serving.address, "/api.php?op=userdel&token=unknown&uid=5").await;
    let all = report(&serving, folder.path(), &[]);
    for said in ["the shop (token:", "calling", "3", "1 of 1 clients", "1 more old calls came with tokens"] {
        assert!(all.contains(said), "{said:?} is not in\n{all}");
    }
    assert!(!all.contains("in memory"), "{all}");
    modern(&serving, JSON).await;
    let page = report(&serving, folder.path(), &["--only", "the shop", "--as", "python-requests"]);
    for said in [
        "userdel (uid): no userdel as JSON has been sent yet",
        "useradd (addr, flag, appid): user.flags never has 0x1 set, as old calls do",
        "useradd (addr, flag, appid)  2",
        "GET /api.php query; hex",
        "user.token.appid",
        "import requests",
        "Calls: ",
        "\"flags\": 33",
    ] {
        assert!(page.contains(said), "{said:?} is not in\n{page}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&report(&serving, folder.path(), &["--format", "json"])).expect("JSON");
    assert_eq!((&json["left"], &json["clients"][0]["old_calls"]), (&1.into(), &3.into()));
    assert_eq!(json["ledger"], "file");
    let markdown = report(&serving, folder.path(), &["--format", "markdown", "--only", "calling"]);
    assert!(markdown.contains("| client | state |"), "{markdown}");
    for text in [all, page, json.to_string(), markdown] {
        assert!(!text.contains("ana") && !text.contains("com.example.app"), "a value is in\n{text}");
    }
}

#[tokio::test]
async fn a_ledger_that_ends_with_the_gateway_says_so_aloud() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("mesigate.toml");
    for (text, word, said) in [
        ("", "memory", "these figures end with the gateway. Set ledger.file to keep them."),
        ("ledger.file = '/dev/null/ledger'\n", "failing", "The ledger's file cannot be used"),
    ] {
        std::fs::write(&settings, text).expect("a file");
        let flags = ["--config", &settings.display().to_string()];
        let serving = Serving::start(&flags, &folder.path().join("log"));
        old(&serving, ADD).await;
        assert_eq!(get(serving.admin, "/ledger").await.header("x-mesigate-ledger"), Some(word));
        for form in ["text", "markdown"] {
            let all = report(&serving, folder.path(), &["--format", form]);
            let last = all.lines().last().expect("a line");
            assert!(last.contains(said), "{all}");
        }
        let json = report(&serving, folder.path(), &["--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["ledger"], word);
    }
}

#[tokio::test]
async fn a_restart_keeps_it_and_files_are_joined() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let mut files = Vec::new();
    for folder in &folders {
        for _ in 0..2 {
            let serving = serving(folder.path());
            old(&serving, ADD).await;
            serving.signal(Signal::TERM);
            assert_eq!(serving.ended().await, Some(0));
        }
        files.push(folder.path().join("ledger").display().to_string());
    }
    let merged = |files: &[&String]| {
        let files: Vec<&str> = files.iter().map(|file| file.as_str()).collect();
        let output = run(&[&["report", "--format", "json", "--merge"], &files[..]].concat());
        let json: serde_json::Value = serde_json::from_str(&out(&output)).expect("JSON");
        json["old_calls"].as_u64().expect("a number")
    };
    assert_eq!(merged(&[&files[0]]), 2);
    assert_eq!(merged(&[&files[0], &files[1], &files[0]]), 4);
    let check = run(&["report", "--check", "--merge", &files[0]]);
    assert_eq!(check.status.code(), Some(3));
    for (arguments, why) in [
        (&["report", "--merge", "/nowhere"][..], "there is no such file"),
        (&["report", "--merge", &files[0], "--only", "nobody"], "is called `nobody`"),
        (&["report", "--merge", &files[0], "--since", "soon"], "neither a date, as 2027-03-01, nor a time"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(1));
        assert!(err(&output).contains(why), "{}", err(&output));
    }
}

#[tokio::test]
async fn a_client_that_is_retired_is_told_what_to_do_and_one_command_takes_it_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = serving(folder.path());
    old(&serving, ADD).await;
    let name = client(&report(&serving, folder.path(), &[]), "/shop");
    let admin = serving.admin.to_string();
    let tell = |arguments: &[&str]| {
        let output = run(&[arguments, &["--admin", &admin]].concat());
        (output.status.code(), out(&output))
    };
    let (code, told) = tell(&["retire", &name]);
    assert!(code == Some(1) && told.contains("is not done"), "{told}");
    let (code, told) = tell(&["done", &name, "--reason", "it was switched off"]);
    assert!(code == Some(0) && told.contains("is done"), "{told}");
    assert!(report(&serving, folder.path(), &["--only", &name]).contains("it was switched off"));
    let (code, told) = tell(&["retire", &name]);
    assert!(code == Some(0) && told.contains("takes it back"), "{told}");
    let request =
        format!("GET {DELETE} HTTP/1.1\r\nHost: g\r\nUser-Agent: shop/3\r\nConnection: close\r\n\r\n");
    let refused = ask(serving.address, request.as_bytes()).await;
    is(&refused, "RETIRED", "not-sent");
    assert!(refused.json()["cause"].as_str().expect("a cause").contains("`userdel`"));
    // Another program of the same caller, and JSON, are served.
    assert_eq!(get(serving.address, ADD).await.json()["result"], true);
    modern(&serving, JSON).await;
    assert_eq!(tell(&["retire", "--undo", &name]).0, Some(0));
    assert_ne!(old(&serving, ADD).await["error"], "RETIRED");
    let (code, told) = tell(&["retire", "bot/okhttp"]);
    assert!(code == Some(1) && told.contains("is no client that has called"), "{told}");
}

#[tokio::test]
async fn strangers_are_refused_after_the_date_and_told_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("mesigate.toml").display().to_string();
    for (mode, is_refused) in [("warn", false), ("refuse", true)] {
        let text = format!("[migration]\nstrangers = '{mode}'\nstrangers_from = 2020-01-01\n");
        std::fs::write(&settings, text).expect("a file");
        let serving = Serving::start(&["--config", &settings], &folder.path().join("log"));
        let answer = old(&serving, ADD).await;
        assert_eq!(answer["error"] == "STRANGER", is_refused, "{answer}");
        modern(&serving, JSON).await;
        let metrics = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
        assert!(metrics.contains("mesigate_stranger_calls_total 1\n"), "{metrics}");
    }
}
