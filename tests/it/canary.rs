//! Canaries: marked tokens, messages and addresses go in through every door, and what the program shows
//! is searched for them: log, standard output and error, metrics, probes, refusals, commands.

mod finder; // any eight characters of a mark in a row, in every form
mod requests; // what is sent and what upstream says, all of it marked

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mesigate::config::Layers;
use mesigate::protocol::reject::Label;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::client::ask;
use crate::support::gateway::Gateway;
use crate::support::stub::{Call, Stub};
use finder::Finder;
use requests::{KEY, PASSED, REAL, Sent, TOKENS, WHAT, WHO, WRONG};
use requests::{answer, breach, every_byte, of_vectors, unwelcome, unwelcome_in_every_form};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mesigate"));
    command.args(arguments).env_clear().env("CANARY_KEY", format!("limited{KEY}")).env("CANARY_REAL", REAL);
    command
}

/// A serving program whose every word goes into files; it is killed if the test fails before it ends.
struct Serving {
    child: Child,
    folder: TempDir,
    address: SocketAddr,
    admin: SocketAddr,
    /// All marks, all tokens, the real token.
    finders: [Finder; 3],
    leaks: Vec<String>,
    statuses: BTreeSet<String>,
}

const APPS: &str = "
log.level = 'trace'
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
upstream = { url = 'http://127.0.0.1:1/backend/' }
[[app]]
name = 'leaked'
keys = [{ file = 'FOLDER/leaked' }]
token = { file = 'FOLDER/real' }
";

fn settings(folder: &Path, top: &str) -> String {
    let of_app = |app: &str| format!("{app}{KEY}");
    for (name, text) in [
        ("key", KEY.to_owned()),
        ("gone", of_app("gone")),
        ("leaked", of_app("leaked")),
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

    /// Looks at the second listener, ends the program, searches all it has said, and gives the log.
    async fn search(mut self, log: &str) -> String {
        let paths = ["/metrics", "/livez", "/readyz", "/startupz", "/KEY?token=KEY", "/metrics?KEY"];
        let gets = paths.map(|path| format!("GET {path} HTTP/1.1\r\nHost: KEY\r\nConnection: close\r\n\r\n"));
        let others = ["POST /metrics?KEY HTTP/1.1\r\nConnection: close\r\n\r\n", "KEY KEY\r\n\r\n"];
        for request in gets.into_iter().chain(others.map(str::to_owned)) {
            let answer = exchange(self.admin, request.replace("KEY", KEY).as_bytes(), true).await;
            assert!(!answer.is_empty(), "{request}");
            self.leaks.extend(self.finders[0].find(&answer).map(|leak| format!("{request}: {leak}")));
        }
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill runs").success());
        assert_eq!(self.child.wait().expect("an end").code(), Some(0));
        for name in ["stdout", "stderr", log] {
            let text = fs::read(self.folder.path().join(name)).expect("a file");
            self.leaks.extend(self.finders[0].find(&text).map(|leak| format!("{name}: {leak}")));
        }
        assert!(self.leaks.is_empty(), "{} leaks:\n{}", self.leaks.len(), self.leaks.join("\n"));
        fs::read_to_string(self.folder.path().join(log)).expect("a log")
    }

    /// Sends a request and searches what comes back; `false` if it was refused.
    async fn try_on(&mut self, sent: &Sent) -> bool {
        let answer = exchange(self.address, &sent.bytes, sent.holds).await;
        let text = String::from_utf8_lossy(&answer);
        let done = text.to_lowercase().contains("x-mesigate-outcome: done");
        self.statuses.extend(text.split(' ').nth(1).map(str::to_owned));
        let finder = match done {
            // A refusal of the gateway's own: it names parameters and repeats `op`, nothing else.
            false => 0,
            // JSON callers get upstream's own answer, and all get its cause: only the real token is hidden.
            true if text.contains("\"debug\"") || text.contains("\"cause\"") => 2,
            true => 1,
        };
        self.leaks.extend(self.finders[finder].find(&answer).map(|leak| format!("{}: {leak}", sent.name)));
        done
    }
}

impl Serving {
    /// The same, where upstream knows `token` from the call that it got, if it got one: gives these too.
    async fn try_with(&mut self, stub: &Stub, token: &str, sent: &Sent) -> (bool, Vec<Call>) {
        let leaks = self.leaks.len();
        let is_done = self.try_on(sent).await;
        let called = stub.take_calls();
        if is_done && !called.iter().all(|call| String::from_utf8_lossy(&call.body).contains(token)) {
            // A broken key is nobody's: upstream, which did not get the real token, could not tell it.
            self.leaks.truncate(leaks);
        }
        stub.forget_answers();
        (is_done, called)
    }

    /// Sends two requests at once, of which upstream, which is silent, may have one.
    async fn overload(&mut self, stub: &Stub) {
        let request = format!("GET /api.php?op=userdel&token={PASSED}&uid=5 HTTP/1.1\r\nHost: g\r\n\r\n");
        let mut is_over = false;
        // On a slow machine the second may come when the first has been given up; not so often that
        // upstream is left alone.
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

/// Sends bytes as they are and gives all that comes until the end. A client that holds keeps its side
/// open, as if more were to come.
async fn exchange(address: SocketAddr, bytes: &[u8], holds: bool) -> Vec<u8> {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        // A refusal may come before all is taken.
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

#[tokio::test]
async fn no_mark_is_shown_of_any_request_whatever_upstream_says() {
    let stub = Stub::start().await;
    let upstream = format!("http://{}/backend/", stub.address);
    let mut serving = Serving::start(&["--upstream", &upstream], "log.file = 'FOLDER/log'").await;
    let of_token = |token| of_vectors(token).into_iter().chain(unwelcome_in_every_form(token));
    let of_app = |app: &str| unwelcome(&format!("{app}{KEY}"), &format!("{app}{KEY}"));
    // In the end, its upstream has failed so often that it is left alone.
    let of_gone = (0..4).flat_map(|_| of_app("gone"));
    let of_apps = of_token(KEY).chain(of_app("limited")).chain(of_gone).map(|sent| (REAL, sent));
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
    // Upstream had the real token, and never the key.
    let bodies: Vec<_> = calls.iter().map(|call| String::from_utf8_lossy(&call.body)).collect();
    let count = |mark: &str| bodies.iter().filter(|body| body.contains(mark)).count();
    let counts = [REAL, PASSED, WHO, WHAT].map(count);
    assert!(counts.iter().all(|count| *count > 50) && done > 100, "{counts:?}, {done} done");
    for app in ["", "limited", "gone", "leaked"] {
        assert_eq!(count(&format!("\"token\":\"{app}{KEY}\"")), 0);
    }
    let statuses: Vec<_> = serving.statuses.iter().map(String::as_str).collect();
    assert_eq!(statuses, ["200", "204", "400", "404", "405", "408", "414", "431", "505"]);
    let log = serving.search("log").await;
    let ended = |label: &Label| log.contains(&format!("\"outcome\":\"{}\"", label.text()));
    let rest: Vec<_> = Label::ALL.into_iter().filter(|label| !ended(label)).collect();
    assert_eq!(rest, [Label::UnknownToken, Label::Internal], "requests did not end in these ways");
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
    check(&format!("upstream.url = 'https://x/?token={KEY}'"), "has a query");
}

/// Runs `explain` with a request as its words, or piped in, and searches all it says.
fn explain(words: &[&str], piped: Option<&[u8]>) {
    let mut command = program(&[&["explain"], words].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let _ = child.stdin.take().expect("a pipe").write_all(piped.unwrap_or_default());
    let output = child.wait_with_output().expect("an end");
    let text = [output.stdout, output.stderr].concat();
    let asked = format!("{words:?} {}", String::from_utf8_lossy(piped.unwrap_or_default()));
    assert!(!text.is_empty(), "{asked}");
    Finder::of(&TOKENS).none_in(&asked, &text);
}

#[test]
fn explain_shows_everything_but_the_token() {
    for query in [
        format!("op=userdel&token={KEY}&uid=5&addr={WHO}"),
        format!("op=userdel&token={}&uid=5", every_byte(KEY, |byte| format!("%{byte:02x}"))),
        format!("op=userdel&token={KEY}&token={WRONG}&uid=5"),
        format!("op=userdel&token={KEY}%FF&uid=x"),
        format!("op=nonsense&token={KEY}"),
        format!("token={KEY}"),
    ] {
        explain(&[&query], None);
        explain(&[&format!("https://{WHO}/api.php?{query}")], None);
        explain(&[&format!("curl -u {KEY} -H 'Authorization: {KEY}' -d '{query}' https://x/?")], None);
        explain(&["curl", "-F", &format!("token={KEY}"), "https://x/?op=userdel&uid=5"], None);
        explain(&[&format!("curl -d '{query} https://x/")], None);
        explain(&["curl", "-d", &query], None);
        explain(&[&query, &query], None);
        explain(&["-"], Some(format!("POST /backend/ HTTP/1.1\r\nCookie: {KEY}\r\n\r\n{query}").as_bytes()));
        explain(&["-"], Some(&[query.as_bytes(), b"\xff"].concat()));
    }
    for json in [
        format!(r#"{{"op":"userdel","token":"{KEY}","user":{{"uid":5}}}}"#),
        format!(r#"{{"op":"userdel","token":"{KEY}"#),
        format!(r#"{{"op":"userdel","token":["{KEY}"]}}"#),
    ] {
        explain(&["curl", "--json", &json, "https://x/"], None);
        explain(&["-"], Some(format!("POST / HTTP/1.1\r\n\r\n{json}").as_bytes()));
    }
}

#[test]
fn explain_of_json_by_itself_hides_the_token_too() {
    let json = format!(r#"{{"op":"userdel","token":"{KEY}"}}"#);
    explain(&["-"], Some(json.as_bytes()));
    explain(&[&json], None);
}

/// A gateway in front of the stub, with an app whose secrets are in `folder`.
fn with_app(stub: &Stub, folder: &Path) -> Gateway {
    settings(folder, "");
    let app = "[[app]]\nname = 'main'\nkeys = [{ file = 'FOLDER/key' }]\ntoken = { file = 'FOLDER/real' }";
    let app = app.replace("FOLDER", &folder.display().to_string());
    Gateway::with(stub.address, &format!("cache.fresh = '1h'\nkeys.interval = '10ms'\n{app}"))
}

/// Asks with the key, as a form or as JSON, while upstream is to say `answer`; gives the call's body and
/// what came back.
async fn asked(stub: &Stub, gateway: &Gateway, body: &str, answer: &str) -> (String, Vec<u8>) {
    stub.will_say(answer);
    let (body, head) = (body.replace("KEY", KEY), "POST /backend HTTP/1.1\r\nHost: g\r\nContent-Length:");
    let told = ask(gateway.address, format!("{head} {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    stub.forget_answers();
    let calls = stub.take_calls();
    (calls.first().map_or_else(String::new, |call| String::from_utf8_lossy(&call.body).into()), told.body)
}

#[tokio::test]
async fn the_real_token_is_hidden_however_upstream_writes_it_in_json() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let gateway = with_app(&stub, folder.path());
    let mut leaks = Vec::new();
    for written in [REAL.replace('/', "\\/"), every_byte(REAL, |byte| format!("\\u{byte:04X}"))] {
        for body in ["op=userdel&uid=5&token=KEY", r#"{"op":"userdel","user":{"uid":5},"token":"KEY"}"#] {
            let answer = format!(r#"{{"result":false,"error":"NO","cause":"{written}"}}"#);
            let (_, told) = asked(&stub, &gateway, body, &answer).await;
            leaks.extend(Finder::of(&[REAL]).find(&told).map(|leak| format!("{body}: {leak}")));
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[tokio::test]
async fn an_answer_that_was_kept_hides_the_real_token_of_its_time() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let gateway = with_app(&stub, folder.path());
    let members = r#"{"op":"groupgetmembers","token":"KEY","group":{"gid":5}}"#;
    let answer = format!(r#"{{"result":true,"members":[],"app":{{"token":"{REAL}"}}}}"#);
    let (sent, told) = asked(&stub, &gateway, members, &answer).await;
    assert!(sent.contains(REAL));
    Finder::of(&[REAL]).none_in("the fresh answer", &told);
    fs::write(folder.path().join("real"), "another").expect("a file");
    let until = Instant::now() + Duration::from_secs(10);
    while !asked(&stub, &gateway, r#"{"op":"otp","token":"KEY"}"#, r#"{"result":true}"#)
        .await
        .0
        .contains("another")
    {
        assert!(Instant::now() < until, "the new token does not come into use");
    }
    let (_, told) = asked(&stub, &gateway, members, r#"{"result":true,"members":[]}"#).await;
    Finder::of(&[REAL]).none_in("the answer that was kept", &told);
}

#[test]
fn settings_name_their_secrets_and_never_print_a_digest() {
    let digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
    let app = format!("[[app]]\nname = 'a'\nkeys = [{{ sha256 = '{digest}' }}]\ntoken = {{ env = 'T' }}");
    let layers = Layers::shipped().and_then(|layers| layers.text("test", &app)).expect("sound TOML");
    let shown = format!("{:?}", layers.config().expect("sound settings").apps);
    assert!(shown.contains("Environment(\"T\")") && shown.contains("Digest(…)"), "{shown}");
    let bytes: Vec<u8> =
        (0..32).map(|at| u8::from_str_radix(&digest[2 * at..2 * at + 2], 16).expect("hex")).collect();
    assert!(!shown.contains(&digest[..8]) && !shown.contains(&bytes[0].to_string()), "{shown}");
}

#[test]
fn a_request_to_explain_is_printed_by_its_size_only() {
    let asked =
        mesigate::protocol::explain::read(&["op=userdel&token=SECRET".to_owned()]).expect("a request");
    assert_eq!(format!("{asked:?}"), "Asked(23 + 0 bytes)");
}

#[test]
fn no_type_that_holds_a_token_or_a_message_can_be_printed() {
    let mut printable = Vec::new();
    for (file, names) in [
        ("policy/apps.rs", "Apps App Secrets Caller"),
        ("config/secret.rs", "Environment"),
        ("protocol/translate.rs", "Incoming Request"),
        ("protocol/translate/form.rs", "Form Parameter Pair"),
        ("protocol/translate/form/builder.rs", "Builder"),
        ("protocol/translate/request.rs", "Meant"),
        ("protocol/translate/own.rs", "Own Fill"),
        ("protocol/translate/value.rs", "Value"),
        ("protocol/translate/envelope.rs", "Envelope Json Members"),
        ("http/asked.rs", "Asked Fields"),
        ("http/proto/head.rs", "Head"),
        ("http/connection/body.rs", "LineBody"),
        ("http/reply.rs", "Reply"),
        ("http/connection/wire.rs", "Wire"),
        ("http/connection/wire/inbox.rs", "Inbox"),
        ("http/proto/chunks.rs", "Chunks"),
        ("handle/errand.rs", "Errand"),
        ("upstream/mod.rs", "Answer"),
        ("upstream/letter.rs", "Letter"),
        ("upstream/reading.rs", "Reading Whole"),
        ("upstream/exchange.rs", "Connection Exchange"),
        ("telemetry/trail.rs", "Trail"),
        ("config/layers.rs", "Layers"),
        ("protocol/explain.rs", "Explained Refused"),
        ("protocol/explain/curl.rs", "Command"),
        ("cli/mod.rs", "Arguments Command Explain"),
    ] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let source = fs::read_to_string(path).expect("a source");
        for name in names.split(' ') {
            let is_it = |line: &str| {
                let words = line.trim_start_matches("pub ").split_once(' ');
                words.is_some_and(|(kind, rest)| {
                    let word = rest.split(|letter: char| !letter.is_alphanumeric()).next();
                    matches!(kind, "struct" | "enum") && word == Some(name)
                })
            };
            let lines: Vec<&str> = source.lines().collect();
            let at =
                lines.iter().position(|line| is_it(line)).unwrap_or_else(|| panic!("{file} has no {name}"));
            let mut above = lines[..at].iter().rev().take_while(|line| !line.is_empty());
            if above.any(|line| line.starts_with("#[derive(") && line.contains("Debug"))
                || source.contains(&format!("Debug for {name}"))
            {
                printable.push(format!("{file}: {name}"));
            }
        }
    }
    assert_eq!(printable, Vec::<String>::new());
}
