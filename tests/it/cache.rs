//! The cache: what is kept of reads, for whom, and what ends it.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::apps::{Secrets, is_refused, post, sent};
use crate::support::client::{Answer, ask, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const KEEP: &str = "cache.fresh = '1h'\n";
const ANN: &str = r#"{"op":"groupgetmembers","result":true,"count":1,"members":[{"uid":1,"address":"ann"}]}"#;
const BOB: &str = r#"{"op":"groupgetmembers","result":true,"count":1,"members":[{"uid":2,"address":"bob"}]}"#;
const DONE: &str = r#"{"op":"x","result":true}"#;
const REFUSED: &str = r#"{"op":"x","result":false,"error":"DENIED","code":403}"#;
const AUTHFAIL: &str = r#"{"op":"x","result":false,"error":"AUTHFAIL","code":401}"#;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Legacy,
    Json,
}
use Door::{Json, Legacy};

/// Reads a group's members; `more` are parameters such as `count=5&id=3`, with numbers.
async fn read_as(gateway: &Gateway, door: Door, token: &str, gid: u32, more: &str) -> Answer {
    if door == Legacy {
        let target = format!("/api.php?op=groupgetmembers&token={token}&gid={gid}&{more}");
        return get(gateway.address, &target).await;
    }
    let members = more.split('&').filter_map(|pair| pair.split_once('='));
    let members: String = members.map(|(name, value)| format!(",\"{name}\":{value}")).collect();
    let body = format!(r#"{{"op":"groupgetmembers","token":"{token}"{members},"group":{{"gid":{gid}}}}}"#);
    post(gateway.address, "/backend", &body).await
}

async fn read(gateway: &Gateway, door: Door) -> Answer {
    read_as(gateway, door, "T", 7, "").await
}

/// Sends a request that is no read.
async fn write(gateway: &Gateway, door: Door, op: &str) -> Answer {
    if door == Legacy {
        let target = format!("/api.php?op={op}&token=T&gid=7&m=ann&uid=5&from=a&to=b&msg=x");
        return get(gateway.address, &target).await;
    }
    let payload = r#""group":{"gid":7,"members":{"m":"ann"}},"user":{"uid":5},"message":{}"#;
    post(gateway.address, "/backend", &format!(r#"{{"op":"{op}","token":"T",{payload}}}"#)).await
}

#[track_caller]
fn is(answer: &Answer, state: &str) {
    assert_eq!(answer.header("x-cache"), Some(state), "{}", answer.json());
    let age = answer.header("age").map(|age| age.parse::<u64>().expect("seconds"));
    assert_eq!(age.is_some(), state != "bypass");
}

/// Upstream is asked once more, and what it says is kept.
async fn is_asked_again(stub: &Stub, gateway: &Gateway, door: Door) {
    stub.will_say(ANN);
    is(&read(gateway, door).await, "miss");
    is(&read(gateway, door).await, "hit");
    assert_eq!(stub.take_calls().len(), 1);
}

/// The addresses of the members that an answer has.
fn members(answer: &Answer) -> Vec<Value> {
    let rows = answer.json()["members"].as_array().cloned().expect("a list");
    rows.into_iter().map(|row| row["address"].clone()).collect()
}

/// Upstream's answer with so many members.
fn page(count: usize) -> String {
    let rows: Vec<Value> = (0..count).map(|uid| json!({"uid": uid, "address": format!("u{uid}")})).collect();
    json!({"op": "groupgetmembers", "result": true, "count": count, "members": rows}).to_string()
}

// ------------------------------------------------------------------------------------ one for both doors

#[tokio::test]
async fn a_second_read_asks_nobody_whichever_door_it_and_the_first_come_through() {
    let stub = Stub::start().await;
    for (first, second) in [(Legacy, Legacy), (Legacy, Json), (Json, Legacy), (Json, Json)] {
        let gateway = Gateway::with(stub.address, KEEP);
        stub.will_say(ANN);
        let one = read_as(&gateway, first, "T", 7, "id=3").await;
        is(&one, "miss");
        assert_eq!(one.header("age"), Some("0"));
        let other = read_as(&gateway, second, "T", 7, "id=4").await;
        is(&other, "hit");
        assert_eq!((&one.json()["id"], &other.json()["id"]), (&json!(3), &json!(4)));
        assert_eq!(other.header("x-mesigate-outcome"), Some("done"));
        assert_eq!(other.header("cache-control"), Some("no-store"));
        // What is asked for anybody has nobody's `id`.
        assert_eq!(sent(&stub), [r#"{"op":"groupgetmembers","token":"T","group":{"gid":7}}"#]);
    }
}

#[tokio::test]
async fn each_caller_gets_its_own_id_and_the_op_as_it_was_written() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(ANN);
    let rows = json!([{"uid": 1, "address": "ann"}]);
    for (op, id, expected) in [
        ("groupgetmembers", "3", json!({"members": rows, "op": "groupgetmembers", "result": true, "id": 3})),
        ("GetMembers", "-4", json!({"members": rows, "op": "GetMembers", "result": true, "id": -4})),
        ("getmembers", "", json!({"members": rows, "op": "getmembers", "result": true})),
    ] {
        let answer = get(gateway.address, &format!("/api.php?op={op}&token=T&gid=0x7&id={id}")).await;
        assert_eq!(answer.json(), expected);
    }
    for id in ["3", "\"three\"", "1.50", "9007199254740993", "[1, 2]"] {
        let answer = read_as(&gateway, Json, "T", 7, &format!("id={id}")).await;
        let expected = ANN.replacen("]}", &format!("],\"id\":{id}}}"), 1);
        assert_eq!(String::from_utf8_lossy(&answer.body), expected);
    }
    for id in ["", "id=null"] {
        assert_eq!(read_as(&gateway, Json, "T", 7, id).await.body, ANN.as_bytes());
    }
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_json_read_under_a_name_that_only_old_code_knows_is_upstreams_to_judge() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(ANN);
    let body = r#"{"op":"getmembers","token":"T","group":{"gid":7}}"#;
    is(&post(gateway.address, "/backend", body).await, "bypass");
    assert_eq!(sent(&stub), [body]);
}

#[tokio::test]
async fn fewer_members_are_cut_from_a_fuller_answer_and_more_are_asked_for() {
    let stub = Stub::start().await;
    for first in [Legacy, Json] {
        let gateway = Gateway::with(stub.address, KEEP);
        stub.will_say(&page(10));
        is(&read_as(&gateway, first, "T", 7, "count=10").await, "miss");
        for count in [10, 4, 1] {
            for door in [Legacy, Json] {
                let answer = read_as(&gateway, door, "T", 7, &format!("count={count}")).await;
                is(&answer, "hit");
                let expected: Vec<Value> = (0..count).map(|uid| json!(format!("u{uid}"))).collect();
                assert_eq!(members(&answer), expected);
                let number = if door == Json { json!(count) } else { Value::Null };
                assert_eq!(answer.json()["count"], number);
            }
        }
        // More than was asked for then, and a page of upstream's own choice.
        for more in ["count=11", ""] {
            stub.will_say(&page(11));
            is(&read_as(&gateway, Legacy, "T", 7, more).await, "miss");
            is(&read_as(&gateway, Json, "T", 7, more).await, "hit");
        }
        assert_eq!(stub.take_calls().len(), 3);
    }
}

#[tokio::test]
async fn a_count_that_mesibos_cloud_would_lower_is_one_with_the_lowered() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(&page(20));
    is(&read_as(&gateway, Legacy, "T", 7, "count=1000").await, "miss");
    for (door, count) in [(Json, "count=500"), (Legacy, "count=20"), (Json, "count=20")] {
        is(&read_as(&gateway, door, "T", 7, count).await, "hit");
    }
    assert!(sent(&stub)[0].contains("\"count\":20"));
}

#[tokio::test]
async fn a_count_that_is_no_number_of_members_is_not_taken_for_none() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(&page(0));
    read_as(&gateway, Legacy, "T", 7, "count=-1").await;
    stub.will_say(&page(3));
    assert_eq!(members(&read(&gateway, Legacy).await).len(), 3);
    stub.take_calls();
}

#[tokio::test]
async fn a_thousand_reads_at_once_are_one_question() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &format!("listen.workers = 2\n{KEEP}"));
    let release = stub.will_wait(ANN);
    let reads: Vec<_> = (0..1000)
        .map(|id| {
            let (address, target) =
                (gateway.address, format!("/api.php?op=groupgetmembers&token=T&gid=7&id={id}"));
            tokio::spawn(async move { get(address, &target).await })
        })
        .collect();
    let all = |text: &[u8]| String::from_utf8_lossy(text).contains("\nmesigate_in_flight 1000\n");
    while stub.call_count() == 0 || !all(&get(gateway.admin, "/metrics").await.body) {
        tokio::task::yield_now().await;
    }
    release.send(()).expect("the stub waits");
    for (id, read) in reads.into_iter().enumerate() {
        let answer = read.await.expect("a client");
        assert_eq!((&answer.json()["id"], members(&answer)), (&json!(id), vec![json!("ann")]));
    }
    assert_eq!(stub.take_calls().len(), 1);
}

// --------------------------------------------------------------------------------------- what ends it

#[tokio::test]
async fn a_write_to_a_group_however_it_ends_makes_the_next_read_ask() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Legacy).await;
    for op in ["groupeditmembers", "groupset", "groupdel"] {
        for (door, other) in [(Legacy, Json), (Json, Legacy)] {
            for end in [DONE, REFUSED, AUTHFAIL, "HTTP/1.1 502 Bad Gateway\n\n<html>", "{\"result\":"] {
                stub.will_say(end);
                write(&gateway, door, op).await;
                assert_eq!(stub.take_calls().len(), 1, "{op}, {door:?}, {end}");
                is_asked_again(&stub, &gateway, other).await;
            }
        }
    }
}

#[tokio::test]
async fn a_write_that_upstream_leaves_without_an_answer_makes_the_next_read_ask() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &format!("deadline.upstream_first_byte = '300ms'\n{KEEP}"));
    is_asked_again(&stub, &gateway, Legacy).await;
    for door in [Legacy, Json] {
        stub.will_hold("");
        assert_eq!(write(&gateway, door, "groupset").await.json()["error"], "TIMEOUT");
        assert_eq!(stub.take_calls().len(), 1);
        is_asked_again(&stub, &gateway, door).await;
    }
}

#[tokio::test]
async fn what_is_read_while_a_write_is_under_way_is_not_kept_beyond_it() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Legacy).await;
    let release = stub.will_wait(DONE);
    let address = gateway.address;
    let target = "/api.php?op=groupset&token=T&gid=7";
    let writing = tokio::spawn(async move { get(address, target).await });
    while stub.call_count() == 0 {
        tokio::task::yield_now().await;
    }
    stub.take_calls();
    is_asked_again(&stub, &gateway, Legacy).await;
    release.send(()).expect("the stub waits");
    writing.await.expect("a client");
    is_asked_again(&stub, &gateway, Json).await;
}

#[tokio::test]
async fn a_write_that_was_never_sent_ends_nothing() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limit = "limit = [{ name = 'edits', operations = ['groupset'], per = 'app', rate = '1/day' }]\n";
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + limit + &secrets.shop("")));
    let write = async || get(gateway.address, "/api.php?op=groupset&token=shop-key&gid=7").await;
    stub.will_say(DONE);
    write().await;
    stub.will_say(ANN);
    is(&read_as(&gateway, Legacy, "shop-key", 7, "").await, "miss");
    is_refused(&write().await, "RATELIMIT");
    get(gateway.address, "/api.php?op=groupset&token=shop-key&gid=7&flag=x").await;
    is(&read_as(&gateway, Json, "shop-key", 7, "").await, "hit");
    assert_eq!(stub.take_calls().len(), 2);
}

#[tokio::test]
async fn what_may_change_anything_ends_all_of_the_app_and_nothing_of_others() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    let others = ["U", "V", "W"];
    let groups = [7, 8];
    for (door, op) in [
        (Legacy, "userdel"),
        (Json, "userdel"),
        (Legacy, "deluser"),
        (Json, "appstats"),
        // Of a group that cannot be told, it may be any.
        (Json, "groupset"),
    ] {
        for token in others.into_iter().chain(["T"]) {
            for gid in groups {
                stub.will_say(ANN);
                read_as(&gateway, Legacy, token, gid, "").await;
                stub.forget_answers();
            }
        }
        stub.will_say(REFUSED);
        if op == "groupset" {
            let body = r#"{"op":"groupset","token":"T","group":{"gid":"seven"}}"#;
            post(gateway.address, "/backend", body).await;
        } else {
            write(&gateway, door, op).await;
        }
        stub.take_calls();
        for gid in groups {
            stub.will_say(ANN);
            is(&read_as(&gateway, Json, "T", gid, "").await, "miss");
        }
        // Apps may share a counter (policy/cache/generations.rs), three apps hardly.
        let mut kept = 0;
        for token in others {
            stub.will_say(ANN);
            let answer = read_as(&gateway, Json, token, 7, "").await;
            kept += usize::from(answer.header("x-cache") == Some("hit"));
            stub.forget_answers();
        }
        assert!(kept > 0, "{door:?}, {op}");
        stub.take_calls();
    }
}

#[tokio::test]
async fn a_message_ends_nothing() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Legacy).await;
    for door in [Legacy, Json] {
        stub.will_say(DONE);
        write(&gateway, door, "message").await;
        is(&read(&gateway, door).await, "hit");
    }
    assert_eq!(stub.take_calls().len(), 2);
}

#[tokio::test]
async fn a_token_that_upstream_refuses_loses_what_is_kept_for_it() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    for door in [Legacy, Json] {
        is_asked_again(&stub, &gateway, door).await;
        stub.will_say(REFUSED);
        write(&gateway, door, "message").await;
        is(&read(&gateway, door).await, "hit");
        stub.will_say(AUTHFAIL);
        write(&gateway, door, "message").await;
        stub.take_calls();
    }
    is_asked_again(&stub, &gateway, Legacy).await;
}

// ------------------------------------------------------------------------------- for whom, and what

#[tokio::test]
async fn nobody_sees_what_is_kept_for_another_app_token_group_or_upstream() {
    let (stub, elsewhere, secrets) = (Stub::start().await, Stub::start().await, Secrets::new());
    let own = format!("upstream = {{ url = 'http://{}/' }}", elsewhere.address);
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + &secrets.shop(&own) + &secrets.clinic()));
    stub.will_say(ANN);
    is(&read_as(&gateway, Legacy, "T", 7, "").await, "miss");
    for (stub, token, gid) in [
        (&stub, "U", 7),
        (&stub, "T", 8),
        (&stub, "clinic-key", 7),
        (&stub, "clinic-real", 7),
        (&elsewhere, "shop-key", 7),
    ] {
        for door in [Legacy, Json] {
            if door == Legacy {
                stub.will_say(BOB);
            }
            let answer = read_as(&gateway, door, token, gid, "").await;
            is(&answer, if door == Legacy { "miss" } else { "hit" });
            assert_eq!(members(&answer), ["bob"], "{token}");
        }
    }
    assert_eq!((stub.take_calls().len(), elsewhere.take_calls().len()), (5, 1));
    assert_eq!(members(&read(&gateway, Json).await), ["ann"]);
}

#[tokio::test]
async fn a_failure_or_an_answer_without_members_is_not_kept() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    for answer in [
        REFUSED,
        AUTHFAIL,
        r#"{"result":true}"#,
        r#"{"result":true,"members":null}"#,
        r#"{"result":true,"members":{"0":{"uid":1}}}"#,
        r#"{"result":true,"members":["ann"]}"#,
        r#"{"result":true,"members":[{"uid":"x"}]}"#,
        r#"{"members":[]}"#,
        // An answer that is for one request is for nobody else.
        r#"{"result":true,"members":[],"id":3}"#,
        "HTTP/1.1 502 Bad Gateway\n\n{\"result\":true,\"members\":[]}",
        "HTTP/1.1 404 Not Found\n\n{\"result\":true,\"members\":[]}",
        "<html>",
    ] {
        for door in [Legacy, Json] {
            stub.will_say(answer);
            let state = read(&gateway, door).await.header("x-cache").map(str::to_owned);
            assert!(matches!(state.as_deref(), None | Some("miss")), "{answer}");
            assert_eq!(stub.take_calls().len(), 1, "{answer}");
        }
    }
    // A list that is empty is one.
    stub.will_say(r#"{"result":true,"members":[]}"#);
    is(&read(&gateway, Legacy).await, "miss");
    is(&read(&gateway, Json).await, "hit");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn upstreams_status_reaches_the_json_door_of_a_read_too() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(&format!("HTTP/1.1 403 Forbidden\nContent-Length: {}\n\n{REFUSED}", REFUSED.len()));
    assert_eq!(read(&gateway, Json).await.status, 403);
    stub.take_calls();
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_kept() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &format!("cache.entry_bytes = 500\n{KEEP}"));
    for _ in 0..2 {
        stub.will_say(&page(20));
        is(&read(&gateway, Legacy).await, "miss");
    }
    stub.take_calls();
    is_asked_again(&stub, &gateway, Legacy).await;
}

#[tokio::test]
async fn json_with_members_that_the_table_does_not_know_goes_past_the_cache_as_it_came() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Json).await;
    for more in [
        r#","filter":"a""#,
        r#","filter":1"#,
        r#","count":"5""#,
        r#","count":5.0"#,
        r#","count":null"#,
        r#","count":true"#,
        r#","group":{"gid":"7"}"#,
        r#","group":{"gid":7,"since":1}"#,
        r#","group":{"gid":[7]}"#,
    ] {
        let group = if more.contains("group") { "" } else { r#","group":{"gid":7}"# };
        let body = format!(r#"{{"op":"groupgetmembers" ,"token":"T"{group}{more}}}"#);
        for _ in 0..2 {
            stub.will_say(BOB);
            let answer = post(gateway.address, "/backend", &body).await;
            assert_eq!(answer.body, BOB.as_bytes());
            assert!(matches!(answer.header("x-cache"), None | Some("bypass")), "{body}");
            assert_eq!(sent(&stub), [&*body]);
        }
    }
    is(&read(&gateway, Json).await, "hit");
}

#[tokio::test]
async fn json_members_that_no_form_could_have_go_past_the_cache_too() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    for members in [r#""group":{"gid":7},"filter":{}"#, r#""group":{"gid":7,"x":{}}"#, r#""group/gid":7"#] {
        let body = format!(r#"{{"op":"groupgetmembers","token":"T",{members}}}"#);
        stub.will_say(BOB);
        post(gateway.address, "/backend", &body).await;
        assert_eq!(sent(&stub), [body]);
    }
}

#[tokio::test]
async fn a_json_read_past_the_cache_says_so() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    stub.will_say(ANN);
    is(&read_as(&gateway, Json, "T", 7, "filter=1").await, "bypass");
    stub.take_calls();
}

#[tokio::test]
async fn a_caller_goes_past_the_cache_only_where_the_settings_let_it() {
    let stub = Stub::start().await;
    for (setting, state) in [("true", "bypass"), ("false", "hit")] {
        let gateway = Gateway::with(stub.address, &format!("cache.honour_no_cache = {setting}\n{KEEP}"));
        is_asked_again(&stub, &gateway, Legacy).await;
        for header in ["Cache-Control: no-cache", "cache-control: max-age=0 , No-Cache"] {
            for body in ["", r#"{"op":"groupgetmembers","token":"T","group":{"gid":7}}"#] {
                let query = if body.is_empty() { "?op=groupgetmembers&token=T&gid=7" } else { "" };
                let length = body.len();
                let request = format!(
                    "POST /backend{query} HTTP/1.1\r\nHost: g\r\n{header}\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                stub.will_say(BOB);
                is(&ask(gateway.address, request.as_bytes()).await, state);
                assert_eq!(stub.take_calls().len(), usize::from(state == "bypass"));
                stub.forget_answers();
            }
        }
    }
}

#[tokio::test]
async fn a_cache_that_is_off_keeps_nothing_and_changes_nothing() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cache.fresh = '0s'");
    for _ in 0..2 {
        for (door, sends) in [
            (Legacy, r#"{"op":"groupgetmembers","token":"T","id":3,"count":20,"group":{"gid":7}}"#),
            (Json, r#"{"op":"groupgetmembers","token":"T","id":3,"count":50,"group":{"gid":7}}"#),
        ] {
            stub.will_say(ANN);
            is(&read_as(&gateway, door, "T", 7, "id=3&count=50").await, "bypass");
            assert_eq!(sent(&stub), [sends]);
        }
    }
}

// ------------------------------------------------------------------------------------------- stale

#[tokio::test]
async fn when_upstream_is_down_the_last_answer_is_given_as_stale() {
    // A nanosecond passes between any two requests: every answer is stale at once.
    let often = "cache = { fresh = '1ns', stale_while_revalidate = '0s', stale_if_error = '1h' }";
    let never = "cache = { fresh = '1ns', stale_while_revalidate = '0s', stale_if_error = '0s' }";
    for (toml, is_given) in [(often, true), (never, false)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Gateway::with(listener.local_addr().expect("an address"), toml);
        let (answer, ()) = tokio::join!(read_as(&gateway, Legacy, "T", 7, "id=3"), one_answer(listener));
        is(&answer, "miss");
        for door in [Legacy, Json] {
            let answer = read_as(&gateway, door, "T", 7, "id=4").await;
            if is_given {
                is(&answer, "stale");
                assert_eq!((&answer.json()["id"], members(&answer)), (&json!(4), vec![json!("ann")]));
            } else {
                is_refused(&answer, "UPSTREAMDOWN");
            }
        }
    }
}

/// An upstream that answers once and is gone.
async fn one_answer(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    drop(listener);
    let mut request = Vec::new();
    while !request.ends_with(b"}}") {
        stream.read_buf(&mut request).await.expect("a request");
    }
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", ANN.len());
    stream.write_all((head + ANN).as_bytes()).await.expect("an answer");
}

#[tokio::test]
async fn a_stale_answer_is_given_at_once_while_one_new_one_is_fetched() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cache = { fresh = '1ns', stale_while_revalidate = '1h' }");
    stub.will_say(ANN);
    is(&read(&gateway, Legacy).await, "miss");
    let release = stub.will_wait(BOB);
    for door in [Legacy, Json, Legacy] {
        let answer = read(&gateway, door).await;
        is(&answer, "stale");
        assert_eq!(members(&answer), ["ann"]);
    }
    // Whoever gets the new answer first finds it stale in turn, and begins the next.
    stub.will_hold("");
    release.send(()).expect("the stub waits");
    let mut tries = 0;
    while members(&read(&gateway, Legacy).await) != ["bob"] {
        tries += 1;
        assert!(tries < 100_000, "the new answer never comes");
    }
    while stub.call_count() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(stub.take_calls().len(), 3);
}

#[tokio::test]
async fn what_a_write_has_ended_is_not_given_as_stale_either() {
    let stub = Stub::start().await;
    let toml = "cache = { fresh = '1h', stale_while_revalidate = '1h', stale_if_error = '1h' }";
    let gateway = Gateway::with(stub.address, toml);
    is_asked_again(&stub, &gateway, Legacy).await;
    stub.will_say(DONE);
    write(&gateway, Legacy, "groupset").await;
    stub.will_say("HTTP/1.1 502 Bad Gateway\n\n<html>");
    assert_eq!(read(&gateway, Legacy).await.json()["error"], "BADANSWER");
    stub.take_calls();
}

#[tokio::test]
async fn reads_are_counted_by_where_their_answer_came_from() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, KEEP);
    is_asked_again(&stub, &gateway, Legacy).await;
    is(&read(&gateway, Json).await, "hit");
    let metrics = String::from_utf8(get(gateway.admin, "/metrics").await.body).expect("text");
    for line in [
        "mesigate_cache_reads_total{state=\"hit\"} 2",
        "mesigate_cache_reads_total{state=\"miss\"} 1",
        "mesigate_cache_reads_total{state=\"bypass\"} 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line} is not in\n{metrics}");
    }
}
