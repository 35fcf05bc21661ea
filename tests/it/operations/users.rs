//! Users: their tokens, passwords, and deletion.

use mesigate::sandbox::LoginRefused;
use serde_json::json;

use super::{APPID, Api, MINUTE, ends_in, refusal};

#[tokio::test]
async fn useradd_makes_a_user_with_everything_that_was_said() {
    let api = Api::open().await;
    let said = "name=A%C3%AF+B&active=1&groups=5&flag=0x10&otp=77&restrictions=2&session=1&id=9";
    let answer = api.done(&format!("op=useradd&addr=alice&appid={APPID}&{said}")).await;
    let user = &api.state()["users"][0];
    assert_eq!(answer["id"], 9);
    assert_eq!(
        answer["user"],
        json!({ "uid": user["uid"], "address": "alice", "token": user["tokens"][0]["token"] })
    );
    for (member, value) in [
        ("name", json!("Aï B")),
        ("active", json!(true)),
        ("groups", json!(5)),
        ("flags", json!(16)),
        ("otp", json!("77")),
        ("restrictions", json!(2)),
    ] {
        assert_eq!(user[member], value, "{member}");
    }
}

#[tokio::test]
async fn a_token_lives_for_the_minutes_that_were_asked_for_and_in_its_app_only() {
    let api = Api::open().await;
    let answer = api.done("op=useradd&addr=alice&appid=com.example.app&expiry=60").await;
    let token = answer["user"]["token"].as_str().expect("a token");
    assert_eq!(api.sandbox.login(token, "com.example.other"), Err(LoginRefused::OtherApp));
    api.sandbox.advance(58 * MINUTE);
    assert_eq!(api.login(token).ok(), answer["user"]["uid"].as_u64());
    api.sandbox.advance(2 * MINUTE);
    assert_eq!(api.login(token), Err(LoginRefused::Expired));
}

#[tokio::test]
async fn a_token_lives_for_a_year_when_nothing_is_said() {
    let api = Api::open().await;
    api.user("alice").await;
    assert!(ends_in(&api.state()["users"][0]["tokens"][0]["expires"], 365 * 24 * 3600));
}

#[tokio::test]
async fn useradd_again_gives_the_same_user_a_new_token_in_place_of_the_old() {
    let api = Api::open().await;
    let (uid, old) = api.user("alice").await;
    let (same, new) = api.user("alice").await;
    assert_eq!(uid, same);
    assert_eq!(api.login(&old), Err(LoginRefused::UnknownToken));
    assert!(api.login(&new).is_ok());
}

#[tokio::test]
async fn userset_with_active_0_shuts_a_user_out_until_active_1() {
    let api = Api::open().await;
    let (uid, token) = api.user("alice").await;
    api.user("bob").await;
    // By number, then by address.
    api.done(&format!("op=userset&uid={uid}&active=0")).await;
    assert_eq!(api.login(&token), Err(LoginRefused::Inactive));
    assert_eq!(
        api.refused("op=message&from=alice&to=bob&msg=x").await,
        refusal("NOTALLOWED", json!(["from"]))
    );
    api.done("op=userset&addr=alice&active=1&flag=0x3").await;
    assert!(api.login(&token).is_ok());
    assert_eq!(api.state()["users"][0]["flags"], 3);
}

#[tokio::test]
async fn a_token_that_was_deleted_logs_nobody_in_and_the_user_stays() {
    let api = Api::open().await;
    for (address, op, more) in [("alice", "deltoken", ""), ("bob", "userset", "&remove=1")] {
        let (uid, token) = api.user(address).await;
        let answer = api.done(&format!("op={op}&uid={uid}{more}")).await;
        assert_eq!((&answer["op"], answer["user"]["uid"].to_string()), (&json!(op), uid));
        assert_eq!(api.login(&token), Err(LoginRefused::UnknownToken));
    }
    // Messages that are sent meanwhile wait for the next login.
    api.done("op=message&from=bob&to=alice&msg=x").await;
    assert_eq!(api.counts(["alice"]), [1]);
}

#[tokio::test]
async fn userdel_and_deluser_take_a_user_out_of_everything() {
    let api = Api::open().await;
    let gid = api.group("", &["alice", "bob", "carol"]).await;
    let (uid, token) = api.user("alice").await;
    assert_eq!(api.done(&format!("op=userdel&uid={uid}")).await["user"]["uid"].to_string(), uid);
    let answer = api.done("op=deluser&addr=bob").await;
    assert_eq!(answer["op"], "deluser");
    assert_eq!(api.login(&token), Err(LoginRefused::UnknownToken));
    assert_eq!(api.state()["users"].as_array().map(Vec::len), Some(1));
    let members = api.done(&format!("op=groupgetmembers&gid={gid}")).await["members"].clone();
    assert_eq!(
        members.as_array().map(|rows| rows.iter().map(|row| &row["address"]).collect()),
        Some(vec![&json!("carol")])
    );
    assert_eq!(api.refused(&format!("op=userdel&uid={uid}")).await, refusal("NOUSER", json!(["uid"])));
}

#[tokio::test]
async fn otp_gives_a_password_for_so_many_seconds_and_again_where_reuse_is_on() {
    let api = Api::open().await;
    let ask = "op=otp&addr=1800555&tries=3&expiry=120";
    let first = api.done(ask).await;
    assert!(first["otp"].is_string());
    let otp = &api.state()["otps"][0];
    assert_eq!((&otp["address"], &otp["tries"], &otp["otp"]), (&json!("1800555"), &json!(3), &first["otp"]));
    assert!(ends_in(&otp["expires"], 120));
    assert_eq!(api.done(&format!("{ask}&reuse=1")).await["otp"], first["otp"]);
    api.sandbox.advance(2 * MINUTE);
    assert_ne!(api.done(&format!("{ask}&reuse=1")).await["otp"], first["otp"]);
}
