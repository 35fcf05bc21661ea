//! What a refusal says, and what a request costs.

use serde_json::json;

use super::{DONE, passes, two, userdel};
use crate::apps::{Secrets, is_refused, post};
use crate::support::client::{get, metrics};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn a_refusal_names_the_limit_and_the_wait_and_sends_nothing() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limit = "limit = [{ name = 'calls', per = 'app', rate = '2/day', burst = 3 }]\n";
    let gateway = Gateway::with(stub.address, &(limit.to_owned() + &secrets.shop("")));
    for left in ["2", "1", "0"] {
        stub.will_say(DONE);
        let answer = userdel(gateway.address, "shop-key").await;
        assert_eq!(answer.header("ratelimit-policy"), Some("\"calls\";q=2;w=86400"));
        let state = answer.header("ratelimit").expect("a header");
        assert!(state.starts_with(&format!("\"calls\";r={left};t=")), "{state}");
        assert_eq!(answer.header("retry-after"), None);
    }
    assert_eq!(stub.take_calls().len(), 3);
    let body = r#"{"op":"userdel","token":"shop-key","id":3,"user":{"uid":5}}"#;
    let legacy = userdel(gateway.address, "shop-key").await;
    for answer in [legacy, post(gateway.address, "/backend", body).await] {
        is_refused(&answer, "RATELIMIT");
        let wait = answer.header("retry-after").expect("a header");
        assert!((1..=43_200).contains(&wait.parse::<u64>().expect("seconds")), "{wait}");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"calls\";q=2;w=86400"));
        assert_eq!(answer.header("ratelimit"), Some(&*format!("\"calls\";r=0;t={wait}")));
        let cause = format!("the limit `calls` is reached: try again in {wait} s; nothing was sent");
        let expected = json!({"op": "userdel", "result": false, "error": "RATELIMIT", "code": 429, "cause": cause, "id": 3});
        assert_eq!((answer.status, answer.json()), (200, expected));
    }
    assert!(
        metrics(gateway.admin).await.contains("mesigate_limited_total{rule=\"calls\",mode=\"enforce\"} 2\n")
    );
}

#[tokio::test]
async fn a_refusal_is_a_429_where_the_settings_ask_for_real_status_codes() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = format!("legacy.status = 'http'\n{}{}", two("per = 'app', burst = 1"), secrets.shop(""));
    let gateway = Gateway::with(stub.address, &toml);
    assert!(passes(&stub, DONE, userdel(gateway.address, "shop-key")).await);
    assert_eq!(userdel(gateway.address, "shop-key").await.status, 429);
}

#[tokio::test]
async fn a_limit_in_shadow_mode_refuses_nobody_and_is_told_and_counted() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(two("per = 'app', mode = 'shadow'") + &secrets.shop("")));
    for number in 0..5 {
        stub.will_say(DONE);
        let answer = userdel(gateway.address, "shop-key").await;
        assert_eq!(answer.json()["result"], true);
        let would = (number >= 2).then_some("calls");
        assert_eq!(answer.header("x-mesigate-would-limit"), would);
        for none in ["ratelimit", "ratelimit-policy", "retry-after"] {
            assert_eq!(answer.header(none), None);
        }
    }
    assert_eq!(stub.take_calls().len(), 5);
    assert!(
        metrics(gateway.admin).await.contains("mesigate_limited_total{rule=\"calls\",mode=\"shadow\"} 3\n")
    );
}

#[tokio::test]
async fn a_request_costs_as_many_as_the_members_it_names() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limit = "limit = [{ name = 'edits', operations = ['groupeditmembers'], per = 'app', rate = '5/day', cost = 'members' }]\n";
    let json = |members: &str| {
        format!(
            r#"{{"op":"groupeditmembers","token":"shop-key","group":{{"gid":7,"members":{{"m":"{members}"}}}}}}"#
        )
    };
    for door in ["legacy", "json"] {
        let gateway = Gateway::with(stub.address, &(limit.to_owned() + &secrets.shop("")));
        let edit = async |members: &str| {
            if door == "json" {
                return post(gateway.address, "/backend", &json(members)).await;
            }
            get(gateway.address, &format!("/api.php?op=groupeditmembers&token=shop-key&gid=7&m={members}"))
                .await
        };
        assert!(passes(&stub, DONE, edit("a,b,,c,")).await);
        is_refused(&edit("a,b,c").await, "RATELIMIT");
        // A request that did not pass took nothing.
        assert!(passes(&stub, DONE, edit("a,b")).await);
        is_refused(&edit("a").await, "RATELIMIT");
        let never = edit("a,b,c,d,e,f").await;
        is_refused(&never, "RATELIMIT");
        assert_eq!(never.header("retry-after"), None);
        assert_eq!(
            never.json()["cause"],
            "the request alone is over the limit `edits`: send 5 at most at once; nothing was sent"
        );
        // Other operations have other limits.
        assert!(passes(&stub, DONE, userdel(gateway.address, "shop-key")).await);
    }
}
