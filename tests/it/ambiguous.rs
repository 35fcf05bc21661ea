//! Requests whose bytes another reader would read otherwise are refused, and nothing of them is sent upstream.

use std::net::SocketAddr;

use serde_json::json;

use crate::apps::{Secrets, is_refused, post, sent};
use crate::support::client::{Answer, ask, get};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"groupset","result":true}"#;
/// A cost by members, and a budget for each group; no budget refills while a test runs.
const LIMITS: &str = "limit = [
    { name = 'members', per = 'app', rate = '5/day', cost = 'members', operations = ['groupeditmembers'] },
    { name = 'group', per = 'app+gid', rate = '5/day', operations = ['groupset', 'message'] },
]\n";

/// A gateway with limits, and an app with few rights.
async fn limited(secrets: &Secrets) -> (Stub, Gateway) {
    let stub = Stub::start().await;
    let app = secrets
        .shop("operations = ['groupset', 'groupeditmembers', 'groupgetmembers', 'message', 'userdel']");
    let gateway = Gateway::with(stub.address, &(LIMITS.to_owned() + &app));
    (stub, gateway)
}

/// Posts JSON and expects a refusal without a call to upstream; returns the answer.
#[track_caller]
fn none_sent(stub: &Stub, answer: &Answer, error: &str, what: &str) {
    assert_eq!(answer.json()["error"], error, "{what}: {}", answer.json());
    is_refused(answer, error);
    assert_eq!(stub.take_calls().len(), 0, "{what}");
}

async fn edit(address: SocketAddr, op: &str, group: &str) -> Answer {
    post(address, "/backend", &format!(r#"{{"op":"{op}","token":"shop-key","group":{group}}}"#)).await
}

// ------------------------------------------------------------------------------------------ the operation

#[tokio::test]
async fn an_op_that_is_lent_from_the_query_is_judged_as_the_bodys_own() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    for token in ["shop-key", "shop-real", "T"] {
        for op in [
            "groupgetmembers%00x",
            "apptoken%00x",
            "group+set",
            "group%C5%BFet",
            "%EF%BB%BFgroupset",
            "%C4%B1d",
        ] {
            let target = format!("/backend?op={op}&token={token}");
            let answer = post(gateway.address, &target, r#"{"group":{"gid":7}}"#).await;
            none_sent(&stub, &answer, "BADPARAM", op);
            assert_eq!(answer.json()["properties"], json!(["op"]));
        }
        for op in [
            r"groupset\u0000",
            "group\u{17f}et",
            r"group\u017fet",
            "to\u{212a}en",
            r"\ufeffgroupset",
            "groups\u{eb}t",
        ] {
            let body = format!(r#"{{"op":"{op}","token":"{token}","group":{{"gid":7}}}}"#);
            none_sent(&stub, &post(gateway.address, "/backend", &body).await, "BADPARAM", op);
        }
    }
}

#[tokio::test]
async fn a_name_that_somebody_takes_for_op_token_or_id_is_refused() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    for name in [
        r"\u0000op",
        r"o\u0000p",
        r"op\u0000x",
        r"to\u0000ken",
        "to\u{212a}en",
        "\u{131}d",
        "\u{130}d",
        r"\u0131D",
        r"\ud800",
        r"op\udc00",
        "\u{ff4f}\u{ff50}",
    ] {
        let body = format!(r#"{{"op":"userdel","token":"shop-key","user":{{"uid":5}},"{name}":"apptoken"}}"#);
        none_sent(&stub, &post(gateway.address, "/backend", &body).await, "BADREQUEST", name);
    }
}

/// Otherwise each spelling of an operation would have limits of its own.
#[tokio::test]
async fn a_token_that_upstream_could_take_for_another_is_refused_unless_it_is_a_key() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let key = "clé\u{a0}de shop";
    secrets.write("shop-key", key);
    let gateway = Gateway::with(stub.address, &secrets.shop(""));
    for token in ["T\0x", "T x", "T\u{a0}", "T\u{7f}x", "\u{feff}T", "\u{3000}T", "T\u{85}", "T\u{1}x"] {
        let encoded: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let target = format!("/api.php?op=userdel&uid=5&token={encoded}");
        let body = json!({"op": "userdel", "token": token, "user": {"uid": 5}}).to_string();
        for answer in [get(gateway.address, &target).await, post(gateway.address, "/backend", &body).await] {
            none_sent(&stub, &answer, "BADPARAM", token);
            assert_eq!(answer.json()["properties"], json!(["token"]));
        }
    }
    stub.will_say(DONE);
    post(gateway.address, "/backend", &json!({"op": "userdel", "token": key}).to_string()).await;
    assert_eq!(sent(&stub), [r#"{"op":"userdel","token":"shop-real"}"#]);
}

// ----------------------------------------------------------------------------------- what limits look at

#[tokio::test]
async fn a_group_that_somebody_reads_as_another_is_refused() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    for gid in [
        r#""9\ud800""#,
        r#""\u00a09""#,
        r#""\ufeff9""#,
        r#""\u000b9""#,
        "\"\u{669}\"",
        "\"\u{ff19}\"",
        r#""0x9""#,
        r#""09""#,
        "9.0",
        "9e0",
        "1E1",
        "-0",
        "18446744073709551625",
        "true",
        "[9]",
        r#"{"gid":9}"#,
    ] {
        let answer = edit(gateway.address, "groupset", &format!(r#"{{"gid":{gid}}}"#)).await;
        none_sent(&stub, &answer, "BADPARAM", gid);
        assert_eq!(answer.json()["properties"], json!(["gid"]));
    }
    for group in [
        r#"{"gid":7,"g\u0131d":9}"#,
        r#"{"gid":7,"\u0000gid":9}"#,
        r#"{"gid":7,"gid\ud800":9}"#,
        r#"{"gid":7,"\ud800":9}"#,
        r#"{"gid":7,"gid":9}"#,
        r#"{"gid":7},"gr\u0000oup":{"gid":9}"#,
    ] {
        none_sent(&stub, &edit(gateway.address, "groupset", group).await, "BADREQUEST", group);
    }
    // A group that no reader takes for one passes, like a request without a group.
    for group in [r#"{"gid":"seven"}"#, r#"{"gid":""}"#, "null", "[]", "{}"] {
        stub.will_say(DONE);
        assert_eq!(edit(gateway.address, "groupset", group).await.json()["result"], true, "{group}");
        assert_eq!(stub.take_calls().len(), 1);
    }
}

#[tokio::test]
async fn something_else_than_an_object_on_the_way_to_what_limits_look_at_is_refused() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    for other in [r#"[{"gid":9}]"#, "9", r#""x""#, "true", "[[]]"] {
        none_sent(&stub, &edit(gateway.address, "groupset", other).await, "BADREQUEST", other);
        let members = format!(r#"{{"gid":7,"members":{other}}}"#);
        let answer = edit(gateway.address, "groupeditmembers", &members).await;
        none_sent(&stub, &answer, "BADREQUEST", other);
        let cause = "`members` is no object in the JSON: write it as one, as the API has it";
        assert_eq!(answer.json()["cause"], cause);
        let body = format!(r#"{{"op":"message","token":"shop-key","message":{other}}}"#);
        none_sent(&stub, &post(gateway.address, "/backend", &body).await, "BADREQUEST", other);
    }
}

#[tokio::test]
async fn a_list_of_what_is_empty_costs_what_a_reader_may_find_in_it() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    for list in [
        r#"["","","","","",""]"#,
        r#"[["","",""],["","",""]]"#,
        "[null,null,null,[],{},false]",
        r#"[",,,,,"]"#,
    ] {
        let group = format!(r#"{{"gid":7,"members":{{"m":{list}}}}}"#);
        none_sent(&stub, &edit(gateway.address, "groupeditmembers", &group).await, "RATELIMIT", list);
    }
}

#[tokio::test]
async fn json_that_is_nested_deeper_than_limits_look_is_refused_where_they_look() {
    let secrets = Secrets::new();
    let (stub, gateway) = limited(&secrets).await;
    let tower = "[".repeat(300) + &"]".repeat(300);
    for (op, group) in [
        ("groupset", format!(r#"{{"gid":7,"x":{tower}}}"#)),
        ("groupeditmembers", format!(r#"{{"gid":7,"members":{{"m":{tower}}}}}"#)),
        ("groupgetmembers", format!(r#"{{"x":{tower},"gid":7}}"#)),
    ] {
        let answer = edit(gateway.address, op, &group).await;
        none_sent(&stub, &answer, "BADREQUEST", op);
        let cause = "the JSON has more than 128 objects and lists in each other: write it as the API has it";
        assert_eq!(answer.json()["cause"], cause);
    }
    // An operation that no limit counts passes, however deep its JSON is: upstream judges it.
    stub.will_say(DONE);
    assert_eq!(edit(gateway.address, "userdel", &tower).await.json()["result"], true);
    assert_eq!(stub.take_calls().len(), 1);
}

#[tokio::test]
async fn a_count_is_lowered_for_mesibos_cloud_however_it_is_written() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    for (kind, is_lowered) in [("cloud", true), ("on-premise", false)] {
        // With a member that the table does not know, and with the cache off, the JSON passes as it came.
        for (cache, more) in [("1h", r#","x":1"#), ("0s", "")] {
            let toml = format!("upstream.kind = '{kind}'\ncache.fresh = '{cache}'\n{}", secrets.shop(""));
            let gateway = Gateway::with(stub.address, &toml);
            let body = |count: &str, token: &str| {
                format!(
                    r#"{{"count": {count} ,"op":"groupgetmembers","token":"{token}","group":{{"gid":7}}{more}}}"#
                )
            };
            for (count, lowered) in [
                ("100", "20"),
                ("9223372036854775807", "20"),
                (r#""100""#, "20"),
                ("20", "20"),
                ("-1", "-1"),
                (r#""7""#, r#""7""#),
                ("null", "null"),
            ] {
                stub.will_say(DONE);
                post(gateway.address, "/backend", &body(count, "shop-key")).await;
                let expected = body(if is_lowered { lowered } else { count }, "shop-real");
                assert_eq!(sent(&stub), [expected], "{kind}");
            }
            for count in
                ["100.0", "1e3", "[100]", "true", r#""1e3""#, r#""\u00a0100""#, "18446744073709551615"]
            {
                let answer = post(gateway.address, "/backend", &body(count, "shop-key")).await;
                none_sent(&stub, &answer, "BADPARAM", count);
                assert_eq!(answer.json()["properties"], json!(["count"]));
            }
        }
    }
}

// ---------------------------------------------------------------------------------------- the content type

#[tokio::test]
async fn bytes_that_are_no_text_make_no_type_of_a_content_type() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "");
    let form = "op=userdel&token=T&uid=5";
    let parts = "--x\r\nContent-Disposition: form-data; name=\"op\"\r\n\r\nuserdel\r\n--x--\r\n";
    let send = async |content_type: &[u8], body: &str| {
        let length = format!("\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let head: &[u8] = b"POST /backend HTTP/1.1\r\nHost: g\r\nContent-Type: ";
        ask(gateway.address, &[head, content_type, length.as_bytes()].concat()).await
    };
    for content_type in [
        b"\xa0multipart/form-data; boundary=x".as_slice(),
        b"\xc2\xa0multipart/form-data; boundary=x",
        b"text/plain; \xff, multipart/form-data; boundary=x",
    ] {
        let shown = content_type.escape_ascii().to_string();
        none_sent(&stub, &send(content_type, parts).await, "NOOP", &shown);
        stub.will_say(r#"{"op":"userdel","result":true}"#);
        assert_eq!(send(content_type, form).await.json()["result"], true, "{shown}");
        assert_eq!(stub.take_calls().len(), 1, "it is read as the form that it is");
    }
    for content_type in
        [b"multipart/form-data; boundary=\"\xff\"".as_slice(), b"multipart/form-data; boundary=x; \xff=1"]
    {
        let shown = content_type.escape_ascii().to_string();
        none_sent(&stub, &send(content_type, parts).await, "BADREQUEST", &shown);
        let replaced = parts.replace("--x", "--\u{fffd}");
        none_sent(&stub, &send(content_type, &replaced).await, "BADREQUEST", &shown);
    }
}

// -------------------------------------------------------------------------------------------- what is kept

/// A client with the real token shares cached answers with the app's keys, and sees the members that hold the token.
#[tokio::test]
async fn what_was_fetched_with_the_real_token_does_not_show_it_to_a_key() {
    let secrets = Secrets::new();
    let body = r#"{"op":"groupgetmembers","token":"TOKEN","group":{"gid":7}}"#;
    for first in ["json", "legacy"] {
        let stub = Stub::start().await;
        let gateway = Gateway::with(stub.address, &format!("cache.fresh = '1h'\n{}", secrets.shop("")));
        let read = async |door: &str, token: &str| {
            if door == "json" {
                return post(gateway.address, "/backend", &body.replace("TOKEN", token)).await;
            }
            get(gateway.address, &format!("/api.php?op=groupgetmembers&gid=7&token={token}")).await
        };
        stub.will_say(r#"{"result":true,"members":[{"uid":1,"address":"shop-real"}],"app":"shop-real"}"#);
        assert_eq!(read(first, "shop-real").await.json()["members"][0]["address"], "shop-real");
        for door in ["json", "legacy"] {
            let answer = read(door, "shop-key").await;
            assert_eq!(answer.header("x-cache"), Some("hit"));
            assert!(!String::from_utf8_lossy(&answer.body).contains("shop-real"), "{door}");
            assert_eq!(answer.json()["members"][0]["address"], "***");
        }
        assert_eq!(stub.take_calls().len(), 1);
    }
}
