//! Limits of mesibo's cloud, and on-premise.

use serde_json::Value;

use super::{passing, two};
use crate::apps::{Secrets, post};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn a_limit_for_the_cloud_does_not_hold_for_servers_of_ones_own() {
    let (cloud, own, secrets) = (Stub::start().await, Stub::start().await, Secrets::new());
    let limit = two("per = 'app', burst = 1, on_premise = false");
    let everywhere = format!("{limit}upstream.kind = 'on-premise'\n{}", secrets.two_apps());
    let gateway = Gateway::with(own.address, &everywhere);
    assert_eq!(passing(&own, gateway.address, "shop-key").await, 4);

    let route = format!(
        "routes = [{{ operations = ['userdel'], url = 'http://{}/', kind = 'on-premise' }}]",
        own.address
    );
    let gateway = Gateway::with(cloud.address, &(limit + &secrets.shop(&route) + &secrets.clinic()));
    assert_eq!(passing(&own, gateway.address, "shop-key").await, 4);
    assert_eq!(passing(&cloud, gateway.address, "clinic-key").await, 1);
}

#[tokio::test]
async fn as_shipped_the_cloud_is_asked_for_20_members_at_most_and_an_app_may_list_30_times_at_once() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let url = format!("upstream.url = 'http://{}/'\n", stub.address);
    for (kind, asked) in [("cloud", 20), ("on-premise", 100)] {
        let gateway = Gateway::as_shipped(&format!("{url}upstream.kind = '{kind}'\n{}", secrets.shop("")));
        let address = gateway.address;
        let body = r#"{"op":"groupgetmembers","token":"shop-key","count":100,"group":{"gid":7}}"#;
        for door in ["legacy", "json"] {
            stub.will_say(r#"{"result":true}"#);
            let answer = if door == "legacy" {
                get(address, "/api.php?op=groupgetmembers&token=shop-key&gid=7&count=100").await
            } else {
                post(address, "/backend", body).await
            };
            let sent: Value = serde_json::from_slice(&stub.take_calls()[0].body).expect("JSON");
            assert_eq!(sent["count"], asked, "{kind}, {door}");
            let policy = (kind == "cloud").then_some("\"members\";q=30;w=60");
            assert_eq!(answer.header("ratelimit-policy"), policy);
        }
        stub.will_say(r#"{"result":true,"members":[]}"#);
        let (mut passed, mut refused) = (2, false);
        while !refused && passed < 200 {
            refused = post(address, "/backend", body).await.json()["error"] == "RATELIMIT";
            passed += usize::from(!refused);
        }
        // On a slow machine part of the budget refills meanwhile.
        assert!(passed >= 30 && refused == (kind == "cloud"), "{kind}: {passed}");
        assert_eq!(stub.take_calls().len(), 1);
    }
}
