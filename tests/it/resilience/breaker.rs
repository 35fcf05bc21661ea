//! The breaker: opens when upstream fails again and again, and tries it once the wait is over.

use tokio::net::TcpListener;

use super::{DONE, FAULTS, PAGE, READ, WRITE, begin, is, is_done, metric, retry_after};
use crate::apps::Secrets;
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const OPEN_LONG: &str = "breaker = { failures = 3, wait = '1h', longest = '1h' }";

/// Lets upstream fail this often, so that the breaker opens.
async fn fail(stub: &Stub, gateway: &Gateway, times: usize) {
    for _ in 0..times {
        stub.will_send(PAGE.into());
        is(&get(gateway.address, WRITE).await, "BADANSWER", "unknown");
    }
    assert_eq!(stub.take_calls().len(), times);
}

#[tokio::test]
async fn an_upstream_that_fails_in_a_row_is_left_alone_at_once_and_for_all_workers() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &format!("listen.workers = 4\n{OPEN_LONG}"));
    let open = format!("breaker_open{{upstream=\"{}\"}}", stub.address);
    let openings = format!("breaker_openings_total{{upstream=\"{}\"}}", stub.address);
    fail(&stub, &gateway, 2).await;
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    stub.take_calls();
    fail(&stub, &gateway, 2).await;
    assert_eq!((metric(&gateway, &open).await, metric(&gateway, &openings).await), (0, 0));
    fail(&stub, &gateway, 1).await;
    for target in [READ, WRITE].repeat(20) {
        let answer = get(gateway.address, target).await;
        is(&answer, "UPSTREAMDOWN", "not-sent");
        assert!((3200..=3960).contains(&retry_after(&answer)), "{}", retry_after(&answer));
    }
    assert_eq!((metric(&gateway, &open).await, metric(&gateway, &openings).await), (1, 1));
}

#[tokio::test]
async fn every_fault_of_transport_counts_and_no_refusal_of_upstreams_does() {
    let stub = Stub::start().await;
    for fault in FAULTS {
        let gateway = Gateway::with(stub.address, "breaker = { failures = 1, wait = '1h', longest = '1h' }");
        for error in ["AUTHFAIL", "NOUSER", "SERVERERROR"] {
            stub.will_say(&format!(r#"{{"result":false,"error":"{error}","code":500}}"#));
            is(&get(gateway.address, WRITE).await, error, "done");
        }
        stub.will_send(fault.into());
        is(&get(gateway.address, WRITE).await, "BADANSWER", "unknown");
        is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
        assert_eq!(stub.take_calls().len(), 4, "{fault:?}");
    }
    let gone = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let gateway = Gateway::with(gone, "breaker = { failures = 1, wait = '1h', longest = '1h' }");
    assert_eq!(get(gateway.address, WRITE).await.header("retry-after"), None);
    assert!(retry_after(&get(gateway.address, WRITE).await) > 3000);
    stub.will_hold("");
    let silent =
        "deadline.upstream_first_byte = '50ms'\nbreaker = { failures = 1, wait = '1h', longest = '1h' }";
    let gateway = Gateway::with(stub.address, silent);
    is(&get(gateway.address, WRITE).await, "TIMEOUT", "unknown");
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn when_the_wait_is_over_one_request_tries_and_the_others_are_still_refused() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "breaker = { failures = 1, wait = '50ms', longest = '1h' }");
    fail(&stub, &gateway, 1).await;
    let release = stub.will_wait(DONE);
    let mut trying = begin(&gateway, WRITE);
    while stub.call_count() == 0 {
        if trying.is_finished() {
            is(&trying.await.expect("an answer"), "UPSTREAMDOWN", "not-sent");
            trying = begin(&gateway, WRITE);
        }
        tokio::task::yield_now().await;
    }
    for _ in 0..5 {
        is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    }
    release.send(()).expect("the stub waits");
    is_done(&trying.await.expect("an answer"));
    for _ in 0..5 {
        stub.will_say(DONE);
        is_done(&get(gateway.address, WRITE).await);
    }
    assert_eq!(stub.take_calls().len(), 6);
}

const HOSTILE: &str = "/api.php?op=message&token=nobody&from=a&to=b&msg=x";

/// A proxy in front of upstream answers some requests with a page of its own, whatever upstream would say.
#[tokio::test]
async fn what_one_callers_requests_come_to_closes_upstream_for_nobody_else() {
    for (status, left_alone) in [("403 Forbidden", false), ("413 Too Large", false), ("500 Failed", true)] {
        let stub = Stub::start().await;
        let gateway = Gateway::with(stub.address, "breaker = { failures = 3, wait = '1h', longest = '1h' }");
        for round in 0..10 {
            stub.will_send(format!("HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n<html>no!").into());
            let answer = get(gateway.address, HOSTILE).await;
            let expected = if left_alone && round >= 3 { "UPSTREAMDOWN" } else { "BADANSWER" };
            assert_eq!(answer.json()["error"], expected, "{status} {round}");
            stub.forget_answers();
            stub.will_say(DONE);
            is_done(&get(gateway.address, WRITE).await);
            stub.forget_answers();
        }
        stub.take_calls();
    }
}

/// Not with a new token for each request either, nor with an upstream that no other caller has used yet.
#[tokio::test]
async fn invented_tokens_close_upstream_for_nobody_who_is_known() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "breaker = { failures = 3, wait = '1h', longest = '1h' }");
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    for round in 0..40 {
        stub.will_send(PAGE.into());
        get(gateway.address, &HOSTILE.replace("nobody", &format!("nobody{round}"))).await;
        stub.forget_answers();
    }
    stub.will_say(DONE);
    is_done(&get(gateway.address, WRITE).await);
    stub.take_calls();
}

#[tokio::test]
async fn upstreams_are_left_alone_each_for_itself() {
    let (stub, own, secrets) = (Stub::start().await, Stub::start().await, Secrets::new());
    let upstream = format!("upstream = {{ url = 'http://{}/', kind = 'on-premise' }}", own.address);
    let breaker = "breaker = { failures = 1, wait = '1h', longest = '1h' }";
    let gateway = Gateway::with(stub.address, &format!("{breaker}\n{}", secrets.shop(&upstream)));
    fail(&stub, &gateway, 1).await;
    is(&get(gateway.address, WRITE).await, "UPSTREAMDOWN", "not-sent");
    own.will_say(DONE);
    is_done(&get(gateway.address, "/api.php?op=userdel&token=shop-key&uid=5").await);
    assert_eq!(own.take_calls().len(), 1);
    for (address, is_open) in [(stub.address, 1), (own.address, 0)] {
        assert_eq!(metric(&gateway, &format!("breaker_open{{upstream=\"{address}\"}}")).await, is_open);
    }
}
