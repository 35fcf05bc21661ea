//! Over a real loopback socket: the API, the old API, the control routes, faults, the stop.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::sandbox::{InjectedFault, Sandbox};

const BODY: &str = r#"{"op":"useradd","token":"sandbox","user":{"address":"a"}}"#;

/// A sandbox on a port of its own.
struct Served {
    sandbox: Sandbox,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sandbox = Sandbox::new();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = sandbox.clone().serve(listener, async {
            let _ = stopped.await;
        });
        Self { sandbox, address, stop, server: tokio::spawn(serving) }
    }

    /// Sends a request head and body on a connection of its own, and returns the whole answer.
    async fn send(&self, line: &str, headers: &str, body: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        answer
    }

    async fn text(&self, line: &str, headers: &str, body: &str) -> String {
        String::from_utf8(self.send(line, headers, body).await).unwrap()
    }

    async fn api(&self) -> String {
        self.text("POST /backend/", "Content-Type: application/json\r\n", BODY).await
    }

    async fn stop(self) {
        drop(self.stop);
        self.server.await.unwrap().unwrap();
    }
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

fn parsed(answer: &str) -> Value {
    serde_json::from_str(body(answer)).unwrap()
}

#[tokio::test]
async fn json_by_post_is_the_api_on_its_paths_with_status_200() {
    let served = Served::start().await;
    let json = "Content-Type: application/json; charset=utf-8\r\n";
    for path in ["/backend/", "/backend", "/api/", "/api"] {
        let answer = served.text(&format!("POST {path}"), json, BODY).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_eq!(parsed(&answer)["result"], true);
    }
    let failure = served.text("POST /backend/", json, "{}").await;
    assert!(failure.starts_with("HTTP/1.1 200 "));
    assert_eq!(parsed(&failure)["result"], false);
    assert_eq!(served.sandbox.requests(), 5);
    served.stop().await;
}

#[tokio::test]
async fn the_old_door_answers_bad_gateway() {
    let served = Served::start().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    for (line, headers, sent) in [
        ("GET /api.php?op=useradd&token=sandbox&addr=a", "", ""),
        ("POST /backend/", form, "op=useradd&token=sandbox&addr=a"),
        ("POST /backend/", "", BODY),
        ("DELETE /backend/", "Content-Type: application/json\r\n", BODY),
        ("POST /api.php", "Content-Type: application/json\r\n", BODY),
    ] {
        let answer = served.text(line, headers, sent).await;
        assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
        assert!(body(&answer).starts_with("<html>"));
    }
    assert_eq!(served.sandbox.requests(), 0);
    served.stop().await;
}

#[tokio::test]
async fn another_path_is_none_of_the_apis_and_told_which_is() {
    let served = Served::start().await;
    for path in ["/", "/backends/", "/backend/backend/", "/mesiboapi"] {
        let answer = served.text(&format!("POST {path}"), "Content-Type: application/json\r\n", BODY).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(body(&answer).contains("/backend/"));
    }
    assert_eq!(served.sandbox.requests(), 0);
    served.stop().await;
}

#[tokio::test]
async fn a_body_over_four_mebibytes_is_refused() {
    let served = Served::start().await;
    let large = " ".repeat((4 << 20) + 1);
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let head = format!(
        "POST /backend/ HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        large.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The write may fail, because the server may close before it has read everything.
    let _ = stream.write_all(large.as_bytes()).await;
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
    served.stop().await;
}

#[tokio::test]
async fn control_routes_show_and_move_the_sandbox() {
    let served = Served::start().await;
    let user = json!({ "address": "a b", "token": { "appid": "com.x" } });
    let added = json!({ "op": "useradd", "token": "sandbox", "user": user }).to_string();
    let json = "Content-Type: application/json\r\n";
    let added = parsed(&served.text("POST /backend/", json, &added).await);
    let token = added["user"]["token"].as_str().unwrap();
    let send = json!({ "from": "a b", "to": "a b", "when": 60, "message": "hi" });
    let send = json!({ "op": "message", "token": "sandbox", "message": send }).to_string();
    served.text("POST /backend/", json, &send).await;

    let line = format!("POST /sandbox/login?token={token}&appid=com.x");
    assert_eq!(parsed(&served.text(&line, "", "").await), json!({ "uid": 101 }));
    let moved = served.text("POST /sandbox/clock?advance=60", "", "").await;
    assert!(parsed(&moved)["now"].as_u64() >= Some(60));
    let inbox = served.text("GET /sandbox/inbox?app=sandbox&address=a+b", "", "").await;
    assert_eq!(parsed(&inbox)[0]["message"], "hi");
    let state = served.text("GET /sandbox/state?app=sandbox", "", "").await;
    assert_eq!(parsed(&state)["users"][0]["online"], true);
    let help = served.text("GET /sandbox/", "", "").await;
    assert!(body(&help).contains("/sandbox/fault"));
    served.stop().await;
}

#[tokio::test]
async fn wrong_control_requests_are_told_what_is_right() {
    let served = Served::start().await;
    for (line, status, says) in [
        ("POST /sandbox/clock?advance=1h", "400", "`advance` is a whole number of seconds"),
        ("POST /sandbox/fault?kind=slow", "400", "`kind` is one of: latency"),
        ("GET /sandbox/state", "400", "missing field `app`"),
        ("GET /sandbox/state?app=sandbox&x=1", "400", "unknown field `x`"),
        ("POST /sandbox/login?token=t&appid=a", "403", "no user has this access token"),
        ("GET /sandbox/clock?advance=1", "405", "this route takes POST"),
        ("GET /sandbox/nothing", "404", "GET /sandbox/ names them all"),
    ] {
        let answer = served.text(line, "", "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(body(&answer).contains(says), "{answer}");
    }
    served.stop().await;
}

#[tokio::test]
async fn faults_strike_as_often_as_asked_and_then_stop() {
    let served = Served::start().await;
    served.text("POST /sandbox/fault?kind=502&times=2", "", "").await;
    assert!(served.api().await.starts_with("HTTP/1.1 502 "));
    assert!(served.api().await.starts_with("HTTP/1.1 502 "));
    assert_eq!(served.sandbox.state("sandbox")["users"], json!([]));
    assert_eq!(parsed(&served.api().await)["result"], true);
    assert_eq!(served.sandbox.requests(), 3);
    served.stop().await;
}

#[tokio::test]
async fn every_fault_looks_as_it_is_called() {
    let served = Served::start().await;
    for (fault, status) in [
        (InjectedFault::Unavailable, "503"),
        (InjectedFault::Redirect, "307"),
        (InjectedFault::Html, "200"),
        (InjectedFault::Latency(Duration::ZERO), "200"),
    ] {
        served.sandbox.fault(fault, 1);
        let answer = served.api().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    served.sandbox.fault(InjectedFault::Truncated, 1);
    assert!(serde_json::from_str::<Value>(body(&served.api().await)).is_err());
    served.sandbox.fault(InjectedFault::Empty, 1);
    assert_eq!(parsed(&served.api().await), json!({}));
    served.sandbox.fault(InjectedFault::Array, 1);
    assert!(parsed(&served.api().await).is_array());
    served.sandbox.fault(InjectedFault::TextResult, 1);
    assert_eq!(parsed(&served.api().await)["result"], "false");
    served.sandbox.fault(InjectedFault::Deep, 1);
    assert!(body(&served.api().await).contains("[[[[[[[["));
    served.sandbox.fault(InjectedFault::Huge, 1);
    assert!(served.api().await.len() > 8 << 20);
    served.stop().await;
}

#[tokio::test]
async fn a_reset_gives_no_answer_though_the_work_is_done() {
    let served = Served::start().await;
    served.sandbox.fault(InjectedFault::Reset, 1);
    assert_eq!(served.api().await, "");
    assert_eq!(served.sandbox.state("sandbox")["users"][0]["address"], "a");
    served.stop().await;
}

#[tokio::test]
async fn a_hanging_request_does_not_hold_the_stop_up() {
    let served = Served::start().await;
    served.sandbox.fault(InjectedFault::Hang, 1);
    let (address, sandbox) = (served.address, served.sandbox.clone());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /backend/ HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n";
    let request = format!("{head}Content-Length: {}\r\n\r\n{BODY}", BODY.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    while sandbox.requests() == 0 {
        tokio::task::yield_now().await;
    }
    served.stop().await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty());
}
