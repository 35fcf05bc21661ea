//! Undocumented forms of the JSON side.

use serde_json::{Value, json};

use super::Api;

#[tokio::test]
async fn both_forms_of_flags_and_of_removing_lead_to_the_same_state() {
    let bits = Api::open().await;
    let numbers = Api::with("profiles = ['group.permissions', 'group.delete']").await;
    for api in [&bits, &numbers] {
        every_flag(api).await;
    }
    assert_eq!(outline(&bits), outline(&numbers));
    let shown = numbers.state()["groups"][0]["permissions"].clone();
    assert!(shown.is_object(), "the second gateway did send the other form");
}

/// A group for each documented flag, made and edited; in each of them one member is removed.
async fn every_flag(api: &Api) {
    let gid = api.group("", &["alice", "bob"]).await;
    api.done(&format!("op=groupset&gid={gid}&type=3&flag=0x21")).await;
    for flag in flags() {
        let gid = api.group(&format!("&flag={flag}"), &["alice", "bob"]).await;
        api.done(&format!("op=groupeditmembers&gid={gid}&m=bob&delete=1&cs=0")).await;
        api.done(&format!("op=groupset&gid={gid}&name={flag:#x}")).await;
        let gid = api.group("&flag=0x91", &["alice"]).await;
        api.done(&format!("op=groupset&gid={gid}&flag={flag:#x}")).await;
    }
}

fn flags() -> impl Iterator<Item = u32> {
    let both = |sends: u32| [0x00, 0x10, 0x20].map(|receives| sends | receives);
    [0, 1, 2]
        .into_iter()
        .flat_map(both)
        .flat_map(|flag| [0, 0x40, 0x80, 0xc0, 0x22100, 0x400c8].map(|switches| flag | switches))
}

/// What is compared of every group.
fn outline(api: &Api) -> Vec<Value> {
    let state = api.state();
    let groups = state["groups"].as_array().expect("a list").iter();
    groups.map(|group| json!([group["name"], group["flags"], group["types"], group["members"]])).collect()
}
