//! What the serving program and `check` show of marks.

use std::fs;

use mesigate::protocol::reject::Label;

use super::finder::Finder;
use super::requests::{KEY, PASSED, REAL, TOKENS, WHAT, WHO, WRONG};
use super::requests::{answer, breach, of_vectors, unwelcome, unwelcome_in_every_form};
use super::{Serving, program, settings};
use crate::support::stub::Stub;

#[tokio::test]
async fn no_mark_is_shown_of_any_request_whatever_upstream_says() {
    let stub = Stub::start().await;
    let upstream = format!("http://{}/backend/", stub.address);
    let mut serving = Serving::start(&["--upstream", &upstream], "log.file = 'FOLDER/log'").await;
    let of_token = |token| of_vectors(token).into_iter().chain(unwelcome_in_every_form(token));
    let of_app = |app: &str| unwelcome(&format!("{app}{KEY}"), &format!("{app}{KEY}"));
    // In the end its upstream has failed so often that the breaker is open.
    let of_gone = (0..4).flat_map(|_| of_app("gone"));
    let of_refused = of_app("limited").into_iter().chain(of_app("paused"));
    let of_apps = of_token(KEY).chain(of_refused).chain(of_gone).map(|sent| (REAL, sent));
    let requests = of_apps.chain(of_token(PASSED).map(|sent| (PASSED, sent)));
    let (mut done, mut calls) = (0, Vec::new());
    for (token, sent) in requests {
        match answer(calls.len(), token) {
            Some(answer) => stub.will_send(answer),
            None => stub.will_hold(""),
        }
        let (is_done, called) = serving.try_with(&stub, token, &sent).await;
        done += usize::from(is_done);
        calls.extend(called);
    }
    for sent in of_app("leaked") {
        stub.will_send(breach());
        calls.extend(serving.try_with(&stub, REAL, &sent).await.1);
    }
    serving.overload(&stub).await;
    serving.retire_all().await;
    // The real token is disabled by now, and its apps are refused for that.
    for sent in of_token(PASSED).take(20) {
        calls.extend(serving.try_with(&stub, PASSED, &sent).await.1);
    }
    // Upstream got the real token, and never the key.
    let bodies: Vec<_> = calls.iter().map(|call| String::from_utf8_lossy(&call.body)).collect();
    let count = |mark: &str| bodies.iter().filter(|body| body.contains(mark)).count();
    let counts = [REAL, PASSED, WHO, WHAT].map(count);
    assert!(counts.iter().all(|count| *count > 50) && done > 100, "{counts:?}, {done} done");
    for app in ["", "limited", "paused", "gone", "leaked"] {
        assert_eq!(count(&format!("\"token\":\"{app}{KEY}\"")), 0);
    }
    let statuses: Vec<_> = serving.statuses.iter().map(String::as_str).collect();
    assert_eq!(statuses, ["200", "204", "400", "404", "405", "408", "414", "431", "505"]);
    let log = serving.search("log").await;
    let ended = |label: &Label| log.contains(&format!("\"outcome\":\"{}\"", label.text()));
    let rest: Vec<_> = Label::ALL.into_iter().filter(|label| !ended(label)).collect();
    assert_eq!(
        rest,
        [Label::UnknownToken, Label::Stranger, Label::ClientLeft, Label::Internal],
        "requests did not end in these ways"
    );
}

#[tokio::test]
async fn no_mark_is_shown_in_front_of_the_sandbox_with_real_status_codes_and_a_log_of_text() {
    let strict =
        "unknown_tokens = 'refuse'\nlegacy.status = 'http'\nlog.format = 'text'\ncors.origins = ['*']";
    let mut serving = Serving::start(&["--sandbox"], strict).await;
    let mut done = 0;
    for sent in of_vectors(KEY).into_iter().chain(unwelcome_in_every_form(WRONG)) {
        done += usize::from(serving.try_on(&sent).await);
    }
    assert!(done > 100, "{done}");
    let log = serving.search("stdout").await;
    assert!(log.contains("outcome=\"unknown_token\""), "it was not tried");
}

#[tokio::test]
async fn no_mark_is_shown_of_strangers() {
    let strangers = "migration.strangers = 'refuse'\nmigration.strangers_from = '2020-01-01'";
    let mut serving = Serving::start(&["--sandbox"], strangers).await;
    for sent in of_vectors(PASSED).into_iter().chain(of_vectors(KEY)) {
        serving.try_on(&sent).await;
    }
    let log = serving.search("stdout").await;
    assert!(log.contains("\"outcome\":\"stranger\""), "it was not tried");
}

#[test]
fn check_names_a_secret_that_is_wrong_and_shows_none_of_it() {
    let finder = Finder::of(&TOKENS);
    let folder = tempfile::tempdir().expect("a folder");
    let check = |settings: &str, said: &str| {
        let file = folder.path().join("check.toml");
        fs::write(&file, settings.replace("FOLDER", &folder.path().display().to_string())).expect("a file");
        for command in [&["check"][..], &["ops"], &["explain", "op=userdel&token=T&uid=5"]] {
            let output = program(&[command, &["--config", &file.display().to_string()]].concat()).output();
            let output = output.expect("the program runs");
            let text = [output.stdout, output.stderr].concat();
            finder.none_in(settings, &text);
            let text = String::from_utf8(text).expect("text");
            assert!(command != ["check"] || text.contains(said), "{said} is not in {text}");
        }
    };
    settings(folder.path(), "");
    let app = |key: &str, token: &str| format!("[[app]]\nname = 'a'\nkeys = [{key}]\ntoken = {token}\n");
    let (key, token) = ("{ file = 'FOLDER/key' }", "{ file = 'FOLDER/real' }");
    check(&app(key, token), "all is well");
    let twice = [REAL, KEY].join("\n").into_bytes();
    let files = [
        ("empty", b" \n".to_vec(), "is empty"),
        ("twice", twice, "more than one line"),
        ("control", format!("{REAL}\x07{KEY}").into_bytes(), "more than one line"),
        ("latin", [REAL.as_bytes(), b"\xe9"].concat(), "cannot be read"),
    ];
    for (name, text, said) in files {
        fs::write(folder.path().join(name), text).expect("a file");
        let wrong = format!("{{ file = 'FOLDER/{name}' }}");
        check(&app(key, &wrong), said);
        check(&app(&wrong, token), said);
    }
    check(&app(key, "{ file = 'FOLDER/nowhere' }"), "cannot be read");
    check(&app(key, "{ env = 'NOWHERE' }"), "is not set");
    check(&app(&[key, key].join(","), token), "is a key already");
    check(&app(key, &format!("'{REAL}'")), "written in the clear");
    check(&app(key, REAL), "is not TOML");
    check(&app(&format!("'{KEY}'"), token), "expected a table");
    check(&app(&format!("{{ sha256 = '{KEY}' }}"), token), "is not a SHA-256");
    check(&format!("upstream.url = 'https://{KEY}@x/'"), "has a user name");
    check(&format!("upstream.proxy = 'http://user:{KEY}@x:1'"), "has a password in it");
    let proxy = "upstream.proxy = 'http://user@x:1'\nupstream.proxy_password";
    check(&format!("{proxy} = '{KEY}'"), "written in the clear");
    check(&format!("{proxy}.file = 'FOLDER/twice'"), "more than one line");
    check(&format!("{proxy}.file = 'FOLDER/real'"), "all is well");
    check(&format!("upstream.url = 'https://x/?token={KEY}'"), "has a query");
}
