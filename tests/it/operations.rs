//! Every operation through a gateway and the sandbox, over real sockets: what the sandbox then holds is
//! what the old request meant. The sandbox was written without a look at the operations table.

use std::time::Duration;

use mesigate::sandbox::{Fault, LoginRefused, Sandbox};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::client::{self, Answer};
use crate::support::gateway::Gateway;

const APP: &str = "sandbox";
/// An app token that cannot be part of anything else.
const LEAKY: &str = "sandbox-0123456789";
const APPID: &str = "com.example.app";
const MINUTE: Duration = Duration::from_mins(1);

/// An old client's view of the API (`ask` and what builds on it), and the sandbox behind it.
struct Api {
    gateway: Gateway,
    sandbox: Sandbox,
}

impl Api {
    async fn open() -> Self {
        Self::with("").await
    }

    /// With `toml` over the gateway's settings.
    async fn with(toml: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let gateway = Gateway::with(listener.local_addr().expect("an address"), toml);
        let sandbox = Sandbox::new();
        tokio::spawn(sandbox.clone().serve(listener, std::future::pending()));
        Self { gateway, sandbox }
    }

    async fn send(&self, app: &str, query: &str) -> Answer {
        client::get(self.gateway.address, &format!("/api.php?token={app}&{query}")).await
    }

    async fn ask(&self, query: &str) -> Value {
        self.send(APP, query).await.json()
    }

    /// A request that must succeed.
    async fn done(&self, query: &str) -> Value {
        let answer = self.ask(query).await;
        assert_eq!(answer["result"], true, "{query}: {answer}");
        answer
    }

    /// A request that must fail: the error and the legacy names at fault.
    async fn refused(&self, query: &str) -> (String, Value) {
        let answer = self.ask(query).await;
        assert_eq!(answer["result"], false, "{query}: {answer}");
        (answer["error"].as_str().expect("an error").to_owned(), answer["properties"].clone())
    }

    /// Adds a user; gives the uid as text, for the next query, and the access token.
    async fn user(&self, address: &str) -> (String, String) {
        let answer = self.done(&format!("op=useradd&addr={address}&appid={APPID}")).await;
        (answer["user"]["uid"].to_string(), answer["user"]["token"].as_str().expect("a token").to_owned())
    }

    /// Adds a group, and users with these names as its members, in this order.
    async fn group(&self, parameters: &str, members: &[&str]) -> String {
        for member in members {
            self.user(member).await;
        }
        let query = format!("op=groupadd&name=g&m={}{parameters}", members.join(","));
        self.done(&query).await["group"]["gid"].to_string()
    }

    /// Whether `from` can send to the group; `more` is further parameters.
    async fn can_send(&self, from: &str, gid: &str, more: &str) -> bool {
        let answer = self.ask(&format!("op=message&from={from}&gid={gid}&msg=hi{more}")).await;
        assert!(answer["result"] == true || answer["error"] == "NOTALLOWED", "{answer}");
        answer["result"] == true
    }

    /// How many messages each of these users has.
    fn counts<const N: usize>(&self, addresses: [&str; N]) -> [usize; N] {
        addresses.map(|address| self.sandbox.inbox(APP, address).len())
    }

    fn login(&self, token: &str) -> Result<u64, LoginRefused> {
        self.sandbox.login(token, APPID)
    }

    fn state(&self) -> Value {
        self.sandbox.state(APP)
    }
}

/// Whether `second` is when something ends that was asked for `life` seconds and some moments ago.
fn ends_in(second: &Value, life: u64) -> bool {
    second.as_u64().is_some_and(|second| (life..life + 30).contains(&second))
}

fn refusal(error: &str, properties: Value) -> (String, Value) {
    (error.to_owned(), properties)
}

// ------------------------------------------------------------------------------------------------ users

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
    // What is sent meanwhile waits for the next login.
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

// ----------------------------------------------------------------------------------------------- groups

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

// --------------------------------------------------------------------------------------------- messages

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

// --------------------------------------------------------------- forms of the JSON side that are not public

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
        .flat_map(|flag| [0, 0x40, 0x80, 0xc0].map(|switches| flag | switches))
}

/// What counts of every group.
fn outline(api: &Api) -> Vec<Value> {
    let state = api.state();
    let groups = state["groups"].as_array().expect("a list").iter();
    groups.map(|group| json!([group["name"], group["flags"], group["types"], group["members"]])).collect()
}

// ------------------------------------------------------------------------------------- secrets and apps

#[tokio::test]
async fn the_secrets_in_upstreams_answers_reach_no_old_client() {
    let api = Api::open().await;
    // What the sandbox adds to every answer that is a success.
    let secrets =
        [LEAKY, "sandbox-webhook-secret", "sandbox-push-key", "\"app\":", "\"account\":", "\"uts\":"];
    for (query, result) in [
        ("op=useradd&addr=alice&appid=a", true),
        ("op=userset&addr=alice&active=1", true),
        ("op=deltoken&addr=alice", true),
        ("op=groupadd&name=g&m=alice", true),
        // The sandbox counts its groups from here.
        ("op=groupset&gid=97001&name=h", true),
        ("op=groupeditmembers&gid=97001&m=alice&cs=1", true),
        ("op=groupgetmembers&gid=97001", true),
        ("op=message&from=alice&gid=97001&msg=x", true),
        ("op=otp&addr=1800555", true),
        ("op=groupdel&gid=97001", true),
        ("op=userdel&addr=alice", true),
        ("op=userdel&addr=alice", false),
    ] {
        let answer = api.send(LEAKY, query).await;
        assert_eq!(answer.json()["result"], result, "{query}");
        let seen = format!("{:?}{}", answer.headers, String::from_utf8_lossy(&answer.body));
        let leaked = secrets.iter().find(|secret| seen.contains(**secret));
        assert_eq!(leaked, None, "{query}");
    }
}

#[tokio::test]
async fn the_json_door_gets_upstreams_answer_as_it_is() {
    let api = Api::open().await;
    let json = json!({ "op": "useradd", "token": LEAKY, "user": { "address": "bob" } }).to_string();
    let request =
        format!("POST /backend/ HTTP/1.1\r\nHost: g\r\nContent-Length: {}\r\n\r\n{json}", json.len());
    let answer = client::ask(api.gateway.address, request.as_bytes()).await.json();
    assert_eq!(answer["user"]["address"], "bob");
    assert_eq!(answer["app"]["token"], LEAKY);
    assert_eq!(answer["app"]["secret"], "sandbox-webhook-secret");
    assert_eq!(answer["app"]["fcm_key"], "sandbox-push-key");
}

#[tokio::test]
async fn two_apps_do_not_see_each_other() {
    let api = Api::open().await;
    let answer = api.send("sandbox-a", "op=useradd&addr=alice&appid=a").await.json();
    let uid = answer["user"]["uid"].to_string();
    let gid = api.send("sandbox-a", "op=groupadd&name=g&m=alice").await.json()["group"]["gid"].to_string();
    for (query, error) in [
        (format!("op=userdel&uid={uid}"), "NOUSER"),
        ("op=userset&addr=alice&active=0".to_owned(), "NOUSER"),
        (format!("op=groupgetmembers&gid={gid}"), "NOGROUP"),
        (format!("op=groupdel&gid={gid}"), "NOGROUP"),
    ] {
        assert_eq!(api.send("sandbox-b", &query).await.json()["error"], error, "{query}");
    }
    assert_eq!(api.sandbox.state("sandbox-b")["users"], json!([]));
    assert_eq!(api.sandbox.state("sandbox-a")["users"][0]["active"], true);
    assert_eq!(api.send("somebody-elses", "op=groupadd&name=g").await.json()["error"], "AUTHFAIL");
}

// ----------------------------------------------------------------------------------------------- faults

/// Sends one message while upstream has a fault; the answer, and how many of it upstream then holds.
async fn message_in(api: &Api, fault: Fault) -> (Answer, usize) {
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
        (Fault::Html, 0),
        (Fault::BadGateway, 0),
        (Fault::Unavailable, 0),
        (Fault::Redirect, 0),
        (Fault::Truncated, 1),
        (Fault::TextResult, 1),
        (Fault::Reset, 1),
        (Fault::Deep, 1),
        (Fault::Huge, 1),
        (Fault::Empty, 1),
        (Fault::Array, 1),
    ] {
        // On a connection that has served before, and on the one that follows a fault.
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
    let (answer, messages) = message_in(&api, Fault::Hang).await;
    assert_eq!(told(&answer), (json!("TIMEOUT"), Some("unknown")));
    assert_eq!(messages, 1);
    api.done("op=message&from=alice&to=alice&msg=x").await;
}
