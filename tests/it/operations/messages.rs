//! Messages: which users they reach, and when.

use serde_json::json;

use super::{APP, Api, MINUTE, refusal};

#[tokio::test]
async fn a_message_reaches_everybody_it_names_as_it_was_written() {
    let api = Api::open().await;
    for address in ["alice", "bob", "carol"] {
        api.user(address).await;
    }
    let text = "%20%22%F0%9F%98%80%22%0A%5C%25+%2B ".trim_end();
    let more = "&type=7&flag=0x3&forced=1&title=T&url=https%3A%2F%2Fa.example%2F%3Fb%3Dc";
    let answer = api.done(&format!("op=message&from=alice&to=bob,carol&gid=0&msg={text}{more}")).await;
    assert_eq!(answer, json!({ "op": "message", "result": true }));
    for address in ["bob", "carol"] {
        let [got] = &api.sandbox.inbox(APP, address)[..] else { panic!("{address} has one message") };
        assert_eq!(got.message, " \"\u{1f600}\"\n\\% +");
        assert_eq!(
            (got.from.as_str(), got.kind, got.flags, got.forced, got.gid),
            ("alice", 7, 3, true, None)
        );
        assert_eq!((got.title.as_deref(), got.url.as_deref()), (Some("T"), Some("https://a.example/?b=c")));
    }
    assert_eq!(api.counts(["alice"]), [0]);
}

#[tokio::test]
async fn when_schedules_a_message_and_expiry_ends_it_both_in_seconds() {
    let api = Api::open().await;
    api.user("alice").await;
    api.user("bob").await;
    api.done("op=message&from=alice&to=bob&msg=x&when=300&expiry=600").await;
    api.done("op=message&from=alice&to=bob&msg=now&when=0").await;
    api.sandbox.advance(4 * MINUTE);
    assert_eq!(api.counts(["bob"]), [1]);
    api.sandbox.advance(MINUTE);
    assert_eq!(api.counts(["bob"]), [2]);
    api.sandbox.advance(9 * MINUTE);
    assert_eq!(api.counts(["bob"]), [2]);
    api.sandbox.advance(MINUTE);
    assert_eq!(api.counts(["bob"]), [1], "the other one lives for a year");
}

#[tokio::test]
async fn a_message_from_or_to_nobody_is_refused_by_its_old_name() {
    let api = Api::open().await;
    api.user("alice").await;
    assert_eq!(
        api.refused("op=message&from=nobody&to=alice&msg=x").await,
        refusal("NOUSER", json!(["from"]))
    );
    assert_eq!(api.refused("op=message&from=alice&to=nobody&msg=x").await, refusal("NOUSER", json!(["to"])));
    assert_eq!(api.state()["messages"], json!([]));
}
