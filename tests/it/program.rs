//! The program as its owner runs it: commands, exit codes, probes, log, signals.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::client::get;
use crate::support::program::{Serving, err, mesigate, out, run};

#[tokio::test]
async fn it_serves_shows_itself_and_ends_with_0_on_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = Serving::start(&["--workers", "2"], &folder.path().join("log"));
    for probe in ["/livez", "/readyz", "/startupz"] {
        assert_eq!(get(serving.admin, probe).await.status, 200, "{probe}");
    }
    assert_eq!(get(serving.admin, "/api.php?op=useradd").await.status, 404);
    let added =
        get(serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    assert_eq!(added.json()["user"]["address"], "ana");
    get(serving.address, "/api.php?op=nonsense&token=sandbox").await;
    let metrics = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
    for line in [
        r#"mesigate_requests_total{door="legacy",op="useradd",outcome="ok"} 1"#,
        r#"mesigate_requests_total{door="legacy",op="other",outcome="bad_op"} 1"#,
        r#"mesigate_request_duration_seconds_count{door="legacy",op="useradd",outcome="ok"} 1"#,
        "mesigate_upstream_duration_seconds_count 1",
        "mesigate_upstream_connections_total 1",
        "mesigate_in_flight 0",
        "mesigate_workers 2",
        "mesigate_ready 1",
        concat!("mesigate_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "# EOF",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
    serving.signal("TERM");
    assert_eq!(serving.child.wait().expect("an end").code(), Some(0));
}

#[tokio::test]
async fn each_request_has_one_line_and_none_of_its_own_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let mut serving = Serving::start(&[], &log);
    let targets = [
        "/api.php?op=useradd&token=sandbox-MARK&addr=MARK&appid=MARK",
        "/api.php?op=useradd&token=MARK&addr=MARK&appid=MARK",
        "/api.php?op=MARK&token=MARK",
        "/api.php?op=userdel&token=MARK&uid=MARK&id=MARK",
        "/api.php?op=userdel&token=MARK&token=MARK2&MARK=MARK",
        "/MARK?token=MARK",
    ];
    for target in targets {
        get(serving.address, target).await;
    }
    serving.signal("TERM");
    assert_eq!(serving.child.wait().expect("an end").code(), Some(0));
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(!text.contains("MARK"), "{text}");
    // Each worker's lines are in their order; a line begins with its time.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    let lines: Vec<serde_json::Value> =
        lines.into_iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    let access: Vec<_> = lines.iter().filter(|line| line["target"] == "mesigate::access").collect();
    let ended: Vec<_> = access.iter().map(|line| line["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(ended, ["ok", "failed", "bad_op", "bad_param", "ambiguous", "outside"]);
    assert_eq!((&access[0]["op"], &access[0]["door"]), (&"useradd".into(), &"legacy".into()));
    assert_eq!((&access[0]["upstream"], &access[3]["upstream"]), (&"done".into(), &"not-sent".into()));
}

#[test]
fn a_second_program_on_the_same_address_is_told_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Serving::start(&[], &folder.path().join("log"));
    let taken = first.address.to_string();
    let second = run(&["serve", "--sandbox", "--listen", &taken, "--admin", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(err(&second).contains(&format!("listen.address: cannot listen on {taken}")), "{}", err(&second));
}

#[test]
fn check_says_all_is_well_or_lists_every_fault_of_settings_and_table() {
    let well = run(&["check"]);
    assert_eq!(well.status.code(), Some(0));
    assert!(out(&well).starts_with("all is well: 11 operations"), "{}", out(&well));

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("wrong.toml");
    std::fs::write(&file, "[listen]\naddres = '127.0.0.1:1'\n[deadline]\nhead = 'soon'\n").expect("a file");
    let wrong = run(&["check", "--config", &file.display().to_string()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        err(&wrong).contains("wrong.toml:2: `listen.addres`: is not a setting; did you mean `address`?"),
        "{}",
        err(&wrong)
    );
    assert!(err(&wrong).contains("wrong.toml:4: `deadline.head`: `soon` is no time"), "{}", err(&wrong));

    let gone = run(&["check", "--config", "/nowhere/at/all.toml"]);
    assert!(err(&gone).contains("/nowhere/at/all.toml: cannot be read"), "{}", err(&gone));
}

#[test]
fn check_reads_the_environment_and_the_files_that_settings_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = folder.path().join("own.toml");
    std::fs::write(&table, "[[operation]]\nname = 'ping'\nsummary = 'x'\neffect = 'never'\n")
        .expect("a file");
    let output = mesigate(&["check"])
        .env("MESIGATE__OPERATIONS", &table)
        .env("MESIGATE__UPSTREAM__CA_FILE", folder.path().join("ca.pem"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        err(&output).contains(
            "own.toml:4: `operation.ping.effect`: `never` is none of read, converge, issue, create"
        ),
        "{}",
        err(&output)
    );
    assert!(err(&output).contains("upstream.ca_file:"), "{}", err(&output));
}

#[test]
fn ops_shows_the_table_for_people_and_for_programs() {
    let text = out(&run(&["ops", "deluser"]));
    assert!(text.starts_with("userdel, deluser  Delete a user\n"), "{text}");
    assert!(!text.contains('\x1b'), "colours are for terminals");
    let json: serde_json::Value = serde_json::from_slice(&run(&["ops", "--json"]).stdout).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(11));
    assert_eq!(json[0]["params"][0]["to"][0]["at"], "/user/address");
    let unknown = run(&["ops", "useradd2"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(err(&unknown).contains("did you mean `useradd`?"), "{}", err(&unknown));
}

#[test]
fn explain_takes_every_form_of_a_request_and_hides_the_token() {
    let query = "op=userdel&token=SECRET&uid=5&sig=none";
    let forms: [&[&str]; 4] = [
        &["explain", query],
        &["explain", &format!("https://api.mesibo.com/api.php?{query}")],
        &["explain", &format!("curl -sS 'https://api.mesibo.com/api.php?{query}'")],
        &["explain", "curl", "-d", query, "https://api.mesibo.com/backend/"],
    ];
    let mut shown: Vec<String> = forms.iter().map(|form| out(&run(form))).collect();
    let mut piped =
        mesigate(&["explain", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("runs");
    let raw = format!("POST /backend/ HTTP/1.1\r\nHost: x\r\n\r\n{query}");
    piped.stdin.take().expect("a pipe").write_all(raw.as_bytes()).expect("written");
    shown.push(out(&piped.wait_with_output().expect("an end")));
    for text in &shown {
        assert_eq!(*text, shown[0]);
        assert!(!text.contains("SECRET"), "{text}");
        assert!(
            text.contains("user.uid = 5  ← uid  the user, by the number that useradd gave (a number)"),
            "{text}"
        );
        assert!(text.contains("sig  has no place in the JSON API"), "{text}");
        assert!(
            text.contains(r#"-d '{"op":"userdel","token":"'"$MESIBO_APP_TOKEN"'","user":{"uid":5}}'"#),
            "{text}"
        );
    }
}

#[test]
fn explain_shows_a_refusal_and_says_so_in_its_exit_code() {
    let refused = run(&["explain", "op=userdel&token=SECRET&uid=abc"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(out(&refused).starts_with("Refused, BADPARAM: `uid` is not a number"), "{}", out(&refused));
    let modern =
        run(&["explain", r#"curl -X POST -d '{"op":"userdel","token":"SECRET"}' https://x/backend/"#]);
    assert_eq!(modern.status.code(), Some(0));
    assert!(out(&modern).contains("This is JSON already"), "{}", out(&modern));
    assert!(!out(&modern).contains("SECRET"));
}

#[tokio::test]
async fn the_readme_shows_what_really_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(&[], &folder.path().join("log"));
    let readme = include_str!("../../README.md");
    let target = readme.split("curl 'http://127.0.0.1:8080").nth(1).and_then(|rest| rest.split('\'').next());
    let answer = get(serving.address, target.expect("the README has a call")).await;
    let shown = readme.split("```json\n").nth(1).and_then(|rest| rest.lines().next());
    assert_eq!(String::from_utf8(answer.body).expect("text"), shown.expect("the README has an answer"));
}

#[test]
fn help_teaches() {
    let help = out(&run(&["--help"]));
    for word in [
        "serve --sandbox",
        "curl 'http://127.0.0.1:8080/api.php?op=useradd",
        "mesigate explain",
        "config/mesigate.toml",
    ] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
    for command in ["serve", "sandbox", "check", "ops", "explain"] {
        assert_eq!(run(&[command, "--help"]).status.code(), Some(0), "{command}");
    }
}
