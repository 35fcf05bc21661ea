//! `mesigate brownout`, against a gateway that runs.

use std::time::Duration;

use crate::brownouts::OPEN;
use crate::support::client::get;
use crate::support::program::{Serving, err, out, run};

#[tokio::test]
async fn the_command_shows_windows_and_pauses_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("mesigate.toml");
    let rows = "[[brownout]]\nname = 'autumn'\nfrom = '8999-01-01T08:00:00+01:00'\nfor = '1h'\n\
                [[brownout]]\nname = 'winter'\nfrom = 2020-01-01\nfor = '1h'\nrehearse = false\n";
    let log = folder.path().join("log");
    let often = "keys.interval = '10ms'\n";
    std::fs::write(&settings, format!("{often}{OPEN}rehearse = false\n{rows}")).expect("a file");
    let serving = Serving::start(&["--config", &settings.display().to_string(), "--workers", "1"], &log);
    let admin = serving.admin.to_string();
    let told = |flags: &[&str]| {
        let output = run(&[&["brownout", "--admin", &admin], flags].concat());
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let refused = get(serving.address, "/api.php?op=userdel&token=sandbox&uid=5").await.json();
    assert_eq!(refused["error"], "BROWNOUT");
    let shown = |state: &str| {
        format!(
            "spring: 2020-01-01T00:00:00Z to 9000-01-01T00:00:00Z, {state}, real, refused 1\n\
             autumn: 8999-01-01T07:00:00Z to 8999-01-01T08:00:00Z, upcoming, rehearsal, would have refused 0\n\
             winter: 2020-01-01T00:00:00Z to 2020-01-01T01:00:00Z, over, real, refused 0\n\
             whom those that are not over would meet: mesigate brownout --forecast\n"
        )
    };
    assert_eq!(told(&[]), shown("in force"));
    assert!(told(&["--pause"]).starts_with("paused: "));
    assert_eq!(
        told(&[]),
        format!("paused: none refuses until --resume, or the next start\n{}", shown("paused"))
    );
    let served = get(serving.address, "/api.php?op=userdel&token=sandbox&uid=5").await.json();
    assert_ne!(served["error"], "BROWNOUT");
    assert!(told(&["--resume"]).starts_with("resumed: "));
    assert_eq!(told(&[]), shown("in force"));
    let both = run(&["brownout", "--pause", "--resume"]);
    assert!(!both.status.success() && err(&both).contains("cannot be used with"), "{}", err(&both));
    // The log is written a moment later.
    let is_told = |text: &str| std::fs::read_to_string(&log).is_ok_and(|log| log.contains(text));
    let told = ["a brownout is in force", "brownouts are paused", "brownouts are resumed"];
    while !told.into_iter().all(is_told) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn check_warns_of_a_window_that_refuses_now_and_of_one_that_has_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = folder.path().join("mesigate.toml");
    let row = |name, rehearse| OPEN.replace("spring", name) + &format!("rehearse = {rehearse}\n");
    let over = "[[brownout]]\nname = 'over'\nfrom = 2020-01-01\nfor = '1h'\n";
    std::fs::write(&settings, row("real", false) + &row("trial", true) + over).expect("a file");
    let output = run(&["check", "--config", &settings.display().to_string()]);
    let warnings: Vec<String> = err(&output).lines().map(str::to_owned).collect();
    assert!(output.status.success() && warnings.len() == 2, "{warnings:?}");
    assert!(
        warnings[0].contains(":1: brownout.real: it is real and in force now, until 9000-01-01"),
        "{warnings:?}"
    );
    assert!(warnings[1].contains(":11: brownout.over: it ended at 2020-01-01T01:00:00Z"), "{warnings:?}");
}

#[test]
fn without_a_gateway_the_command_says_so() {
    let output = run(&["brownout", "--pause", "--admin", "127.0.0.1:9"]);
    assert!(!output.status.success() && err(&output).contains("no gateway answers"), "{}", err(&output));
}
