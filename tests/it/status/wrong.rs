//! Each thing that can be wrong makes the exit code, is said first, and stands in its row with what to do; what is only worth
//! knowing stands in its row alone.

use std::path::Path;

use rcgen::date_time_ymd;

use super::{Scene, row};
use crate::support::client::get;
use crate::support::stub::Stub;
use crate::support::tls::{Authority, Files, named};

/// Asserts that this is wrong and nothing else is: the topic, what is said of it, its row, and a command that is to be run.
#[track_caller]
fn is_wrong(scene: &Scene, (topic, what): (&str, &str), label: &str, todo: &str) {
    let (code, screen) = scene.tell(&["status"]);
    assert_eq!(code, Some(1), "{screen}");
    let first = screen.lines().next().expect("a line");
    assert!(first.starts_with("wrong: ") && first.contains(what), "{what} is not said first:\n{screen}");
    assert_eq!(screen.matches("wrong: ").count(), 1, "{screen}");
    let lines = row(&screen, label);
    assert!(lines.iter().any(|line| line.trim_start().contains(what)), "{label} has not {what}:\n{screen}");
    assert!(
        lines.iter().any(|line| line.contains("-> ") && line.contains(todo)),
        "{label} has not {todo}:\n{screen}"
    );
    let (code, json) = scene.tell(&["status", "--json"]);
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((code, &document["well"]), (Some(1), &false.into()), "{document}");
    let first = &document["attention"][0];
    assert_eq!((&first["topic"], &first["wrong"]), (&topic.into(), &true.into()), "{document}");
}

/// Asserts that nothing is wrong, and that this is told all the same.
#[track_caller]
fn is_worth_knowing(scene: &Scene, what: &str, label: &str, todo: &str) {
    let (code, screen) = scene.tell(&["status"]);
    assert!(code == Some(0) && screen.starts_with("all is well: "), "{screen}");
    let lines = row(&screen, label);
    assert!(lines.iter().any(|line| line.contains(what)), "{label} has not {what}:\n{screen}");
    assert!(lines.iter().any(|line| line.contains("-> ") && line.contains(todo)), "{screen}");
}

const WRITE: &str = "/api.php?op=userdel&token=T&uid=5";

#[tokio::test]
async fn an_upstream_that_is_left_alone() {
    let settings = "upstream.url = 'http://127.0.0.1:1/backend/'\nbreaker = { failures = 2, wait = '1h', longest = '1h' }\n";
    let scene = Scene::start(settings, &[]);
    for _ in 0..3 {
        get(scene.serving.address, WRITE).await;
    }
    let what = "upstream 127.0.0.1:1 is left alone";
    is_wrong(&scene, ("upstream", what), "upstream", "mesigate check --connect");
    assert_eq!(scene.document().await["upstreams"][0]["breaker"], "open");
}

#[tokio::test]
async fn an_app_whose_token_mesibo_has_disabled() {
    let stub = Stub::start().await;
    stub.will_say(r#"{"op":"x","result":false,"error":"TOKENBREACH","code":403}"#);
    let app = "[[app]]\nname = 'shop'\nkeys = [{ file = 'key' }]\ntoken = { file = 'token' }\n";
    let settings = format!("upstream.url = 'http://{}/'\n{app}", stub.address);
    let scene = Scene::prepared(&settings, &[], |folder| {
        std::fs::write(folder.join("key"), "a-key-of-the-shop").expect("a file");
        std::fs::write(folder.join("token"), "a-token-of-the-shop").expect("a file");
    });
    get(scene.serving.address, "/api.php?op=userdel&token=a-key-of-the-shop&uid=5").await;
    let what = "app shop is held back (TOKENBREACH, ";
    is_wrong(&scene, ("held_back", what), "held back", "mesigate breaches --clear");
    assert_eq!(scene.document().await["held_back"][0]["app"], "shop");
    assert_eq!(stub.take_calls().len(), 1);
    assert_eq!(scene.tell(&["breaches", "--clear"]).0, Some(0));
    assert_eq!(scene.tell(&["status"]).0, Some(0));
}

#[tokio::test]
async fn settings_that_were_refused_or_need_a_start() {
    let scene = Scene::start("reload.interval = '0s'\n", &["--sandbox"]);
    assert_eq!(scene.tell(&["status"]).0, Some(0));
    scene.write("reload.interval = '0s'\nnonsense = 'SECRET'\n");
    let output = scene.tell(&["reload"]);
    assert_eq!(output.0, Some(1), "{output:?}");
    let what = "the settings as they are written were refused";
    is_wrong(&scene, ("settings", what), "settings", "mesigate check --config");
    let document = scene.document().await;
    assert_eq!(document["settings"]["last_reload"], "refused");
    assert!(!document.to_string().contains("SECRET"), "{document}");
    scene.write("reload.interval = '0s'\nkeys.most = 9\n");
    assert_eq!(scene.tell(&["reload"]).0, Some(1));
    let what = "need a start: keys.most can change at none else";
    is_wrong(&scene, ("settings", what), "settings", "mesigate reload");
    assert_eq!(scene.document().await["settings"]["needs_restart"][0], "keys.most");
    scene.write("reload.interval = '0s'\n");
    assert_eq!(scene.tell(&["reload"]).0, Some(0));
    assert_eq!(scene.tell(&["status"]).0, Some(0));
}

#[tokio::test]
async fn a_secret_that_cannot_be_read() {
    let app = "[[app]]\nname = 'shop'\nkeys = [{ file = 'key' }]\ntoken = { file = 'token' }\n";
    let scene = Scene::prepared(app, &["--sandbox"], |folder| {
        std::fs::write(folder.join("key"), "a-key-of-the-shop").expect("a file");
        std::fs::write(folder.join("token"), "a-token-of-the-shop").expect("a file");
    });
    assert_eq!(scene.tell(&["status"]).0, Some(0));
    std::fs::remove_file(scene.folder.path().join("token")).expect("it is there");
    assert_eq!(scene.tell(&["reload"]).0, Some(1));
    is_wrong(&scene, ("secrets", "secrets of apps cannot be read"), "secrets", "mesigate check --config");
}

#[tokio::test]
async fn a_certificate_that_ends_soon_or_has_ended() {
    let now = humantime::format_rfc3339(std::time::SystemTime::now()).to_string();
    let year: i32 = now[..4].parse().expect("a year");
    for (ends, what, wrong) in [
        (date_time_ymd(year + 2, 1, 1), "", false),
        (date_time_ymd(year - 1, 1, 1), "the certificate that clients are shown has ended", true),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut params = named("gateway.internal");
        (params.not_before, params.not_after) = (date_time_ymd(2000, 1, 1), ends);
        let files = Files::in_folder(folder.path(), &Authority::new().pair_of(&params));
        let scene = Scene::start(&files.settings(), &["--sandbox"]);
        if wrong {
            is_wrong(&scene, ("certificates", what), "certificates", "mesigate reload");
        } else {
            assert_eq!(scene.tell(&["status"]).0, Some(0));
        }
        let certificate = &scene.document().await["certificates"][0];
        assert_eq!(certificate["role"], "clients");
        assert_eq!(certificate["left_days"].as_i64().expect("days") < 0, wrong, "{certificate}");
    }
}

#[tokio::test]
async fn a_ledger_whose_file_cannot_be_used() {
    let scene = Scene::start("ledger.file = '/dev/null/ledger'\n", &["--sandbox"]);
    let what = "the ledger is kept in memory only";
    is_wrong(&scene, ("ledger", what), "ledger", "mesigate report --merge FILE");
    assert_eq!(scene.document().await["ledger"]["kept_in"], "failing");
}

#[tokio::test]
async fn an_end_that_is_announced() {
    let scene = Scene::start("", &["--sandbox"]);
    assert_eq!(scene.tell(&["drain", "--wait", "0s"]).0, Some(0));
    is_wrong(&scene, ("ready", "not ready: its end is announced"), "ready", "start it anew");
    let document = scene.document().await;
    assert_eq!((&document["ready"], &document["stage"]), (&false.into(), &"announced".into()));
    assert!(document["announced_for_s"].is_u64(), "{document}");
}

#[tokio::test]
async fn requests_of_which_nobody_knows_whether_they_were_done() {
    let stub = Stub::start().await;
    stub.will_hold("");
    let settings =
        format!("upstream.url = 'http://{}/'\ndeadline.upstream_first_byte = '50ms'\n", stub.address);
    let scene = Scene::start(&settings, &[]);
    get(scene.serving.address, WRITE).await;
    let what = "of 1 request of the last minute it is not known whether it was done";
    is_wrong(&scene, ("outcomes", what), "last minute", "mesigate check --connect");
    assert_eq!(scene.document().await["last_minute"]["unknown"], 1);
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_log_that_cannot_be_written() {
    let scene = Scene::start("log.file = 'full'\n", &["--sandbox"]);
    assert_eq!(scene.tell(&["status"]).0, Some(0));
    drop(scene);
    let full = |folder: &Path| std::os::unix::fs::symlink("/dev/full", folder.join("full")).expect("a link");
    let scene = Scene::prepared("log.file = 'full'\n", &["--sandbox"], full);
    get(scene.serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    while scene.document().await["log"]["lines_lost"] == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    is_wrong(&scene, ("log", "of the log w"), "log", "log.sample");
}

#[tokio::test]
async fn a_pause_under_way_and_programs_by_the_old_door_are_told_and_not_wrong() {
    let pause = "[[brownout]]\nname = 'spring'\nfrom = 2020-01-01\nto = 9000-01-01\nrehearse = false\noperations = ['userset']\n";
    let scene = Scene::start(pause, &["--sandbox"]);
    is_worth_knowing(
        &scene,
        "the pause spring closes the old door until 9000-",
        "brownouts",
        "mesigate brownout --pause",
    );
    get(scene.serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    // How many they are is counted every ten seconds.
    let scene = Scene::start("", &["--sandbox"]);
    get(scene.serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    is_worth_knowing(&scene, "1 program still calls by it", "ledger", "mesigate report");
    assert_eq!(scene.tell(&["brownout", "--pause"]).0, Some(0));
}
