//! What a request's line in the log says, for an operator who has a complaint and a time of day.

mod facts; // connections, attempts, limits, the program; and the share that is written

use std::path::Path;

use serde_json::{Value, json};

use crate::support::client::{ask, metric};
use crate::support::frames::{END_HEADERS, Frames, HEADERS, block};
use crate::support::gateway::Gateway;
use crate::support::program::{Serving, Signal};
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"userdel","result":true}"#;
const FAILED: &str = r#"{"op":"userdel","result":false,"error":"NOUSER","code":404}"#;
const ODD: &str = r#"{"op":"userdel","result":false,"error":"say it, token","code":400}"#;

/// A gateway with two apps; one of the keys has a name.
fn serving(folder: &Path, stub: &Stub) -> Serving {
    serving_with(folder, stub, "")
}

/// A gateway with these two apps, and with more settings.
fn serving_with(folder: &Path, stub: &Stub, more: &str) -> Serving {
    let path = |name: &str| folder.join(name).display().to_string();
    for name in ["till", "spare", "clinic", "real"] {
        std::fs::write(path(name), format!("{name}-key")).expect("a file");
    }
    let (till, spare, clinic, real) = (path("till"), path("spare"), path("clinic"), path("real"));
    let settings = format!(
        "listen = {{ address = '127.0.0.1:0', workers = 1, http2 = true }}\nadmin.address = '127.0.0.1:0'\n\
         upstream.url = 'http://{}/'\nlog.file = '{}'\nstop = {{ announce = '0s', linger = '0s' }}\n{more}\n\
         [[app]]\nname = 'shop'\nkeys = [{{ file = '{spare}' }}, {{ file = '{till}', name = 'till 3' }}]\n\
         token = {{ file = '{real}' }}\n\
         [[app]]\nname = 'clinic'\nkeys = [{{ file = '{clinic}' }}]\ntoken = {{ file = '{real}' }}\n\
         operations = ['message']\n",
        stub.address,
        path("log")
    );
    std::fs::write(path("settings.toml"), settings).expect("a file");
    Serving::with(Path::new(&path("settings.toml")))
}

/// Sends a GET with a `User-Agent`.
async fn get(serving: &Serving, target: &str, program: &str) {
    let request = format!("GET {target} HTTP/1.1\r\nHost: g\r\nUser-Agent: {program}\r\n\r\n");
    ask(serving.address, request.as_bytes()).await;
}

async fn lines(serving: Serving, folder: &Path) -> Vec<Value> {
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
    let text = std::fs::read_to_string(folder.join("log")).expect("a log");
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("JSON"));
    let mut lines: Vec<Value> = lines.filter(|line: &Value| line["message"] == "request").collect();
    lines.sort_by_key(|line| line["timestamp"].as_str().expect("a time").to_owned());
    lines
}

#[tokio::test]
async fn a_line_names_app_key_program_path_operation_and_error() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let serving = serving(folder.path(), &stub);
    stub.will_say(DONE);
    get(&serving, "/api.php?op=userdel&token=till-key&uid=5", "curl/7.88.1").await;
    stub.will_say(FAILED);
    get(&serving, "/backend/?op=userdel&token=spare-key&uid=5", "a\\b \"c\"").await;
    stub.will_say(ODD);
    get(&serving, "/api.php?op=userdel&token=own&uid=5", "").await;
    for target in [
        "/api.php?op=userdelete&token=till-key",
        "/api.php?op=User%20Delete&token=till-key",
        "/api.php?token=clinic-key",
        "/api.php?op=userdel&token=clinic-key&uid=5",
        "/api.php?op=userdel&uid=5",
        "/api/v2/SECRET?op=userdel&token=till-key",
    ] {
        get(&serving, target, "x").await;
    }
    let found: Vec<Value> = lines(serving, folder.path())
        .await
        .iter()
        .map(|line| json!(["op", "error", "app", "key", "path", "user_agent"].map(|name| line[name].clone())))
        .collect();
    let expected = [
        json!(["userdel", null, "shop", "till 3", "/api.php", "curl/7.88.1"]),
        json!(["userdel", "NOUSER", "shop", null, "/backend/", "a*b *c*"]),
        json!(["userdel", null, null, null, "/api.php", ""]),
        json!(["userdelete", "BADOP", "shop", "till 3", "/api.php", "x"]),
        json!(["-", "BADOP", "shop", "till 3", "/api.php", "x"]),
        json!(["-", "NOOP", "clinic", null, "/api.php", "x"]),
        json!(["userdel", "BADOP", "clinic", null, "/api.php", "x"]),
        json!(["userdel", "AUTHFAIL", null, null, "/api.php", "x"]),
        json!(["-", null, null, null, "/api/v2/*", "x"]),
    ];
    assert_eq!(found, expected);
    assert_eq!(stub.take_calls().len(), 3);
}

#[tokio::test]
async fn a_line_names_app_and_key_of_the_query_where_the_body_is_refused() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let more = "cap.body = 1000\ndeadline.body = '50ms'\n";
    let serving = serving_with(folder.path(), &stub, more);
    let long = "x".repeat(1001);
    let long_chunk = format!("Transfer-Encoding: chunked\r\n\r\n3e9\r\n{long}\r\n0\r\n\r\n");
    let headings = [
        // The gateway refuses by the length alone and waits for no byte of the body.
        ("Content-Length: 1001\r\n\r\n", "TOOLARGE"),
        (long_chunk.as_str(), "TOOLARGE"),
        ("Content-Length: 5\r\nContent-Encoding: gzip\r\n\r\nuid=5", "BADREQUEST"),
        ("Transfer-Encoding: chunked\r\n\r\nfive\r\n", "BADREQUEST"),
        ("Content-Length: 5\r\n\r\nuid", "BADREQUEST"),
    ];
    let tokens = [
        ("till-key", json!(["shop", "till 3"])),
        ("spare-key", json!(["shop", null])),
        ("own", json!([null, null])),
        // Two tokens: it is unknown which of them the client meant.
        ("till-key&token=clinic-key", json!([null, null])),
    ];
    let mut expected = Vec::new();
    for (token, named) in &tokens {
        for (rest, error) in headings {
            let head = format!("POST /api.php?op=userdel&token={token} HTTP/1.1\r\nHost: g\r\n");
            ask(serving.address, (head + rest).as_bytes()).await;
            expected.push(json!(["userdel", error, named[0], named[1], "unread"]));
        }
        for (field, error) in
            [("content-length", "TOOLARGE"), ("content-encoding", "BADREQUEST"), ("x", "BADREQUEST")]
        {
            let path = format!("/api.php?op=userdel&token={token}");
            let usual = [(":method", "POST"), (":scheme", "http"), (":authority", "g"), (":path", &path)];
            let mut frames = Frames::connect(serving.address).await;
            frames.send(HEADERS, END_HEADERS, 1, &block(&[&usual[..], &[(field, "1001")]].concat())).await;
            assert_eq!(frames.hear(1).await.status(), Some(200));
            expected.push(json!(["userdel", error, named[0], named[1], "unread"]));
        }
    }
    let found: Vec<Value> = lines(serving, folder.path())
        .await
        .iter()
        .map(|line| json!(["op", "error", "app", "key", "door"].map(|name| line[name].clone())))
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_refused_body_is_told_in_its_apps_own_words() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let (key, token) = (folder.path().join("key"), folder.path().join("token"));
    std::fs::write(&key, "shop-key").expect("a file");
    std::fs::write(&token, "real").expect("a file");
    let app = format!(
        "[[app]]\nname = 'shop'\nstatus = 'http'\nkeys = [{{ file = '{}' }}]\ntoken = {{ file = '{}' }}\n",
        key.display(),
        token.display()
    );
    let gateway = Gateway::with(stub.address, &format!("cap.body = 1000\n{app}"));
    for (token, status) in [("shop-key", 413), ("other", 200)] {
        let head = format!(
            "POST /backend?op=userdel&token={token} HTTP/1.1\r\nHost: g\r\nContent-Length: 1001\r\n\r\n"
        );
        assert_eq!(ask(gateway.address, head.as_bytes()).await.status, status);
    }
}

#[tokio::test]
async fn requests_are_counted_by_app() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let serving = serving(folder.path(), &stub);
    for key in ["till-key", "spare-key", "own"] {
        stub.will_say(DONE);
        get(&serving, &format!("/api.php?op=userdel&token={key}&uid=5"), "x").await;
    }
    get(&serving, "/api.php?op=nonsense&token=clinic-key&uid=5", "x").await;
    for (op, outcome, app, count) in
        [("userdel", "ok", "shop", 2), ("userdel", "ok", "-", 1), ("other", "bad_op", "clinic", 1)]
    {
        let series = format!(
            "mesigate_requests_total{{door=\"legacy\",op=\"{op}\",outcome=\"{outcome}\",app=\"{app}\"}}"
        );
        assert_eq!(metric(serving.admin, &series).await, count, "{series}");
    }
    assert_eq!(stub.take_calls().len(), 3);
}
