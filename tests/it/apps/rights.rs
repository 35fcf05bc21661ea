//! What an app may do, and where its requests go.

use serde_json::json;

use super::{DONE, Secrets, is_refused, post, sent};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

#[tokio::test]
async fn an_app_may_use_the_operations_it_names_and_no_others() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = secrets.shop("operations = ['message', 'getmembers']") + &secrets.clinic();
    let gateway = Gateway::with(stub.address, &toml);
    for (op, rest, json) in [
        ("message", "&from=a&to=b&msg=x", r#""message":{}"#),
        ("MESSAGE", "&from=a&to=b&msg=x", r#""message":{}"#),
        ("groupgetmembers", "&gid=7", r#""group":{"gid":7}"#),
        ("getmembers", "&gid=7", r#""group":{"gid":7}"#),
    ] {
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op={op}&token=shop-key{rest}")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"{op}","token":"shop-key",{json}}}"#);
        post(gateway.address, "/backend", &body).await;
        assert_eq!(stub.take_calls().len(), 2, "{op}");
    }
    let cause = "`op` is none that this gateway offers: this app may not use it; whoever runs the gateway can add it to the app's operations";
    for op in ["userdel", "deluser", "UserDel"] {
        let legacy = get(gateway.address, &format!("/api.php?op={op}&token=shop-key&uid=5")).await;
        let body = format!(r#"{{"op":"{op}","token":"shop-key","user":{{"uid":5}}}}"#);
        for answer in [legacy, post(gateway.address, "/backend", &body).await] {
            is_refused(&answer, "BADOP");
            assert_eq!((&answer.json()["op"], &answer.json()["cause"]), (&json!(op), &json!(cause)));
        }
    }
}

#[tokio::test]
async fn what_the_table_does_not_know_an_app_may_use_only_where_all_is_said() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(secrets.shop("operations = ['*']") + &secrets.clinic()));
    let unknown = r#"{"op":"uacset","token":"KEY","x":1}"#;
    let answer = post(gateway.address, "/backend", &unknown.replace("KEY", "clinic-key")).await;
    is_refused(&answer, "BADOP");
    for (token, real) in [("shop-key", "shop-real"), ("clinic-real", "clinic-real")] {
        stub.will_say(DONE);
        post(gateway.address, "/backend", &unknown.replace("KEY", token)).await;
        assert_eq!(sent(&stub), [unknown.replace("KEY", real)]);
    }
}

#[tokio::test]
async fn no_key_opens_the_console_through_either_door() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(secrets.shop("operations = ['*']") + &secrets.clinic()));
    for op in ["login", "appstats", "appadd", "appdel", "appset", "apptoken", "appflags", "AppToken"] {
        for key in ["shop-key", "clinic-key"] {
            let body = format!(r#"{{"op":"{op}","token":"{key}","app":{{"aid":1}}}}"#);
            is_refused(&post(gateway.address, "/backend", &body).await, "BADOP");
            is_refused(&get(gateway.address, &format!("/api.php?op={op}&token={key}")).await, "BADOP");
        }
    }
    for op in [r"apptoken\u0000", r"apptoken ", r"\u00a0apptoken", r"app\u0001token", r"app\u200btoken"] {
        let body = format!(r#"{{"op":"{op}","token":"shop-key","app":{{"aid":1}}}}"#);
        let answer = post(gateway.address, "/backend", &body).await;
        assert_eq!(answer.json()["result"], false, "{op}");
    }
    // The real token has no rights to restrict: its owner can do everything in mesibo's console anyway.
    let raw = r#"{"op":"apptoken","token":"shop-real","app":{"aid":1}}"#;
    stub.will_say(DONE);
    post(gateway.address, "/backend", raw).await;
    assert_eq!(sent(&stub), [raw]);
}

#[tokio::test]
async fn an_app_goes_to_its_own_upstream_and_single_operations_elsewhere() {
    let (all, own, routed) = (Stub::start().await, Stub::start().await, Stub::start().await);
    let secrets = Secrets::new();
    let more = format!(
        "upstream = {{ url = 'http://{}/own/' }}\nroutes = [{{ operations = ['groupset', 'deluser'], url = 'http://{}/routed/' }}]",
        own.address, routed.address
    );
    let gateway = Gateway::with(all.address, &(secrets.clinic() + &secrets.shop(&more)));
    let stubs = [(&all, "/backend/"), (&own, "/own/"), (&routed, "/routed/")];
    for (op, key, expected) in [
        ("groupset", "shop-key", 2),
        ("userdel", "shop-key", 2),
        ("deluser", "shop-key", 2),
        ("groupdel", "shop-key", 1),
        ("groupset", "clinic-key", 0),
        ("groupset", "T", 0),
    ] {
        let (stub, path) = stubs[expected];
        stub.will_say(DONE);
        get(gateway.address, &format!("/api.php?op={op}&token={key}&gid=7&uid=5")).await;
        stub.will_say(DONE);
        let body = format!(r#"{{"op":"{op}","token":"{key}","group":{{"gid":7}}}}"#);
        post(gateway.address, "/backend", &body).await;
        // The other stubs fail the test if they are called.
        let calls = stub.take_calls();
        assert_eq!(calls.len(), 2, "{op} with {key}");
        assert!(calls.iter().all(|call| call.head.starts_with(&format!("POST {path} HTTP/1.1"))));
    }
}

#[tokio::test]
async fn a_json_operation_that_the_table_does_not_know_goes_to_the_apps_upstream() {
    let (all, own) = (Stub::start().await, Stub::start().await);
    let secrets = Secrets::new();
    let more = format!("operations = ['*']\nupstream = {{ url = 'http://{}/own/' }}", own.address);
    let gateway = Gateway::with(all.address, &secrets.shop(&more));
    own.will_say(DONE);
    post(gateway.address, "/backend", r#"{"op":"uacset","token":"shop-key"}"#).await;
    assert_eq!(sent(&own), [r#"{"op":"uacset","token":"shop-real"}"#]);
}
