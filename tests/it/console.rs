//! The console of the program as it runs: who comes in, what it shows, what it does, and what nobody gets to do.

mod beyond; // where the second listener is not on loopback
mod door; // tokens, sessions, and pages of other sites
mod files; // the page and its two files
mod hostile; // programs that put markup wherever the console shows something
mod memory; // what it takes of it
mod play; // calls that are explained and sent
mod roles; // who may do what
mod watching; // requests as they come, and the hours before

use std::net::SocketAddr;
use std::time::Duration;

use mesigate::console::POLICY;
use mesigate::console::routes::{ConsoleRoute, ROUTES};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::client::{Answer, ask};
use crate::support::program::{Serving, mesigate};

const OPERATE: &str = "operate-operate-operate-operate";
const VIEW: &str = "view-view-view-view-view-view";

/// A program in front of its own sandbox, whose console takes two tokens.
struct Console {
    program: Serving,
    folder: TempDir,
}

/// Somebody who is logged in.
struct Person<'c> {
    console: &'c Console,
    cookie: String,
}

/// The headers with which the console's own page sends JSON.
const OWN: &str =
    "Content-Type: application/json\r\nX-Mesigate-Console: 1\r\nSec-Fetch-Site: same-origin\r\n";

impl Console {
    fn start(settings: &str) -> Self {
        Self::with(settings, &["--sandbox"])
    }

    fn with(settings: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mesigate.toml");
        let tokens = "console.operate.env = 'OPERATE'\nconsole.view.env = 'VIEW'\nlisten.workers = 1\n";
        std::fs::write(&file, format!("{tokens}{settings}")).expect("a file");
        let file = file.display().to_string();
        let mut arguments = vec!["serve", "--config", &file, "--listen", "127.0.0.1:0"];
        if !settings.contains("admin.address") {
            arguments.extend(["--admin", "127.0.0.1:0"]);
        }
        arguments.extend(more);
        let mut command = mesigate(&arguments);
        command.env("OPERATE", OPERATE).env("VIEW", VIEW);
        // Memory is counted in pages of 4 KiB, not in steps of 2 MiB.
        command.env("MIMALLOC_ALLOW_THP", "0");
        command.env("MESIGATE__LOG__FILE", folder.path().join("log")).env("MESIGATE__LOG__LEVEL", "trace");
        Self { program: Serving::of(&mut command), folder }
    }

    fn admin(&self) -> SocketAddr {
        let mut address = self.program.admin;
        if address.ip().is_unspecified() {
            address.set_ip([127, 0, 0, 1].into());
        }
        address
    }

    /// The log, once it has a line with this text: lines are written behind answers, in their order.
    async fn log_with(&self, text: &str) -> String {
        loop {
            let log = std::fs::read_to_string(self.folder.path().join("log")).expect("a log");
            if log.contains(text) {
                return log;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Sends a request with these headers, each with its line end.
    async fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let host =
            if headers.contains("Host: ") { String::new() } else { format!("Host: {}\r\n", self.admin()) };
        let length = body.len();
        let request =
            format!("{method} {path} HTTP/1.1\r\n{host}{headers}Content-Length: {length}\r\n\r\n{body}");
        ask(self.admin(), request.as_bytes()).await
    }

    async fn log_in(&self, token: &str) -> Person<'_> {
        let answer = self.ask("POST", "/console/login", OWN, &json!({ "token": token }).to_string()).await;
        assert_eq!(answer.status, 204, "{answer:?}");
        Person { console: self, cookie: cookie(&answer) }
    }
}

/// The cookie that an answer sets, as it is sent back.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    let (cookie, rest) = set.split_once("; ").expect("attributes");
    assert_eq!(rest, "HttpOnly; SameSite=Strict; Path=/console");
    cookie.to_owned()
}

impl Person<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.console.ask("GET", path, &format!("Cookie: {}\r\n", self.cookie), "").await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.console.ask("POST", path, &format!("{OWN}Cookie: {}\r\n", self.cookie), &body.to_string()).await
    }
}

/// Asserts that an answer is a refusal of this kind, which says something.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{answer:?}");
    let json = answer.json();
    assert_eq!((answer.status, &json["error"]), (status, &error.into()), "{json}");
    assert!(json["what"].as_str().is_some_and(|what| what.len() > 15), "{json}");
}

/// Asserts that a browser may do nothing with an answer but what the console's own page does.
#[track_caller]
fn is_guarded(answer: &Answer, place: &str) {
    for (name, value) in [
        ("Content-Security-Policy", &**POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{place}: {name}");
    }
    assert!(answer.header("access-control-allow-origin").is_none(), "{place}");
}

#[test]
fn docs_running_has_the_table_of_the_console() {
    let row = |route: &ConsoleRoute| {
        format!("| {} | `{}` | {} | {} |\n", route.method, route.path, route.who.word(), route.doc)
    };
    let rows: String = ROUTES.iter().map(row).collect();
    let table = format!("\n\n| method | path | who | what it does |\n|---|---|---|---|\n{rows}\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/running.md");
    let text = std::fs::read_to_string(path).expect("a readable file");
    assert!(text.contains(&table), "docs/running.md has to have this table:{table}");
}

#[tokio::test]
async fn every_answer_is_guarded_and_data_is_for_those_who_are_in() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    for route in ROUTES {
        let place = format!("{} {}", route.method, route.path);
        let answer = console.ask(route.method, route.path, OWN, "").await;
        is_guarded(&answer, &place);
        if route.who.word() == "anybody" {
            assert!(answer.status < 401, "{place}: {}", answer.status);
        } else {
            is_refused(&answer, 401, "login");
        }
        // A stream does not end.
        let ends = route.path != "/console/api/traffic";
        if route.method == "GET" && route.path.starts_with("/console/api/") && ends {
            let answer = person.get(route.path).await;
            is_guarded(&answer, &place);
            let expected = if route.path == "/console/api/client" { 400 } else { 200 };
            assert_eq!(
                (answer.status, answer.header("cache-control")),
                (expected, Some("no-store")),
                "{place}"
            );
            answer.json();
        }
    }
    for (method, path, status, error) in [
        ("GET", "/console/nowhere", 404, "unknown"),
        ("GET", "/console/api/", 404, "unknown"),
        ("GET", "/console/../metrics", 404, "unknown"),
        ("DELETE", "/console/", 405, "bad"),
        ("POST", "/console/api/state", 405, "bad"),
        ("GET", "/console/login", 405, "bad"),
    ] {
        let answer = console.ask(method, path, OWN, "").await;
        is_guarded(&answer, path);
        is_refused(&answer, status, error);
    }
    assert_eq!(console.ask("GET", "/consoles", "", "").await.header("content-security-policy"), None);
}
