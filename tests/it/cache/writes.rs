//! What ends cached answers: writes, and tokens that upstream refuses.

use super::Door::{Json, Legacy};
use super::{ANN, AUTHFAIL, DONE, KEEP, REFUSED, is, is_asked_again, read, read_as, write};
use crate::apps::{Secrets, is_refused, post};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

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
        // A write that names no group may have changed any.
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
        // Two tokens may share a counter (cache/generations.rs), but hardly three.
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
