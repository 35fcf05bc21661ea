//! What an app's settings hide in answers from clients that have one of its keys, on both doors.

use serde_json::{Value, json};

use crate::apps::{Secrets, post};
use crate::support::client::{Answer, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const HIDE: &str = "hide = ['app.secret', 'fcm_key']";

/// Upstream's answers, and what a client with a key sees of each where [`HIDE`] is set.
const ANSWERS: [[&str; 2]; 4] = [
    [
        r#"{"op":"userdel", "app":{"aid":"1","secret":"S3CRET","fcm_key":"S3CRET","name":"é\/"}, "result":true}"#,
        r#"{"op":"userdel", "app":{"aid":"1","name":"é\/"}, "result":true}"#,
    ],
    [
        r#"{"result":true,"user":{"uid":5,"app":[{"s\u0065cret":"S3CRET"},[{"secret":{"x":["S3CRET"]},"a":1.50}]]}}"#,
        r#"{"result":true,"user":{"uid":5,"app":[{},[{"a":1.50}]]}}"#,
    ],
    [
        r#"{"app":{"secret":1,"secret":"S3CRET"},"\u0061pp":{"x":0,"secret":"S3CRET"},"result":false,"error":"NOUSER","code":404}"#,
        r#"{"app":{},"\u0061pp":{"x":0},"result":false,"error":"NOUSER","code":404}"#,
    ],
    [
        r#"{"result":true,"secret":"of nobody's app","user":{"secret":"hers"},"app":"secret"}"#,
        r#"{"result":true,"secret":"of nobody's app","user":{"secret":"hers"},"app":"secret"}"#,
    ],
];

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("text")
}

/// Two apps with one token; the first of them hides.
fn two_of_one_token(secrets: &Secrets) -> String {
    secrets.write("clinic-token", "shop-real");
    secrets.shop(HIDE) + &secrets.clinic()
}

async fn userdel(gateway: &Gateway, token: &str) -> Answer {
    let body = format!(r#"{{"op":"userdel","token":"{token}","user":{{"uid":5}}}}"#);
    post(gateway.address, "/backend", &body).await
}

#[tokio::test]
async fn what_an_app_hides_its_keys_do_not_see_and_all_else_stays_to_the_byte() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &two_of_one_token(&secrets));
    for [said, shown] in ANSWERS {
        for (token, expected) in [("shop-key", shown), ("clinic-key", said), ("shop-real", said), ("T", said)]
        {
            stub.will_say(said);
            let answer = userdel(&gateway, token).await;
            assert_eq!(text(&answer), expected, "{token}");
            assert_eq!(answer.header("content-length"), Some(expected.len().to_string().as_str()));
            assert_eq!(answer.header("x-mesigate-outcome"), Some("done"));
        }
    }
    assert_eq!(stub.take_calls().len(), 4 * ANSWERS.len());
}

#[tokio::test]
async fn without_the_setting_the_json_door_is_upstreams_own() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    for [said, _] in ANSWERS {
        stub.will_say(said);
        assert_eq!(text(&userdel(&gateway, "shop-key").await), said);
    }
    assert_eq!(stub.take_calls().len(), ANSWERS.len());
}

const PAGE: &str = r#"{"app":{"secret":"S3CRET","x":1},"result":true,"count":2,"members":[{"uid":1,"address":"ann","fcm_key":"S3CRET"},{"uid":2,"address":"bob","app":{"secret":"S3CRET"}}]}"#;

async fn members(gateway: &Gateway, door: &str, token: &str, count: u32) -> Answer {
    if door == "legacy" {
        let target = format!("/api.php?op=groupgetmembers&token={token}&gid=7&count={count}");
        return get(gateway.address, &target).await;
    }
    let body =
        format!(r#"{{"op":"groupgetmembers","token":"{token}","count":{count},"group":{{"gid":7}},"id":9}}"#);
    post(gateway.address, "/backend", &body).await
}

/// Whoever of them reads first: the cached answer is upstream's own, and each caller sees its own part of it.
#[tokio::test]
async fn a_kept_answer_is_cut_for_each_caller() {
    let all = ["shop-key", "clinic-key", "shop-real"];
    for first in all {
        for door in ["legacy", "json"] {
            let (stub, secrets) = (Stub::start().await, Secrets::new());
            let keep = format!("cache.fresh = '1h'\n{}", two_of_one_token(&secrets));
            let gateway = Gateway::with(stub.address, &keep);
            stub.will_say(PAGE);
            members(&gateway, door, first, 2).await;
            for (token, count) in
                [("shop-key", 2), ("clinic-key", 2), ("shop-real", 2), ("shop-key", 1), ("shop-real", 1)]
            {
                let json = members(&gateway, "json", token, count).await;
                assert_eq!(json.header("x-cache"), Some("hit"));
                let hides = token == "shop-key";
                assert_eq!(text(&json).contains("S3CRET"), !hides, "{first}, {token}: {}", text(&json));
                assert_eq!(json.json()["members"].as_array().map(Vec::len), Some(count as usize));
                assert_eq!((&json.json()["app"]["x"], &json.json()["id"]), (&json!(1), &json!(9)));
                let legacy = members(&gateway, "legacy", token, count).await;
                assert_eq!(legacy.header("x-cache"), Some("hit"));
                assert_eq!(legacy.json()["members"][0]["address"], "ann");
                assert!(!text(&legacy).contains("S3CRET"));
            }
            assert_eq!(stub.take_calls().len(), 1);
        }
    }
}

/// An operator's own table may show on the old door what the shipped one does not.
#[tokio::test]
async fn the_old_door_hides_it_too_where_the_table_shows_it_under_another_name() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let row = "[[operation]]\nname = 'userdel'\nsummary = 'Delete'\neffect = 'converge'\n\
               params = [{ name = 'uid', to = '/user/uid', type = 'integer', need = 'required', doc = 'x' }]\n\
               answer = [{ at = '/hook', from = ['/app/secret'], type = 'text' }, { at = '/user/uid', type = 'integer' }]\n\
               [[operation]]\nname = 'groupgetmembers'\nsummary = 'Members'\neffect = 'read'\ngroup = 'gid'\ncache = 'read'\n\
               params = [{ name = 'gid', to = '/group/gid', type = 'integer', need = 'required', doc = 'x' }]\n\
               answer = [{ at = '/hook', from = ['/app/secret'], type = 'text' }]\n";
    secrets.write("table.toml", row);
    let settings = format!(
        "operations = '{}'\ncache.fresh = '1h'\n{}",
        secrets.path("table.toml"),
        two_of_one_token(&secrets)
    );
    let gateway = Gateway::with(stub.address, &settings);
    let hook = async |target: &str| get(gateway.address, target).await.json()["hook"].clone();
    let said = r#"{"result":true,"app":{"secret":"S3CRET"},"user":{"uid":5}}"#;
    for (key, expected) in
        [("clinic-key", json!("S3CRET")), ("shop-key", Value::Null), ("shop-real", json!("S3CRET"))]
    {
        stub.will_say(said);
        assert_eq!(hook(&format!("/api.php?op=userdel&token={key}&uid=5")).await, expected, "{key}");
    }
    stub.will_say(said);
    for (key, expected) in
        [("clinic-key", json!("S3CRET")), ("shop-key", Value::Null), ("shop-real", json!("S3CRET"))]
    {
        for _ in 0..2 {
            let found = hook(&format!("/api.php?op=groupgetmembers&token={key}&gid=7")).await;
            assert_eq!(found, expected, "{key}");
        }
    }
    assert_eq!(stub.take_calls().len(), 4);
}

#[tokio::test]
async fn new_settings_hide_from_the_next_request_on_also_what_was_kept_before() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let settings = |more: &str| {
        format!(
            "upstream.url = 'http://{}/backend/'\ncache.fresh = '1h'\n{}",
            stub.address,
            secrets.shop(more)
        )
    };
    let gateway = Gateway::start(&settings(""));
    stub.will_say(PAGE);
    assert!(text(&members(&gateway, "json", "shop-key", 2).await).contains("S3CRET"));
    gateway.reload(&settings(HIDE));
    let answer = members(&gateway, "json", "shop-key", 2).await;
    assert_eq!(answer.header("x-cache"), Some("hit"));
    assert!(!text(&answer).contains("S3CRET"));
    assert_eq!(stub.take_calls().len(), 1);
}
