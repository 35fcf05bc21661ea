//! Tokens, sessions, and pages of other sites.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Instant;

use serde_json::json;

use super::{Console, OPERATE, OWN, VIEW, cookie, is_refused};
use crate::support::client::{Client, ask};
use crate::support::program::{Signal, mesigate, send};

#[tokio::test]
async fn without_a_token_in_the_settings_one_is_made_and_shown_once_as_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = mesigate(&["serve", "--sandbox", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
    command.env("MESIGATE__LOG__FILE", folder.path().join("log")).env("MESIGATE__LOG__LEVEL", "trace");
    command.env("MESIGATE__STOP__ANNOUNCE", "0s").env("MESIGATE__STOP__LINGER", "0s");
    let mut child = command.stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
    let link = lines.find_map(|line| {
        Some(line.expect("text").split_once("http://")?.1.split_once("/console/#login=")?.1.to_owned() + " ")
    });
    let token = link.expect("a link").trim().to_owned();
    assert_eq!(token.len(), 43, "256 bits");
    send(&child, Signal::TERM);
    child.wait().expect("it ends");
    let rest: String = lines.map(|line| line.expect("text")).collect();
    let log = std::fs::read_to_string(folder.path().join("log")).expect("a log");
    assert!(!rest.contains(&token) && !log.contains(&token), "it is shown once");
}

#[tokio::test]
async fn a_token_is_swapped_for_a_cookie_and_stands_nowhere_else() {
    let console = Console::start("");
    for (token, role) in [(OPERATE, "operate"), (VIEW, "view")] {
        let person = console.log_in(token).await;
        let state = person.get("/console/api/state").await.json();
        assert_eq!((&state["role"], &state["sandbox"]), (&role.into(), &true.into()));
        let settings = person.get("/console/api/settings").await;
        assert!(!String::from_utf8_lossy(&settings.body).contains(token));
        let shown = settings.json();
        let value =
            |key: &str| shown.as_array().expect("a list").iter().find(|line| line["key"] == key).cloned();
        let login = value("console.operate.env").expect("a setting");
        assert_eq!((&login["value"], &login["from"]), (&"set from the environment".into(), &"file".into()));
    }
    let log = console.log_with("\"session\":2,\"role\":\"view\"").await;
    assert!(!log.contains(OPERATE) && !log.contains(VIEW));
}

#[tokio::test]
async fn a_session_is_new_at_each_login_and_ends_at_the_next_and_at_logout() {
    let console = Console::start("");
    let body = json!({ "token": OPERATE }).to_string();
    let mut ids = HashSet::new();
    let mut last = String::new();
    for _ in 0..5 {
        let answer = console.ask("POST", "/console/login", &format!("{OWN}Cookie: {last}\r\n"), &body).await;
        let fresh = cookie(&answer);
        assert!(ids.insert(fresh.clone()), "each is another");
        let former = console.ask("GET", "/console/api/state", &format!("Cookie: {last}\r\n"), "").await;
        is_refused(&former, 401, "login");
        last = fresh;
    }
    // An id that somebody else has planted is never taken over.
    let planted = format!("mesigate_console={}", "A".repeat(43));
    let answer = console.ask("POST", "/console/login", &format!("{OWN}Cookie: {planted}\r\n"), &body).await;
    assert_ne!(cookie(&answer), planted);
    let two = format!("Cookie: {planted}; {}\r\n", cookie(&answer));
    for headers in
        [format!("Cookie: {planted}\r\n"), "Cookie: mesigate_console=\r\n".to_owned(), String::new(), two]
    {
        is_refused(&console.ask("GET", "/console/api/state", &headers, "").await, 401, "login");
    }
    let own = format!("{OWN}Cookie: {last}\r\n");
    let answer = console.ask("POST", "/console/logout", &own, "{}").await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("set-cookie").is_some_and(|set| set.contains("Max-Age=0")));
    is_refused(&console.ask("GET", "/console/api/state", &own, "").await, 401, "login");
}

#[tokio::test]
async fn two_thousand_wrong_tokens_are_slowed_and_leave_few_lines() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    let started = Instant::now();
    let mut client = Client::connect(console.admin()).await;
    let (mut wrong, mut slowed) = (0_u64, 0);
    for number in 0..2000 {
        let body = json!({ "token": format!("{OPERATE}{number}") }).to_string();
        let request = format!(
            "POST /console/login HTTP/1.1\r\nHost: {}\r\n{OWN}Content-Length: {}\r\n\r\n{body}",
            console.admin(),
            body.len()
        );
        if number % 50 == 0 {
            client = Client::connect(console.admin()).await;
        }
        client.send(request.as_bytes()).await;
        match client.answer().await {
            Some(answer) if answer.status == 401 => wrong += 1,
            Some(answer) if answer.status == 429 => slowed += 1,
            answer => panic!("{answer:?}"),
        }
        // A refusal whose request had a body ends its connection.
        client = Client::connect(console.admin()).await;
    }
    // Ten at once, and one more for each six seconds that the test took.
    let most = 11 + started.elapsed().as_secs() / 6;
    assert!(wrong <= most && wrong + slowed == 2000, "{wrong} were looked at, {slowed} were not");
    assert_eq!(person.get("/console/api/state").await.status, 200, "who is in stays in");
    assert_eq!(person.post("/console/api/switch", &json!({ "upstream": false })).await.status, 204);
    let log = console.log_with("\"action\":\"switch\"").await;
    assert_eq!(log.matches("a wrong login token").count() as u64, wrong);
}

#[tokio::test]
async fn names_that_lead_here_by_a_trick_read_nothing() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    for host in [
        "evil.example",
        "evil.example:18090",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "xn--80ak6aa92e.com",
    ] {
        for (method, path, body) in [
            ("GET", "/console/", ""),
            ("GET", "/console/app.js", ""),
            ("GET", "/console/api/state", ""),
            ("GET", "/metrics", ""),
            ("POST", "/console/login", "{\"token\":\"x\"}"),
            ("POST", "/console/api/switch", "{\"upstream\":true}"),
        ] {
            let headers = format!("Host: {host}\r\n{OWN}Cookie: {}\r\n", person.cookie);
            let answer = console.ask(method, path, &headers, body).await;
            assert_eq!(answer.status, 421, "{host} {path}");
            let told = String::from_utf8(answer.body).expect("text");
            let name = host.split(':').next().expect("a name");
            assert!(
                told.starts_with(host) && told.contains(&format!("admin.hosts = [\"{name}\"]")),
                "{told}"
            );
        }
    }
    let port = console.admin().port();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")] {
        assert_eq!(
            console.ask("GET", "/console/", &format!("Host: {host}\r\n"), "").await.status,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn no_form_and_no_page_of_another_site_changes_anything() {
    let console = Console::start("");
    let person = console.log_in(OPERATE).await;
    let (own, port) = (console.admin(), console.admin().port());
    let (marked, json) = ("X-Mesigate-Console: 1\r\n", "Content-Type: application/json\r\n");
    let is_from = |origin: String| format!("{marked}{json}Origin: {origin}\r\n");
    let site = |site: &str| format!("{marked}{json}Sec-Fetch-Site: {site}\r\n");
    for (headers, status, error) in [
        (String::new(), 403, "origin"),
        ("Content-Type: application/x-www-form-urlencoded\r\n".to_owned(), 403, "origin"),
        ("Content-Type: text/plain\r\nSec-Fetch-Site: same-origin\r\n".to_owned(), 403, "origin"),
        (format!("{json}Sec-Fetch-Site: same-origin\r\n"), 403, "origin"),
        (format!("{marked}{json}"), 403, "origin"),
        (site("cross-site"), 403, "origin"),
        (site("same-site"), 403, "origin"),
        (site("none"), 403, "origin"),
        (is_from("https://evil.example".to_owned()), 403, "origin"),
        (is_from("null".to_owned()), 403, "origin"),
        (is_from(format!("http://127.0.0.1:{}", port ^ 1)), 403, "origin"),
        (is_from(format!("http://{own}.evil.example")), 403, "origin"),
        (
            format!("{}Sec-Fetch-Site: same-origin\r\n", is_from("https://evil.example".to_owned())),
            403,
            "origin",
        ),
        (format!("{marked}Sec-Fetch-Site: same-origin\r\n"), 400, "bad"),
        (format!("{marked}Sec-Fetch-Site: same-origin\r\nContent-Type: text/plain\r\n"), 400, "bad"),
    ] {
        for path in ["/console/api/switch", "/console/login", "/console/logout", "/console/api/explain"] {
            let headers = format!("{headers}Cookie: {}\r\n", person.cookie);
            let answer = console.ask("POST", path, &headers, "{\"upstream\":true}").await;
            is_refused(&answer, status, error);
        }
    }
    let cross = format!("Sec-Fetch-Site: cross-site\r\nCookie: {}\r\n", person.cookie);
    is_refused(&console.ask("GET", "/console/api/state", &cross, "").await, 403, "origin");
    assert_eq!(console.ask("GET", "/console/now", &cross, "").await.status, 200, "a link leads here");
    let state = person.get("/console/api/state").await;
    assert_eq!((state.status, &state.json()["may_send_upstream"]), (200, &false.into()));
    // A browser without Fetch metadata says its origin.
    let old = format!("{}Cookie: {}\r\n", is_from(format!("http://{own}")), person.cookie);
    assert_eq!(console.ask("POST", "/console/api/switch", &old, "{\"upstream\":true}").await.status, 204);
}

#[tokio::test]
async fn a_body_is_read_for_the_console_alone_and_up_to_its_cap() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let explain = |length: usize| json!({ "text": format!("op=message&token=T&from=a&to=b&msg={}", "x".repeat(length)) });
    assert_eq!(person.post("/console/api/explain", &explain(60_000)).await.status, 200);
    is_refused(&person.post("/console/api/explain", &explain(70_000)).await, 400, "bad");
    is_refused(&person.post("/console/api/explain", &json!("no object")).await, 400, "bad");
    let compressed = format!("{OWN}Content-Encoding: gzip\r\nCookie: {}\r\n", person.cookie);
    is_refused(&console.ask("POST", "/console/api/explain", &compressed, "{}").await, 400, "bad");
    let request = format!("GET /livez HTTP/1.1\r\nHost: {}\r\nContent-Length: 3\r\n\r\nabc", console.admin());
    let answer = ask(console.admin(), request.as_bytes()).await;
    assert_eq!((answer.status, answer.header("connection")), (200, Some("close")));
}

#[tokio::test]
async fn what_is_left_of_a_body_is_no_request() {
    let console = Console::start("");
    let mut client = Client::connect(console.admin()).await;
    let host = console.admin();
    for path in ["/console/logout", "/console/nowhere", "/livez", "/reload"] {
        let body = format!("GET /livez HTTP/1.1\r\nHost: {host}\r\n\r\n");
        let length = body.len();
        let request =
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{OWN}Content-Length: {length}\r\n\r\n{body}");
        client.send(request.as_bytes()).await;
        let first = client.answer().await.expect("an answer");
        assert_ne!(String::from_utf8_lossy(&first.body), "ok\n", "{path}");
        if first.header("connection") == Some("close") {
            client = Client::connect(console.admin()).await;
            continue;
        }
        client.send(format!("GET /console HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await;
        assert_eq!(client.answer().await.expect("the next").status, 308, "{path}");
    }
}
