//! For which callers an answer is cached, and which answers are.

use super::Door::{Json, Legacy};
use super::{ANN, AUTHFAIL, BOB, DONE, KEEP, REFUSED, is, is_asked_again, members, page, read, read_as};
use crate::apps::{Secrets, post, sent};
use crate::support::client::{ask, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn nobody_sees_what_is_kept_for_another_app_token_group_or_upstream() {
    let (stub, elsewhere, secrets) = (Stub::start().await, Stub::start().await, Secrets::new());
    let own = format!("upstream = {{ url = 'http://{}/' }}", elsewhere.address);
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + &secrets.shop(&own) + &secrets.clinic()));
    stub.will_say(ANN);
    is(&read_as(&gateway, Legacy, "T", 7, "").await, "miss");
    for (stub, token, gid) in
        [(&stub, "U", 7), (&stub, "T", 8), (&stub, "clinic-key", 7), (&elsewhere, "shop-key", 7)]
    {
        for door in [Legacy, Json] {
            if door == Legacy {
                stub.will_say(BOB);
            }
            let answer = read_as(&gateway, door, token, gid, "").await;
            is(&answer, if door == Legacy { "miss" } else { "hit" });
            assert_eq!(members(&answer), ["bob"], "{token}");
        }
    }
    assert_eq!((stub.take_calls().len(), elsewhere.take_calls().len()), (4, 1));
    assert_eq!(members(&read(&gateway, Json).await), ["ann"]);
}

/// A key, a key of another app with the same token, and the token itself.
#[tokio::test]
async fn all_who_reach_one_token_of_upstreams_share_what_is_kept_and_see_each_others_writes() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("clinic-token", "shop-real");
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + &secrets.two_apps()));
    let all = ["shop-key", "clinic-key", "shop-real"];
    for writer in all {
        for (reader, state) in all.into_iter().zip(["miss", "hit", "hit"]) {
            if state == "miss" {
                stub.will_say(ANN);
            }
            is(&read_as(&gateway, Legacy, reader, 7, "").await, state);
        }
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op=groupset&token={writer}&gid=7")).await;
    }
    stub.will_say(BOB);
    assert_eq!(members(&read_as(&gateway, Json, "shop-key", 7, "").await), ["bob"]);
    assert_eq!(stub.take_calls().len(), 3 + 3 + 1);
}

/// Any client could send such tokens.
#[tokio::test]
async fn tokens_that_are_made_up_end_nothing_that_is_kept_for_others() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(KEEP.to_owned() + &secrets.two_apps()));
    let good = ["shop-key", "T"];
    for token in good {
        stub.will_say(ANN);
        is(&read_as(&gateway, Legacy, token, 7, "").await, "miss");
    }
    for number in 0..1_500 {
        for op in ["groupset", "userdel"] {
            stub.will_say(AUTHFAIL);
            get(gateway.address, &format!("/api.php?op={op}&token=x{number}&gid=7&uid=5")).await;
        }
    }
    for token in good {
        is(&read_as(&gateway, Legacy, token, 7, "").await, "hit");
    }
    assert_eq!(stub.take_calls().len(), 2 + 3_000);
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
        // An answer with a request's id belongs to that request alone.
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
    // An empty list is a list.
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
        r#","count":null"#,
        r#","count":"five""#,
        r#","group":{"gid":"7"}"#,
        r#","group":{"gid":7,"since":1}"#,
        r#","group":{"gid":"seven"}"#,
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
            (Json, r#"{"op":"groupgetmembers","token":"T","id":3,"count":20,"group":{"gid":7}}"#),
        ] {
            stub.will_say(ANN);
            is(&read_as(&gateway, door, "T", 7, "id=3&count=50").await, "bypass");
            assert_eq!(sent(&stub), [sends]);
        }
    }
}
