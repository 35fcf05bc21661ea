//! Repeats: which requests are sent again, and how often.

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use super::{FAULTS, MEMBERS, PAGE, READ, begin, is, is_done, metric};
use crate::apps::post;
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn a_read_is_asked_again_and_a_write_is_not() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 100");
    for fault in FAULTS {
        stub.will_send(fault.into());
        stub.will_send(fault.into());
        stub.will_say(MEMBERS);
        is_done(&get(gateway.address, READ).await);
        let calls = stub.take_calls();
        assert_eq!(calls.len(), 3, "{fault:?}");
        assert!(calls.iter().all(|call| call.body == calls[0].body && call.head == calls[0].head));
        for _ in 0..3 {
            stub.will_send(fault.into());
        }
        is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), 3, "no more than retry.most");
        for write in ["useradd&addr=a&appid=b", "userdel&uid=5", "message&from=a&to=b&msg=x"] {
            stub.will_send(fault.into());
            let answer = get(gateway.address, &format!("/api.php?op={write}&token=T")).await;
            is(&answer, "BADANSWER", "unknown");
            assert_eq!(stub.take_calls().len(), 1, "{write} {fault:?}");
        }
        // It is unknown what an unknown operation would do twice.
        stub.will_send(fault.into());
        let answer = post(gateway.address, "/backend", r#"{"op":"new","token":"T"}"#).await;
        is(&answer, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), 1);
    }
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"no_answer\"}").await, 4 * FAULTS.len() as u64);
}

#[tokio::test]
async fn a_read_through_the_cache_is_asked_again_once_for_all_who_wait() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ncache.fresh = '1h'");
    stub.will_send(PAGE.into());
    stub.will_say(MEMBERS);
    let reads = [(); 5].map(|()| begin(&gateway, READ));
    for read in reads {
        is_done(&read.await.expect("an answer"));
    }
    assert_eq!(stub.take_calls().len(), 2);
}

#[tokio::test]
async fn an_answer_that_says_no_or_too_much_is_not_asked_for_again() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ncap.answer = 100");
    stub.will_say(r#"{"result":false,"error":"NOGROUP","code":400}"#);
    is(&get(gateway.address, READ).await, "NOGROUP", "done");
    assert_eq!(stub.take_calls().len(), 1);
    stub.will_say(&format!(r#"{{"result":true,"members":[],"x":"{}"}}"#, "x".repeat(100)));
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn repeats_are_a_share_of_the_calls() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 20");
    // The budget starts with three repeats, and grows by a fifth of one for each call.
    for calls in [3, 2, 1, 1, 2, 1] {
        for _ in 0..calls {
            stub.will_send(PAGE.into());
        }
        is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
        assert_eq!(stub.take_calls().len(), calls);
    }
    let gateway = Gateway::with(stub.address, "retry.most = 2\nretry.share = 0");
    stub.will_send(PAGE.into());
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_read_that_took_too_long_is_asked_again_while_there_is_time() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "retry.most = 2\ndeadline.upstream_first_byte = '300ms'");
    stub.will_hold("");
    stub.will_say(MEMBERS);
    is_done(&get(gateway.address, READ).await);
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"timeout\"}").await, 1);

    let all = "retry.most = 2\ndeadline.upstream_first_byte = '50ms'\ndeadline.total = '50ms'";
    let gateway = Gateway::with(stub.address, all);
    stub.will_hold("");
    is(&get(gateway.address, READ).await, "TIMEOUT", "unknown");
    assert_eq!(stub.take_calls().len(), 1, "the deadline is one for all tries");
}

#[tokio::test]
async fn one_try_that_was_sent_makes_the_outcome_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gateway = Gateway::with(listener.local_addr().expect("an address"), "retry.most = 2");
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        stream.read_buf(&mut Vec::new()).await.expect("a request");
        // The listener is gone when the answer breaks off.
        drop(listener);
    });
    is(&get(gateway.address, READ).await, "BADANSWER", "unknown");
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"no_answer\"}").await, 1);
    assert_eq!(metric(&gateway, "upstream_repeats_total{why=\"unreachable\"}").await, 1);
}
