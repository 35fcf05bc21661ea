//! What a line says of connections, attempts, limits and the program; and which lines a sampled log has.

use serde_json::{Value, json};

use super::{DONE, FAILED, get, lines, serving_with};
use crate::support::client::{Client, ask};
use crate::support::frames::{END_HEADERS, Frames, HEADERS, block};
use crate::support::program::Serving;
use crate::support::stub::Stub;

const DELETE: &str = "/api.php?op=userdel&token=till-key&uid=5";

/// The values of these fields, line by line.
fn fields<const N: usize>(lines: &[Value], names: [&str; N]) -> Vec<Value> {
    lines.iter().map(|line| json!(names.map(|name| line[name].clone()).to_vec())).collect()
}

#[tokio::test]
async fn a_line_says_how_the_request_came_and_how_upstream_was_asked() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let serving = serving_with(folder.path(), &stub, "");
    (0..5).for_each(|_| stub.will_say(DONE));
    let mut client = Client::connect(serving.address).await;
    for agent in ["okhttp/4.9.3", "GuzzleHttp/6.5.5 curl/7.68.0"] {
        client
            .send(format!("GET {DELETE} HTTP/1.1\r\nHost: g\r\nUser-Agent: {agent}\r\n\r\n").as_bytes())
            .await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
    }
    ask(serving.address, format!("GET {DELETE} HTTP/1.0\r\n\r\n").as_bytes()).await;
    let mut frames = Frames::connect(serving.address).await;
    let usual = [(":method", "GET"), (":scheme", "http"), (":authority", "g"), (":path", DELETE)];
    for stream in [1, 3] {
        frames.send(HEADERS, END_HEADERS | 1, stream, &block(&usual)).await;
        assert_eq!(frames.hear(stream).await.status(), Some(200));
    }
    // Refused here: upstream is not asked.
    get(&serving, "/api.php?op=nonsense&token=till-key", "x y").await;
    assert_eq!(stub.take_calls().len(), 5);
    let lines = lines(serving, folder.path()).await;
    let found = fields(&lines, ["http", "connection", "program", "attempts", "upstream_connection"]);
    let expected = [
        json!(["1.1", "new", "okhttp", 1, "new"]),
        json!(["1.1", "reused", "GuzzleHttp", 1, "reused"]),
        json!(["1.0", "new", null, 1, "reused"]),
        json!(["2", "new", null, 1, "reused"]),
        json!(["2", "reused", null, 1, "reused"]),
        json!(["1.1", "new", "x", null, null]),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_line_says_how_often_upstream_was_asked_in_vain() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("settings.toml");
    let settings = format!(
        "listen.address = '127.0.0.1:0'\nadmin.address = '127.0.0.1:0'\nlog.file = '{}'\nretry.most = 2\n\
         upstream.url = 'http://127.0.0.1:1/'\nstop = {{ announce = '0s', linger = '0s' }}\n",
        folder.path().join("log").display()
    );
    std::fs::write(&file, settings).expect("a file");
    let serving = Serving::with(&file);
    get(&serving, DELETE, "x").await;
    let lines = lines(serving, folder.path()).await;
    let found = fields(&lines, ["outcome", "attempts", "upstream_connection"]);
    assert_eq!(found, [json!(["upstream_down", 3, null])]);
}

#[tokio::test]
async fn a_line_names_the_limit_that_refused_or_would_have() {
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let limits = "limit = [\n  { name = 'shadowy', per = 'app', rate = '1/day', mode = 'shadow' },\n  \
                  { name = 'other', per = 'all', rate = '9/day' },\n  \
                  { name = 'strict', per = 'app', rate = '2/day' },\n]\n";
    let serving = serving_with(folder.path(), &stub, limits);
    for _ in 0..2 {
        stub.will_say(DONE);
    }
    for _ in 0..3 {
        get(&serving, DELETE, "x").await;
    }
    assert_eq!(stub.take_calls().len(), 2);
    let lines = lines(serving, folder.path()).await;
    let found = fields(&lines, ["outcome", "limit"]);
    let expected = [json!(["ok", null]), json!(["ok", "shadowy"]), json!(["rate_limit", "strict"])];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_sampled_log_has_a_share_of_what_ended_well_and_all_that_did_not() {
    const WELL: usize = 400;
    const BADLY: usize = 20;
    let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
    let serving = serving_with(folder.path(), &stub, "log.sample = 0.25\n");
    let mut client = Client::connect(serving.address).await;
    let request = format!("GET {DELETE} HTTP/1.1\r\nHost: g\r\n\r\n");
    for answer in [DONE; WELL].into_iter().chain([FAILED; BADLY]) {
        stub.will_say(answer);
        client.send(request.as_bytes()).await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
    }
    for _ in 0..BADLY {
        client.send(b"GET /api.php?op=nonsense&token=till-key HTTP/1.1\r\nHost: g\r\n\r\n").await;
        assert_eq!(client.answer().await.expect("an answer").status, 200);
    }
    assert_eq!(stub.take_calls().len(), WELL + BADLY);
    let lines = lines(serving, folder.path()).await;
    let with = |outcome: &str, sample: f64| {
        let of = |line: &&Value| line["outcome"] == outcome && line["sample"] == sample;
        lines.iter().filter(of).count()
    };
    let (well, failed, refused) = (with("ok", 0.25), with("failed", 1.0), with("bad_op", 1.0));
    assert_eq!((failed, refused), (BADLY, BADLY));
    assert_eq!(well + failed + refused, lines.len(), "every line says its share");
    // A quarter is 100, and one in a million million such logs is further off than seven times 8.7.
    assert!((40..=160).contains(&well), "{well} of {WELL}");
}

#[tokio::test]
async fn a_share_of_0_leaves_what_did_not_end_well_and_1_says_nothing_of_shares() {
    for (share, outcomes) in [("0", &["failed"][..]), ("1", &["ok", "failed"])] {
        let (stub, folder) = (Stub::start().await, tempfile::tempdir().expect("a folder"));
        let serving = serving_with(folder.path(), &stub, &format!("log.sample = {share}\n"));
        for answer in [DONE, FAILED] {
            stub.will_say(answer);
            get(&serving, DELETE, "x").await;
        }
        assert_eq!(stub.take_calls().len(), 2);
        let lines = lines(serving, folder.path()).await;
        let found: Vec<&str> = lines.iter().filter_map(|line| line["outcome"].as_str()).collect();
        assert_eq!(found, outcomes);
        assert_eq!(lines.iter().all(|line| line["sample"].is_null()), share == "1");
    }
}
