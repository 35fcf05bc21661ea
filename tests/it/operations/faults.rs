//! Faults of upstream: the outcome is told as far as it is known, and no write is done twice.

use mesigate::sandbox::InjectedFault;
use serde_json::{Value, json};

use super::{APP, Api};
use crate::support::client::Answer;

/// Sends one message while upstream has a fault; returns the answer, and how many such messages upstream then holds.
async fn message_in(api: &Api, fault: InjectedFault) -> (Answer, usize) {
    let messages = || api.state()["messages"].as_array().map_or(0, Vec::len);
    let (before, requests) = (messages(), api.sandbox.requests());
    api.sandbox.fault(fault, 1);
    let answer = api.send(APP, "op=message&from=alice&to=alice&msg=x&id=3").await;
    assert_eq!(api.sandbox.requests(), requests + 1, "{fault:?}: sent once and no more");
    (answer, messages() - before)
}

fn told(answer: &Answer) -> (Value, Option<&str>) {
    let json = answer.json();
    assert_eq!((answer.status, &json["result"], &json["id"]), (200, &json!(false), &json!(3)));
    (json["error"].clone(), answer.header("x-mesigate-outcome"))
}

#[tokio::test]
async fn after_every_fault_the_outcome_is_unknown_and_the_write_is_there_at_most_once() {
    let api = Api::open().await;
    api.user("alice").await;
    for (fault, written) in [
        (InjectedFault::Html, 0),
        (InjectedFault::BadGateway, 0),
        (InjectedFault::Unavailable, 0),
        (InjectedFault::Redirect, 0),
        (InjectedFault::Truncated, 1),
        (InjectedFault::TextResult, 1),
        (InjectedFault::Reset, 1),
        (InjectedFault::Deep, 1),
        (InjectedFault::Huge, 1),
        (InjectedFault::Empty, 1),
        (InjectedFault::Array, 1),
    ] {
        // On a connection that has served before, and on the connection that follows a fault.
        api.done("op=userset&addr=alice&active=1").await;
        for _ in 0..2 {
            let (answer, messages) = message_in(&api, fault).await;
            assert_eq!(told(&answer), (json!("BADANSWER"), Some("unknown")), "{fault:?}");
            assert_eq!(messages, written, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_a_timeout_with_an_unknown_outcome() {
    let api = Api::with("deadline.upstream_first_byte = '500ms'").await;
    api.user("alice").await;
    let (answer, messages) = message_in(&api, InjectedFault::Hang).await;
    assert_eq!(told(&answer), (json!("TIMEOUT"), Some("unknown")));
    assert_eq!(messages, 1);
    api.done("op=message&from=alice&to=alice&msg=x").await;
}
