//! Groups: members, their rights, and flags.

use serde_json::json;

use super::{Api, MINUTE, ends_in, refusal};

#[tokio::test]
async fn groupadd_makes_a_group_with_its_members_and_their_rights() {
    let api = Api::open().await;
    let gid = api
        .group("&flag=0x81&active=1&gid=0&cs=1&cr=0&canpub=1&cansub=0&canlist=true", &["alice", "bob"])
        .await;
    let group = &api.state()["groups"][0];
    assert_eq!(group["gid"].to_string(), gid);
    assert_eq!(
        (&group["name"], &group["flags"], &group["active"]),
        (&json!("g"), &json!(0x81), &json!(true))
    );
    let rights = json!({ "send": true, "recv": false, "pub": true, "sub": false, "list": true });
    assert_eq!(group["members"].as_array().map(Vec::len), Some(2));
    assert!(group["members"].as_array().into_iter().flatten().all(|member| member["permissions"] == rights));
}

#[tokio::test]
async fn a_group_lives_for_the_seconds_that_were_asked_for_and_activity_extends_it() {
    let api = Api::open().await;
    let short = api.group("&expiry=100", &["alice", "bob"]).await;
    let kept = api.group("&expiry=100&expiryext=100", &["alice", "bob"]).await;
    api.sandbox.advance(MINUTE);
    assert!(api.can_send("alice", &short, "").await && api.can_send("alice", &kept, "").await);
    api.sandbox.advance(MINUTE);
    let gone = api.refused(&format!("op=message&from=alice&gid={short}&msg=x")).await;
    assert_eq!(gone, refusal("NOGROUP", json!(["gid"])));
    assert!(api.can_send("alice", &kept, "").await);
    api.sandbox.advance(2 * MINUTE);
    assert_eq!(api.state()["groups"], json!([]));
}

#[tokio::test]
async fn groupset_changes_what_is_said_and_leaves_the_rest() {
    let api = Api::open().await;
    let gid = api.group("&flag=2", &["alice"]).await;
    api.done(&format!("op=groupset&gid={gid}&name=new&m=alice&cs=0&expiry=600")).await;
    let group = &api.state()["groups"][0];
    assert_eq!((&group["name"], &group["flags"]), (&json!("new"), &json!(2)));
    assert_eq!(group["members"][0]["permissions"]["send"], false);
    assert!(ends_in(&group["expires"], 600));
    api.done(&format!("op=groupset&gid={gid}&active=0")).await;
    assert!(!api.can_send("alice", &gid, "").await);
}

#[tokio::test]
async fn groupdel_ends_a_group() {
    let api = Api::open().await;
    let gid = api.group("", &["alice"]).await;
    assert_eq!(api.done(&format!("op=groupdel&gid={gid}")).await["group"]["gid"].to_string(), gid);
    assert_eq!(api.state()["groups"], json!([]));
    assert_eq!(api.refused(&format!("op=groupdel&gid={gid}")).await, refusal("NOGROUP", json!(["gid"])));
}

#[tokio::test]
async fn a_member_with_cs_0_cannot_send_and_one_with_cr_0_does_not_receive() {
    let api = Api::open().await;
    let gid = api.group("", &["alice", "bob", "carol"]).await;
    let answer = api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&cs=0&cr=1")).await;
    assert_eq!(answer["group"]["gid"].to_string(), gid, "the sandbox leaves it out, as mesibo did");
    api.done(&format!("op=groupeditmembers&gid={gid}&m=carol&cs=1&cr=0")).await;
    assert!(!api.can_send("bob", &gid, "").await);
    assert!(api.can_send("alice", &gid, "").await && api.can_send("carol", &gid, "").await);
    assert_eq!(api.counts(["alice", "bob", "carol"]), [1, 2, 0]);
    api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&cs=1")).await;
    assert!(api.can_send("bob", &gid, "").await);
}

#[tokio::test]
async fn the_low_bits_of_flag_say_who_may_send() {
    let api = Api::open().await;
    api.user("stranger").await;
    for (flag, member, selected, stranger) in
        [("0", true, true, false), ("1", false, true, false), ("0x2", true, true, true)]
    {
        let gid = api.group(&format!("&flag={flag}"), &["alice", "bob"]).await;
        api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&cs=1")).await;
        assert_eq!(api.can_send("alice", &gid, "").await, member, "flag={flag}");
        assert_eq!(api.can_send("bob", &gid, "").await, selected, "flag={flag}");
        assert_eq!(api.can_send("stranger", &gid, "").await, stranger, "flag={flag}");
    }
}

#[tokio::test]
async fn flag_0x10_delivers_to_selected_members_and_0x20_to_one_in_turn() {
    let api = Api::open().await;
    let selected = api.group("&flag=0x10", &["alice", "bob", "carol"]).await;
    api.done(&format!("op=groupeditmembers&gid={selected}&m=carol&cr=1")).await;
    assert!(api.can_send("alice", &selected, "").await);
    assert_eq!(api.counts(["alice", "bob", "carol"]), [0, 0, 1]);

    let in_turn = api.group("&flag=0x20", &["dave", "erin", "frank", "grace"]).await;
    for expected in [[1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1]] {
        assert!(api.can_send("dave", &in_turn, "").await);
        assert_eq!(api.counts(["erin", "frank", "grace"]), expected);
    }
    assert_eq!(api.counts(["dave"]), [0]);
}

#[tokio::test]
async fn flag_0x40_does_not_store_and_0x80_loops_back() {
    let api = Api::open().await;
    let passing = api.group("&flag=0x40", &["alice", "bob"]).await;
    let (_, token) = api.user("bob").await;
    assert!(api.can_send("alice", &passing, "").await);
    assert_eq!(api.counts(["alice", "bob"]), [0, 0]);
    api.login(&token).expect("a login");
    assert!(api.can_send("alice", &passing, "").await);
    assert_eq!(api.counts(["alice", "bob"]), [0, 1]);

    let looping = api.group("&flag=128", &["alice", "carol"]).await;
    assert!(api.can_send("alice", &looping, "").await);
    assert_eq!(api.counts(["alice", "carol"]), [1, 1]);
}

#[tokio::test]
async fn delete_1_removes_members_whatever_rights_stand_beside_it() {
    let api = Api::open().await;
    let gid = api.group("", &["alice", "bob", "carol", "dave"]).await;
    api.done(&format!("op=groupeditmembers&gid={gid}&m=alice&delete=0&cs=1")).await;
    api.done(&format!("op=groupeditmembers&gid={gid}&m=+bob,,carol+&delete=1&cs=1&cr=1")).await;
    let members = &api.state()["groups"][0]["members"];
    let addresses: Vec<_> =
        members.as_array().into_iter().flatten().map(|member| &member["address"]).collect();
    assert_eq!(addresses, ["alice", "dave"]);
    assert!(!api.can_send("bob", &gid, "").await);
}

#[tokio::test]
async fn type_gives_rights_for_one_message_type_alone() {
    let api = Api::open().await;
    let gid = api.group("", &["alice", "bob"]).await;
    api.user("stranger").await;
    api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&type=5&cs=0&cr=1")).await;
    assert!(!api.can_send("bob", &gid, "&type=5").await);
    assert!(api.can_send("bob", &gid, "&type=6").await && api.can_send("bob", &gid, "").await);
    api.done(&format!("op=groupset&gid={gid}&type=7&flag=2")).await;
    assert!(api.can_send("stranger", &gid, "&type=7").await);
    assert!(!api.can_send("stranger", &gid, "").await);
    api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&type=5&delete=1")).await;
    assert!(api.can_send("bob", &gid, "&type=5").await, "back to the general rights");
}

#[tokio::test]
async fn groupgetmembers_gives_twenty_members_at_most() {
    let api = Api::open().await;
    let names: Vec<String> = (1..=25).map(|number| format!("user{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let gid = api.group("", &names).await;
    for (op, count, expected) in [
        ("groupgetmembers", "&count=100", 20),
        ("getmembers", "&count=3", 3),
        ("groupgetmembers", "&count=", 20),
        ("getmembers", "", 20),
    ] {
        let answer = api.done(&format!("op={op}&gid={gid}{count}")).await;
        assert_eq!((&answer["op"], answer["members"].as_array().map(Vec::len)), (&json!(op), Some(expected)));
    }
}

#[tokio::test]
async fn a_members_row_is_what_old_code_reads_and_no_more() {
    let api = Api::open().await;
    let gid = api.group("&cs=0", &["alice"]).await;
    let answer = api.done(&format!("op=groupgetmembers&gid={gid}&id=4")).await;
    let uid = &api.state()["users"][0]["uid"];
    let row = json!({ "uid": uid, "address": "alice", "cansend": "0", "canrecv": "1" });
    assert_eq!(answer, json!({ "members": [row], "op": "groupgetmembers", "result": true, "id": 4 }));
}
