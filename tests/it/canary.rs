//! Canaries: marked tokens, messages and addresses go in through every door; then all that the program shows is
//! searched for them: log, standard output and error, metrics, probes, refusals, commands.

mod answers; // the real token in upstream's answers
mod console; // what the console shows
mod explain; // what `explain` shows
mod finder; // any eight characters of a mark in a row, in every form
mod program; // what the serving program and `check` show
mod requests; // what is sent and what upstream says, all of it marked
mod same; // what `same` shows
mod types; // what types and settings show when they are printed

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::program::{Signal, send};
use crate::support::stub::{Call, Stub};
use finder::Finder;
use requests::{KEY, PASSED, REAL, Sent, TOKENS, WHAT, WHO};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesigate"));
    command.args(arguments).env_clear().env("CANARY_KEY", format!("limited{KEY}")).env("CANARY_REAL", REAL);
    command
}

/// A serving program whose output goes into files; it is killed if the test fails before it ends.
struct Serving {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    admin: SocketAddr,
    /// One for all marks, one for all tokens, one for the real token.
    finders: [Finder; 3],
    leaks: Vec<String>,
    statuses: BTreeSet<String>,
}

const APPS: &str = "
log.level = 'trace'
ledger.file = 'FOLDER/ledger'
cache.fresh = '1h'
keys.interval = '100ms'
listen.workers = 1
upstream = { connections = 1, queue = 0 }
retry.most = 0
breaker = { failures = 7, wait = '1h', longest = '1h' }
deadline = { upstream_first_byte = '100ms', head = '150ms', body = '150ms' }
limit = [
  { name = 'all', per = 'all', rate = '1/day', mode = 'shadow' },
  { name = 'group', per = 'app+gid', rate = '1/day', mode = 'shadow' },
]
[[app]]
name = 'main'
keys = [{ file = 'FOLDER/key' }]
token = { file = 'FOLDER/real' }
[[app]]
name = 'limited'
keys = [{ env = 'CANARY_KEY' }]
token = { env = 'CANARY_REAL' }
limits = [{ name = 'few', per = 'client-address', rate = '1/day' }]
[[app]]
name = 'gone'
keys = [{ file = 'FOLDER/gone' }]
token = { file = 'FOLDER/real' }
operations = ['userdel']
upstream = { url = 'http://127.0.0.1:1/backend/', proxy = 'http://gone@127.0.0.1:1', proxy_password.file = 'FOLDER/real' }
[[app]]
name = 'leaked'
keys = [{ file = 'FOLDER/leaked' }]
token = { file = 'FOLDER/real' }
[[app]]
name = 'paused'
keys = [{ file = 'FOLDER/paused' }]
token = { file = 'FOLDER/real' }
[[brownout]]
name = 'pause'
apps = ['paused']
from = 2020-01-01
to = 9000-01-01
rehearse = false
";

fn settings(folder: &Path, top: &str) -> String {
    let of_app = |app: &str| format!("{app}{KEY}");
    for (name, text) in [
        ("key", KEY.to_owned()),
        ("gone", of_app("gone")),
        ("leaked", of_app("leaked")),
        ("paused", of_app("paused")),
        ("real", REAL.to_owned()),
    ] {
        fs::write(folder.join(name), text + "\n").expect("a file");
    }
    let file = folder.join("mesigate.toml");
    let apps = APPS.replace("FOLDER", &folder.display().to_string());
    fs::write(&file, format!("{top}\n{apps}")).expect("a file");
    file.display().to_string()
}

impl Serving {
    async fn start(more: &[&str], top: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config = settings(folder.path(), &top.replace("FOLDER", &folder.path().display().to_string()));
        let listen = ["serve", "--config", &config, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let into = |name: &str| File::create(folder.path().join(name)).expect("a file");
        let mut command = program(&[&listen, more].concat());
        command.stdout(into("stdout")).stderr(into("stderr"));
        let all = Finder::of(&[&TOKENS[..], &[WHO, WHAT]].concat());
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let mut serving = Self {
            child: command.spawn().expect("the program runs"),
            folder,
            address: nowhere,
            admin: nowhere,
            finders: [all, Finder::of(&TOKENS), Finder::of(&[REAL])],
            leaks: Vec::new(),
            statuses: BTreeSet::new(),
        };
        let until = Instant::now() + Duration::from_secs(10);
        while serving.admin == nowhere {
            let said = fs::read_to_string(serving.folder.path().join("stderr")).expect("a file");
            assert!(Instant::now() < until, "it does not serve: {said}");
            if let Some((greeting, _)) = said.split_once('\n') {
                let address = |before: &str| {
                    let rest = greeting.split(before).nth(1).and_then(|rest| rest.split(['/', ')']).next());
                    rest.and_then(|address| address.parse().ok()).unwrap_or_else(|| panic!("{said}"))
                };
                serving.address = address("clients at http://");
                serving.admin = address("metrics: http://");
            }
            tokio::task::yield_now().await;
        }
        serving
    }

    /// Reads the second listener, ends the program, searches all its output, and returns the log.
    async fn search(mut self, log: &str) -> String {
        let paths = [
            "/metrics",
            "/status",
            "/livez",
            "/readyz",
            "/startupz",
            "/ledger",
            "/KEY?token=KEY",
            "/metrics?KEY",
        ];
        let gets = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: KEY\r\nConnection: close\r\n\r\n"));
        let others = ["POST /metrics?KEY HTTP/1.1\r\nConnection: close\r\n\r\n", "KEY KEY\r\n\r\n"];
        for request in gets.into_iter().chain(others.map(str::to_owned)) {
            let answer = exchange(self.admin, request.replace("KEY", KEY).as_bytes(), true).await;
            assert!(!answer.is_empty(), "{request}");
            self.leaks.extend(self.finders[0].find(&answer).map(|leak| format!("{request}: {leak}")));
        }
        self.search_console().await;
        self.search_status();
        send(&self.child, Signal::TERM);
        assert_eq!(self.child.wait().expect("an end").code(), Some(0));
        for name in ["stdout", "stderr", "ledger", log] {
            let text = fs::read(self.folder.path().join(name)).expect("a file");
            self.leaks.extend(self.finders[0].find(&text).map(|leak| format!("{name}: {leak}")));
        }
        self.search_reports();
        assert!(self.leaks.is_empty(), "{} leaks:\n{}", self.leaks.len(), self.leaks.join("\n"));
        fs::read_to_string(self.folder.path().join(log)).expect("a log")
    }

    /// Searches both forms of `mesigate status`.
    fn search_status(&mut self) {
        let admin = self.admin.to_string();
        for form in [&["status", "--admin", &admin][..], &["status", "--json", "--admin", &admin]] {
            let output = program(form).output().expect("an end");
            assert!(!output.stdout.is_empty(), "{form:?}");
            let told = [output.stdout, output.stderr].concat();
            self.leaks.extend(self.finders[0].find(&told).map(|leak| format!("{form:?}: {leak}")));
        }
    }

    /// Searches what is told of the ledger: of all clients, of each alone with its code, and whom a pause would meet.
    fn search_reports(&mut self) {
        let ledger = self.folder.path().join("ledger");
        let told = |words: &[&str]| {
            let output = program(words).arg("--merge").arg(&ledger).output().expect("an end");
            [output.stdout, output.stderr].concat()
        };
        let all = told(&["report", "--format", "json"]);
        let report: Value = serde_json::from_slice(&all).expect("JSON");
        let clients = report["clients"].as_array().expect("clients");
        let names: Vec<&str> = clients.iter().filter_map(|client| client["client"].as_str()).collect();
        assert!(!names.is_empty(), "{report}");
        let mut asked = vec![vec!["report"], vec!["report", "--format", "markdown"]];
        asked.push(vec!["brownout", "--forecast", "--from", "2030-01-01T00:00Z", "--for", "168h"]);
        for name in &names {
            for format in ["text", "json", "markdown"] {
                asked.push(vec!["report", "--format", format, "--only", name]);
            }
        }
        self.leaks.extend(self.finders[0].find(&all).map(|leak| format!("report: {leak}")));
        for words in asked {
            let text = told(&words);
            assert!(!text.is_empty(), "{words:?}");
            self.leaks.extend(self.finders[0].find(&text).map(|leak| format!("{words:?}: {leak}")));
        }
    }

    /// Sends a request and searches the answer; `false` if the gateway refused it.
    async fn try_on(&mut self, sent: &Sent) -> bool {
        let answer = exchange(self.address, &sent.bytes, sent.holds).await;
        let text = String::from_utf8_lossy(&answer);
        let done = text.to_lowercase().contains("x-mesigate-outcome: done");
        self.statuses.extend(text.split(' ').nth(1).map(str::to_owned));
        let finder = match done {
            // A refusal by the gateway names parameters and repeats `op`, nothing else.
            false => 0,
            // JSON callers get upstream's own answer, and all callers its cause: only the real token is hidden.
            true if text.contains("\"debug\"") || text.contains("\"cause\"") => 2,
            true => 1,
        };
        self.leaks.extend(self.finders[finder].find(&answer).map(|leak| format!("{}: {leak}", sent.name)));
        done
    }
}

impl Serving {
    /// Retires every client that the ledger knows.
    async fn retire_all(&mut self) {
        let get = "GET /ledger HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let ledger = String::from_utf8(exchange(self.admin, get.as_bytes(), true).await).expect("text");
        let clients: BTreeSet<&str> =
            ledger.split("\"client\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for client in clients {
            let post = format!(
                "POST /clients?client={client}&what=retired&force=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            exchange(self.admin, post.as_bytes(), true).await;
        }
    }
}

impl Serving {
    /// Tries a request like [`Self::try_on`], where upstream knows `token` from the call that it got, if it got one;
    /// returns these calls too.
    async fn try_with(&mut self, stub: &Stub, token: &str, sent: &Sent) -> (bool, Vec<Call>) {
        let leaks = self.leaks.len();
        let is_done = self.try_on(sent).await;
        let called = stub.take_calls();
        if is_done && !called.iter().all(|call| String::from_utf8_lossy(&call.body).contains(token)) {
            // A broken key is no app's: upstream did not get the real token, and could not have shown it.
            self.leaks.truncate(leaks);
        }
        stub.forget_answers();
        (is_done, called)
    }

    /// Sends two requests at once to a silent upstream that takes one at a time.
    async fn overload(&mut self, stub: &Stub) {
        // A caller without failures: the breaker may refuse one that has failed.
        let request = format!("GET /api.php?op=userdel&token={PASSED}2&uid=5 HTTP/1.1\r\nHost: g\r\n\r\n");
        let mut is_over = false;
        // On a slow machine the second request may come after the first was given up; this often the breaker does not
        // open.
        for _ in 0..6 {
            if is_over {
                break;
            }
            stub.will_hold("");
            stub.will_hold("");
            let ask = || exchange(self.address, request.as_bytes(), false);
            let (one, other) = tokio::join!(ask(), ask());
            for answer in [one, other] {
                is_over |= String::from_utf8_lossy(&answer).contains("OVERLOAD");
                self.leaks.extend(self.finders[0].find(&answer).map(|leak| format!("overload: {leak}")));
            }
            stub.take_calls();
            stub.forget_answers();
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends bytes as they are and returns all bytes until the end. A client that `holds` keeps its side open, as if more
/// were to come.
async fn exchange(address: SocketAddr, bytes: &[u8], holds: bool) -> Vec<u8> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // The gateway may refuse before it has read everything.
        let _ = stream.write_all(bytes).await;
        if !holds {
            let _ = stream.shutdown().await;
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    tokio::time::timeout(Duration::from_secs(20), talk).await.expect("an end")
}
