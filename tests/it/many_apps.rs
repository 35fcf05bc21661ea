//! Settings with ten thousand apps are read, each key opens its own app, and what that takes is printed.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use aws_lc_rs::digest::{SHA256, digest};

use crate::apps::is_refused;
use crate::support::client::get;
use crate::support::program::{Serving, out, run};
use crate::support::stub::Stub;

const APPS: usize = 10_000;
const LIMITS: usize = 100;
const ROUTES: usize = 50;

/// Each app has a key in a file, a key that is known by its digest, and its token in a file.
fn settings(folder: &Path, upstream: SocketAddr) -> PathBuf {
    let mut text = format!(
        "unknown_tokens = 'refuse'\nupstream.url = 'http://{upstream}/'\nlog.file = '/dev/null'\n\
         listen = {{ address = '127.0.0.1:0', workers = 1 }}\nadmin.address = '127.0.0.1:0'\n"
    );
    for number in 0..APPS {
        for secret in ["key", "token"] {
            let file = folder.join(format!("{secret}-{number}"));
            std::fs::write(file, format!("{secret}-in-a-file-{number}")).expect("a file");
        }
        let known: String = digest(&SHA256, format!("known-key-{number}").as_bytes())
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let _ = writeln!(
            text,
            "[[app]]\nname = 'app-{number}'\nkeys = [{{ file = 'key-{number}' }}, {{ sha256 = '{known}' }}]\n\
             token = {{ file = 'token-{number}' }}"
        );
        if number < ROUTES {
            let route = format!("operations = ['groupdel'], url = 'http://{upstream}/{number}/'");
            let _ = writeln!(text, "routes = [{{ {route} }}]");
        }
    }
    for number in 0..LIMITS {
        let _ = writeln!(text, "[[limit]]\nname = 'limit-{number}'\nper = 'app'\nrate = '1000/s'");
    }
    let file = folder.join("settings.toml");
    std::fs::write(&file, text).expect("a file");
    file
}

#[tokio::test]
async fn ten_thousand_apps_are_read_and_each_key_opens_its_own() {
    let (folder, stub) = (tempfile::tempdir().expect("a folder"), Stub::start().await);
    let file = settings(folder.path(), stub.address);
    let path = file.display().to_string();

    let began = Instant::now();
    let told = out(&run(&["check", "--config", &path]));
    let checked = began.elapsed();
    for expected in [format!("apps: {APPS} ("), format!("limits: {LIMITS} for all")] {
        assert!(told.contains(&expected), "{told}");
    }
    let began = Instant::now();
    let serving = Serving::with(&file);
    let (started, memory) = (began.elapsed(), serving.memory("VmRSS"));
    println!("{APPS} apps: checked in {checked:?}, started in {started:?}, {memory} KiB");

    for number in [0, ROUTES, APPS / 2, APPS - 1] {
        for key in [format!("key-in-a-file-{number}"), format!("known-key-{number}")] {
            stub.will_say(r#"{"op":"userdel","result":true}"#);
            let answer = get(serving.address, &format!("/api.php?op=userdel&token={key}&uid=5")).await;
            assert_eq!(answer.json()["result"], true, "{key}: {}", answer.json());
            let calls = stub.take_calls();
            let [call] = calls.as_slice() else { panic!("{key}: {} calls", calls.len()) };
            let json: serde_json::Value = serde_json::from_slice(&call.body).expect("JSON");
            assert_eq!(json["token"], format!("token-in-a-file-{number}"), "{key}");
        }
    }
    let other = format!("/api.php?op=userdel&token=known-key-{APPS}&uid=5");
    is_refused(&get(serving.address, &other).await, "AUTHFAIL");
}
