//! How a running program learns of new settings: a signal, a request on the second listener, a look at the files.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::client::{ask, get, metric};
use crate::support::program::{Serving, Signal, err, out, run};

/// A refused request whose status says which settings are in use.
const REFUSED: &str = "/api.php?op=userdel&uid=5";

fn settings(more: &str) -> String {
    format!(
        "listen = {{ address = '127.0.0.1:0', workers = 1 }}\nadmin.address = '127.0.0.1:0'\n\
         log.file = '/dev/null'\nstop.announce = '0s'\nupstream.url = 'http://127.0.0.1:9/'\n{more}"
    )
}

fn write(file: &Path, more: &str) {
    std::fs::write(file, settings(more)).expect("a file");
}

async fn until(serving: &Serving, status: u16) {
    let mut looks = 0;
    while get(serving.address, REFUSED).await.status != status {
        looks += 1;
        assert!(looks < 20_000, "the new settings were never used");
        tokio::task::yield_now().await;
    }
}

/// Waits for a reload's count, which grows after the settings are first used.
async fn until_counted(serving: &Serving, name: &str) {
    let mut looks = 0;
    while metric(serving.admin, name).await == 0 {
        looks += 1;
        assert!(looks < 20_000, "`{name}` stayed 0");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_signal_and_a_word_have_the_settings_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    write(&file, "reload.interval = '0s'");
    let serving = Serving::with(&file);
    assert_eq!(get(serving.address, REFUSED).await.status, 200);
    write(&file, "reload.interval = '0s'\nlegacy.status = 'http'");
    serving.signal(Signal::HUP);
    until(&serving, 401).await;

    let admin = serving.admin.to_string();
    let reload = || run(&["reload", "--admin", &admin]);
    let told = reload();
    assert_eq!(
        (told.status.code(), out(&told).as_str()),
        (Some(0), "unchanged: the settings are those in use\n")
    );
    write(&file, "reload.interval = '0s'\nlegacy.status = '200'");
    assert!(out(&reload()).starts_with("applied: "));
    assert_eq!(get(serving.address, REFUSED).await.status, 200);
    write(&file, "reload.interval = 'x'\nlegacy.status = 'y'");
    let told = reload();
    assert_eq!((told.status.code(), out(&told).lines().count()), (Some(1), 3), "{}", out(&told));
    assert!(
        out(&told).contains("settings.toml:7: `legacy.status`: `y` is none of 200, http"),
        "{}",
        out(&told)
    );
    write(&file, "reload.interval = '0s'\nlog.level = 'warn'");
    let told = reload();
    assert!(told.status.code() == Some(1) && out(&told).contains("log.level"), "{}", out(&told));
    assert_eq!(err(&told), "");
    let answer = ask(serving.admin, b"POST /reload HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(answer.status, 409);
    serving.signal(Signal::TERM);
    assert_eq!(serving.ended().await, Some(0));
}

#[tokio::test]
async fn a_file_that_is_written_over_or_swapped_below_a_link_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let version = |number: u32, more: &str| {
        let place = folder.path().join(format!("..v{number}"));
        std::fs::create_dir(&place).expect("a folder");
        write(&place.join("settings.toml"), more);
        // As a ConfigMap is updated: the new link is made beside the old one and replaces it.
        symlink(&place, folder.path().join("..data_tmp")).expect("a link");
        std::fs::rename(folder.path().join("..data_tmp"), folder.path().join("..data")).expect("a swap");
    };
    let file = folder.path().join("settings.toml");
    version(1, "reload.interval = '1ms'");
    symlink("..data/settings.toml", &file).expect("a link");
    let serving = Serving::with(&file);
    assert_eq!(get(serving.address, REFUSED).await.status, 200);
    version(2, "reload.interval = '1ms'\nlegacy.status = 'http'");
    until(&serving, 401).await;
    version(3, "reload.interval = '1ms'\nlegacy.status = 'none'");
    until_counted(&serving, "mesigate_reloads_total{outcome=\"refused\"}").await;
    assert_eq!(get(serving.address, REFUSED).await.status, 401);
    version(4, "reload.interval = '1ms'");
    until(&serving, 200).await;
    until_counted(&serving, "mesigate_last_reload_success").await;
    // A wrong file is reported once, not at every look.
    assert_eq!(metric(serving.admin, "mesigate_reloads_total{outcome=\"refused\"}").await, 1);
    assert_eq!(metric(serving.admin, "mesigate_last_reload_success").await, 1);
}
