//! One entry for both doors: upstream is asked once, and each caller gets the answer in its own form.

use serde_json::{Value, json};

use super::Door::{Json, Legacy};
use super::{ANN, KEEP, is, members, page, read, read_as};
use crate::apps::{post, sent};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

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
        // A call that several callers may share carries no caller's `id`.
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
        // More rows than the entry was asked for, and a page whose size upstream chooses.
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
