//! Requests as they come, for those who look on; and the hours before.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Console, Person, VIEW, is_refused};
use crate::support::client::{Client, ask};

const TRAFFIC: &str = "/console/api/traffic";

/// A stream of events, read as it comes.
pub(super) struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    /// The connection of somebody who asks for the stream, and the first words of the answer.
    async fn begin(person: &Person<'_>) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(person.console.admin()).await.expect("a connection");
        let (host, cookie) = (person.console.admin(), &person.cookie);
        let request = format!("GET {TRAFFIC} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).await.expect("bytes");
        (stream, String::from_utf8_lossy(&bytes[..count]).into_owned())
    }

    pub(super) async fn open(person: &Person<'_>) -> Self {
        let (stream, text) = Self::begin(person).await;
        let mut events = Self { stream, text };
        events.until("retry: 2000\n\n").await;
        events
    }

    /// Reads until this has come; all that has come up to then is forgotten.
    async fn until(&mut self, what: &str) -> String {
        loop {
            if let Some(at) = self.text.find(what) {
                let rest = self.text.split_off(at + what.len());
                return std::mem::replace(&mut self.text, rest);
            }
            let mut bytes = [0; 4096];
            let count = self.stream.read(&mut bytes).await.expect("bytes");
            assert!(count > 0, "the stream has ended: {}", self.text);
            self.text.push_str(str::from_utf8(&bytes[..count]).expect("text"));
        }
    }

    /// The data of the next line.
    pub(super) async fn line(&mut self) -> Value {
        self.until("event: line\n").await;
        self.until("data: ").await;
        serde_json::from_str(&self.until("\n\n").await).expect("JSON")
    }
}

async fn call(console: &Console, query: &str) {
    let request = format!(
        "GET /api.php?{query} HTTP/1.1\r\nHost: g\r\nUser-Agent: PHP/8.1\r\nConnection: close\r\n\r\n"
    );
    ask(console.program.address, request.as_bytes()).await;
}

#[tokio::test]
async fn each_request_is_a_line_with_what_became_of_it_and_nothing_of_its_values() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let mut events = Events::open(&person).await;
    call(&console, "op=useradd&token=sandbox&addr=mark-of-ana&appid=a&sig=x").await;
    call(&console, "op=userdel&token=sandbox&uid=none").await;
    let line = events.line().await;
    for (name, expected) in [
        ("door", "legacy"),
        ("operation", "useradd"),
        ("outcome", "done"),
        ("agent", "PHP/8.1"),
        ("method", "GET"),
        ("path", "/api.php"),
    ] {
        assert_eq!(line[name], expected, "{name} of {line}");
    }
    assert_eq!(
        (&line["n"], &line["dropped"], &line["status"]),
        (&0.into(), &1.into(), &200.into()),
        "{line}"
    );
    assert!(line["took_us"].as_u64() > Some(0) && line["at"].as_f64() > Some(1.7e9), "{line}");
    assert!(!line.to_string().contains("mark-of-ana"), "{line}");
    let refused = events.line().await;
    assert_eq!(
        (&refused["outcome"], &refused["operation"]),
        (&"refused".into(), &"userdel".into()),
        "{refused}"
    );
}

#[tokio::test]
async fn who_takes_no_lines_is_told_how_many_were_missed_and_no_client_waits_for_that() {
    let console = Console::start("limit = []");
    let person = console.log_in(VIEW).await;
    let mut events = Events::open(&person).await;
    let mut client = Client::connect(console.program.address).await;
    for _ in 0..2_000 {
        client.send(b"GET /api.php?op=userdel&token=x HTTP/1.1\r\nHost: g\r\n\r\n").await;
        assert!(client.answer().await.is_some());
    }
    events.until("event: missed\ndata: {\"lines\":").await;
}

#[tokio::test]
async fn eight_may_look_on_and_who_has_left_makes_room() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    let mut all = vec![];
    for _ in 0..8 {
        all.push(Events::open(&person).await);
    }
    is_refused(&person.get(TRAFFIC).await, 429, "busy");
    all.pop();
    // It is noticed within a second that somebody has left.
    let room = async {
        while !Events::begin(&person).await.1.starts_with("HTTP/1.1 200 ") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), room).await.expect("room");
}

#[tokio::test]
async fn the_last_quarter_of_an_hour_is_there_by_the_second() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    call(&console, "op=useradd&token=sandbox&addr=ana&appid=a").await;
    let seen = async {
        loop {
            let history = person.get("/console/api/history").await.json();
            let requests = history["series"]["requests"].as_array().expect("numbers").clone();
            if requests.iter().filter_map(Value::as_u64).sum::<u64>() == 1 {
                return history;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let history = tokio::time::timeout(Duration::from_secs(30), seen).await.expect("a point");
    let lengths: Vec<_> = ["legacy", "done", "failed", "refused", "unknown", "p50_us", "p99_us"]
        .map(|name| history["series"][name].as_array().map(Vec::len))
        .into();
    assert!(lengths.windows(2).all(|pair| pair[0] == pair[1] && pair[0] > Some(0)), "{history}");
    assert_eq!(person.get("/console/api/history?of=minutes").await.json()["step"], 60);
    is_refused(&person.get("/console/api/history?of=years").await, 400, "bad");
}

#[tokio::test]
async fn what_has_come_is_told_by_operation_with_how_it_ended() {
    let console = Console::start("");
    let person = console.log_in(VIEW).await;
    for query in [
        "op=useradd&token=sandbox&addr=ana&appid=a",
        "op=useradd&token=sandbox&addr=ana",
        "op=nonsense&token=T",
    ] {
        call(&console, query).await;
    }
    let counts = person.get("/console/api/counts").await.json();
    assert_eq!(
        counts["operations"],
        serde_json::json!([
            { "name": "useradd", "calls": 2, "ok": 1, "others": { "missing_param": 1 } },
            { "name": "other", "calls": 1, "ok": 0, "others": { "bad_op": 1 } },
        ])
    );
    assert_eq!((&counts["upstream"]["calls"], &counts["limits"]), (&1.into(), &serde_json::json!([])));
    assert!(counts["upstream"]["p50_us"].as_u64() <= counts["upstream"]["p99_us"].as_u64(), "{counts}");
    assert_eq!(counts["cache"], serde_json::json!({ "hit": 0, "stale": 0, "miss": 0, "bypass": 0 }));
}

#[tokio::test]
async fn what_limits_refuse_and_what_the_cache_answers_is_told() {
    let console = Console::start(
        "[[limit]]\nname = 'few'\noperations = ['groupadd']\nper = 'all'\nrate = '1/hour'\nburst = 1\n",
    );
    let person = console.log_in(VIEW).await;
    for _ in 0..3 {
        call(&console, "op=groupadd&token=sandbox&name=Team").await;
    }
    for _ in 0..2 {
        call(&console, "op=groupgetmembers&token=sandbox&gid=97001").await;
    }
    let counts = person.get("/console/api/counts").await.json();
    assert_eq!(counts["limits"], serde_json::json!([{ "name": "few", "refused": 2 }]), "{counts}");
    assert_eq!(counts["cache"]["hit"], 1, "{counts}");
}
