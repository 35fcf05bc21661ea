//! Where the second listener is not on loopback: off, until a login and the names are set.

use mesigate::snapshot::reload::ReloadOutcome;

use super::{Console, OPERATE, OWN, is_guarded, is_refused};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::program::{err, out, run};

#[tokio::test]
async fn it_is_off_and_says_which_lines_to_set() {
    let console = Console::start("admin.address = '0.0.0.0:0'");
    for (method, path) in
        [("GET", "/console"), ("GET", "/console/"), ("GET", "/console/app.js"), ("POST", "/console/login")]
    {
        let answer = console.ask(method, path, OWN, "").await;
        is_guarded(&answer, path);
        is_refused(&answer, 403, "off");
        let told = answer.json()["what"].as_str().expect("text").to_owned();
        assert!(told.contains("console.on = true") && told.contains("admin.hosts"), "{told}");
        assert!(!told.contains("console.operate"), "that is set: {told}");
    }
    assert_eq!(get(console.admin(), "/livez").await.status, 200, "probes and metrics stay");
}

#[tokio::test]
async fn it_is_on_where_all_lines_are_set() {
    let console = Console::start(
        "admin = { address = '0.0.0.0:0', hosts = ['gw.example'] } # admin.address\nconsole.on = true",
    );
    let person = console.log_in(OPERATE).await;
    assert_eq!(person.get("/console/api/state").await.status, 200);
    let named = format!("Host: gw.example\r\nCookie: {}\r\n", person.cookie);
    assert_eq!(console.ask("GET", "/console/api/state", &named, "").await.status, 200);
    let other = format!("Host: gw.other\r\nCookie: {}\r\n", person.cookie);
    assert_eq!(console.ask("GET", "/console/api/state", &other, "").await.status, 421);
}

#[test]
fn check_lists_what_lacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mesigate.toml");
    std::fs::write(&file, "admin.address = '0.0.0.0:18090'\nconsole.on = true\n").expect("a file");
    let output = run(&["check", "--config", &file.display().to_string()]);
    let told = format!("{}{}", out(&output), err(&output));
    assert_eq!(output.status.code(), Some(1));
    for line in ["`console.on`", "console.operate = { file", "admin.hosts"] {
        assert!(told.contains(line), "{told}");
    }
}

#[tokio::test]
async fn it_is_off_where_the_settings_say_so() {
    let console = Console::start("console.on = false");
    is_refused(&console.ask("GET", "/console/", "", "").await, 403, "off");
}

#[tokio::test]
async fn its_settings_count_from_the_next_start_on() {
    let gateway = Gateway::start("");
    for toml in ["console.on = false", "console.operate.env = 'OPERATE'", "console.view.file = 'view'"] {
        let key = toml.split(" = ").next().expect("a key").to_owned();
        assert_eq!(gateway.reload(toml), ReloadOutcome::NeedsRestart(vec![key]));
    }
}
