//! The program as its operator runs it: commands, exit codes, probes, log, signals.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::support::client::{ask, get};
use crate::support::program::{Serving, Signal, err, mesigate, out, run};
use crate::support::tls::{Authority, Files};

#[tokio::test]
async fn it_serves_shows_itself_and_ends_with_0_on_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut serving = Serving::start(&["--workers", "2"], &folder.path().join("log"));
    for probe in ["/livez", "/readyz", "/startupz"] {
        assert_eq!(get(serving.admin, probe).await.status, 200, "{probe}");
    }
    let nowhere = get(serving.admin, "/api.php?op=useradd").await;
    let all = "here are GET /livez, /readyz, /startupz, /metrics, /openapi.json, /status, /breaches, /ledger, /brownouts, /drain\n\
               and POST /drain, /reload, /breaches/clear, /brownouts/pause, /brownouts/resume, /clients\n";
    assert_eq!((nowhere.status, String::from_utf8_lossy(&nowhere.body).as_ref()), (404, all));
    let added =
        get(serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    assert_eq!(added.json()["user"]["address"], "ana");
    get(serving.address, "/api.php?op=nonsense&token=sandbox").await;
    let metrics = String::from_utf8(get(serving.admin, "/metrics").await.body).expect("text");
    for line in [
        r#"mesigate_requests_total{door="legacy",op="useradd",outcome="ok",app="-"} 1"#,
        r#"mesigate_requests_total{door="legacy",op="other",outcome="bad_op",app="-"} 1"#,
        r#"mesigate_request_duration_seconds_count{door="legacy",op="useradd",outcome="ok"} 1"#,
        "mesigate_upstream_duration_seconds_count 1",
        "mesigate_upstream_connections_total 1",
        "mesigate_in_flight 0",
        "mesigate_workers 2",
        "mesigate_ready 1",
        concat!("mesigate_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.child.wait().expect("an end").code(), Some(0));
}

#[tokio::test]
async fn metrics_come_in_the_format_that_is_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::start(&["--workers", "1"], &folder.path().join("log"));
    get(serving.address, "/api.php?op=useradd&token=sandbox&addr=ana&appid=com.example.app").await;
    let plain = ("text/plain; version=0.0.4; charset=utf-8", "# TYPE mesigate_requests_total counter");
    let openmetrics =
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", "# TYPE mesigate_requests counter");
    for (accept, (media_type, typed)) in [
        ("", plain),
        ("Accept: */*\r\n", plain),
        ("accept: text/plain\r\n", plain),
        ("Accept: application/openmetrics-text\r\n", openmetrics),
    ] {
        let asked = format!("GET /metrics HTTP/1.1\r\nHost: gateway\r\n{accept}\r\n");
        let answer = ask(serving.admin, asked.as_bytes()).await;
        assert_eq!(answer.header("content-type"), Some(media_type), "{accept}");
        let text = String::from_utf8(answer.body).expect("text");
        assert!(text.lines().any(|line| line == typed), "{accept}{text}");
        assert_eq!(text.ends_with("# EOF\n"), media_type == openmetrics.0, "{accept}{text}");
        let all = r#"mesigate_request_duration_seconds_bucket{le="+Inf",door="legacy",op="useradd",outcome="ok"} 1"#;
        assert!(text.lines().any(|line| line == all), "{accept}{text}");
    }
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
        "/api.php?op=userdel&token=sandbox-MARK&uid=MARK&id=MARK",
        "/api.php?op=userdel&token=MARK&token=MARK2&MARK=MARK",
        "/MARK?token=MARK",
    ];
    for target in targets {
        get(serving.address, target).await;
    }
    serving.signal(Signal::TERM);
    assert_eq!(serving.child.wait().expect("an end").code(), Some(0));
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(!text.contains("MARK"), "{text}");
    // The lines of each worker are in order; a line begins with its time.
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
fn a_variable_that_nobody_reads_is_told_and_a_number_without_a_unit_too() {
    let output = mesigate(&["check"]).env("MESIGATE_UPSTREAM_URL", "x").output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("MESIGATE_UPSTREAM_URL: is no setting"), "{}", err(&output));
    assert!(err(&output).contains("as in MESIGATE__UPSTREAM__URL"), "{}", err(&output));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.toml");
    std::fs::write(&file, "deadline.total = 20\ndeadline.head = 1.5\n").expect("a file");
    let told = err(&run(&["check", "--config", &file.display().to_string()]));
    for sentence in
        ["own.toml:1: `deadline.total`: ", "\"20s\"", "own.toml:2: `deadline.head`: ", "\"1500ms\""]
    {
        assert!(told.contains(sentence), "{told}");
    }
}

#[test]
fn paths_in_a_settings_file_are_relative_to_it_and_its_settings_are_shown_with_their_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("own.toml");
    std::fs::write(folder.path().join("key"), "HUSH-key").expect("a file");
    std::fs::write(folder.path().join("token"), "HUSH-token").expect("a file");
    let app = "[[app]]\nname = 'shop'\nkeys = [{ file = 'key' }]\ntoken = { file = 'token' }\n";
    std::fs::write(&file, format!("log.file = 'log'\n{app}")).expect("a file");
    let output = run(&["check", "--show", "--config", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let told = out(&output);
    assert!(told.contains(&format!("log.file = \"log\"  # {}:1\n", file.display())), "{told}");
    assert!(told.contains("  apps: 1 (shop); other tokens pass as they are\n"), "{told}");
    assert!(told.contains(&format!("  log: {}", folder.path().join("log").display())), "{told}");
    assert!(!told.contains("HUSH") && !folder.path().join("log").exists(), "{told}");
    std::fs::write(&file, "log.file = 'gone/log'").expect("a file");
    let output = run(&["check", "--config", &file.display().to_string()]);
    assert!(output.status.code() == Some(1) && err(&output).contains("log.file: "), "{}", err(&output));
}

#[test]
fn a_key_is_made_and_known_by_its_line_of_settings() {
    let (made, other) = (run(&["key"]), run(&["key"]));
    assert!(out(&made).len() == 44 && out(&made) != out(&other), "{}", out(&made));
    let line = err(&made).lines().last().expect("a line").to_owned();
    assert!(line.starts_with("keys = [{ sha256 = \""), "{line}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("key");
    // As a redirection leaves the file, with a line end that sha256sum would count.
    std::fs::write(&file, &made.stdout).expect("a file");
    assert_eq!(out(&run(&["key", &file.display().to_string()])), format!("{line}\n"));
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

#[test]
fn what_is_printed_to_a_reader_that_has_gone_ends_in_silence() {
    let requests: [&[&str]; 3] = [&["ops", "--json"], &["explain", "op=userdel&token=T&uid=5"], &["check"]];
    for arguments in requests {
        let mut child =
            mesigate(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("runs");
        drop(child.stdout.take());
        let ended = child.wait_with_output().expect("it ends");
        assert_eq!((ended.status.code(), &ended.stderr[..]), (Some(0), &b""[..]), "{arguments:?}: {ended:?}");
    }
}

#[test]
fn the_sandbox_greets_with_what_can_be_typed_over_tls_too() {
    let (authority, folder) = (Authority::new(), tempfile::tempdir().expect("a folder"));
    let files = Files::in_folder(folder.path(), &authority.pair("localhost"));
    let settings = folder.path().join("settings.toml");
    std::fs::write(&settings, files.settings() + "log.file = '/dev/null'\n").expect("a file");
    let file = settings.display().to_string();
    let ports = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--config", &file];
    let mut child = mesigate(&[&["serve", "--sandbox"][..], &ports].concat())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines().map_while(Result::ok);
    let said: Vec<String> = lines.take(4).collect();
    child.kill().expect("it ends");
    child.wait().expect("it has ended");
    assert!(said[0].contains("clients at https://127.0.0.1:"), "{said:?}");
    assert!(said[3].starts_with("  curl -k 'https://127.0.0.1:"), "{said:?}");
}
