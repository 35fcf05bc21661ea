//! Rate limits: who is refused, what it is told, and whom it disturbs.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::apps::{Secrets, is_refused, post};
use crate::support::client::{Answer, Client, ask, get, metrics};
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const DONE: &str = r#"{"op":"userdel","result":true}"#;
const AUTHFAIL: &str = r#"{"op":"userdel","result":false,"error":"AUTHFAIL","code":401}"#;

/// One limit of two at once, of which nothing comes back while a test runs.
fn two(more: &str) -> String {
    format!("limit = [{{ name = 'calls', rate = '2/day', {more} }}]\n")
}

async fn userdel(address: SocketAddr, token: &str) -> Answer {
    get(address, &format!("/api.php?op=userdel&token={token}&uid=5&id=3")).await
}

/// Whether a request passes; upstream says `answer` to it, and is not called otherwise.
async fn passes(stub: &Stub, answer: &str, request: impl Future<Output = Answer>) -> bool {
    stub.will_say(answer);
    let answer = request.await;
    let passed = stub.take_calls().len() == 1;
    stub.forget_answers();
    assert_eq!(answer.json()["error"] == "RATELIMIT", !passed, "{}", answer.json());
    passed
}

/// How many requests of one token pass, of four.
async fn passing(stub: &Stub, address: SocketAddr, token: &str) -> usize {
    let mut passed = 0;
    for _ in 0..4 {
        passed += usize::from(passes(stub, DONE, userdel(address, token)).await);
    }
    passed
}

// ---------------------------------------------------------------------------------- what is told

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
        // What did not pass took nothing.
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

// ----------------------------------------------------------------------------- whose budget it is

#[tokio::test]
async fn two_apps_do_not_disturb_each_other() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(two("per = 'app'") + &secrets.two_apps()));
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 2);
    assert_eq!(passing(&stub, gateway.address, "clinic-key").await, 2);
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 0);
}

#[tokio::test]
async fn tokens_that_upstream_takes_do_not_disturb_each_other() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &two("per = 'app'"));
    for token in ["first", "second"] {
        // The first request is a stranger's, those after it the token's own.
        assert_eq!(passing(&stub, gateway.address, token).await, 3);
        assert_eq!(passing(&stub, gateway.address, token).await, 0);
    }
    assert!(!passes(&stub, DONE, userdel(gateway.address, "third")).await, "strangers have had their two");
}

#[tokio::test]
async fn tokens_that_were_never_taken_share_one_budget_of_their_address() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(two("per = 'app'") + &secrets.two_apps()));
    let mut passed = 0;
    for number in 0..50 {
        passed += usize::from(
            passes(&stub, AUTHFAIL, userdel(gateway.address, &format!("made-up-{number}"))).await,
        );
    }
    assert_eq!(passed, 2);
    // Whoever is known is not held up by them.
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 2);
}

#[tokio::test]
async fn a_token_that_upstream_takes_no_more_is_a_stranger_again() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &two("per = 'app'"));
    assert!(passes(&stub, DONE, userdel(gateway.address, "token")).await);
    assert!(passes(&stub, AUTHFAIL, userdel(gateway.address, "token")).await);
    // One is left of its own, one of the strangers': the latter counts now.
    assert_eq!(passing(&stub, gateway.address, "other").await, 3);
    assert!(!passes(&stub, DONE, userdel(gateway.address, "token")).await);
}

#[tokio::test]
async fn a_group_has_one_budget_however_its_number_is_written() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = two("operations = ['groupset'], per = 'app+gid', burst = 5") + &secrets.two_apps();
    let gateway = Gateway::with(stub.address, &toml);
    let legacy = |key: &str, gid: &str| {
        let target = format!("/api.php?op=groupset&token={key}&gid={gid}");
        async move { get(gateway.address, &target).await }
    };
    let json = |gid: &str| {
        let body = format!(r#"{{"op":"groupset","token":"shop-key","group":{{"gid":{gid}}}}}"#);
        async move { post(gateway.address, "/backend", &body).await }
    };
    for gid in ["26", "0x1a", "0X1A"] {
        assert!(passes(&stub, DONE, legacy("shop-key", gid)).await, "{gid}");
    }
    for gid in ["26", "\"26\""] {
        assert!(passes(&stub, DONE, json(gid)).await, "{gid}");
    }
    for gid in ["26", "0x1A"] {
        assert!(!passes(&stub, DONE, legacy("shop-key", gid)).await, "{gid}");
    }
    for gid in ["26", "\"26\""] {
        assert!(!passes(&stub, DONE, json(gid)).await, "{gid}");
    }
    assert!(passes(&stub, DONE, legacy("shop-key", "27")).await);
    assert!(passes(&stub, DONE, json("28")).await);
    assert!(passes(&stub, DONE, legacy("clinic-key", "26")).await);
}

#[tokio::test]
async fn json_that_is_written_another_way_is_counted_in_the_same_way() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = two("operations = ['groupset'], per = 'app+gid', burst = 1") + &secrets.shop("");
    let gateway = Gateway::with(stub.address, &toml);
    for (gid, passed) in [("26", true), ("\"0x1a\"", false)] {
        let body = format!(r#"{{"op":"groupset","token":"shop-key","group":{{"gid":{gid}}}}}"#);
        assert_eq!(passes(&stub, DONE, post(gateway.address, "/backend", &body)).await, passed, "{gid}");
    }
    let toml = two("per = 'app', cost = 'members'") + &secrets.shop("");
    let gateway = Gateway::with(stub.address, &toml);
    let body =
        r#"{"op":"groupeditmembers","token":"shop-key","group":{"gid":7,"members":{"m":["a","b","c"]}}}"#;
    assert!(!passes(&stub, DONE, post(gateway.address, "/backend", body)).await);
}

#[tokio::test]
async fn an_apps_own_limits_are_spent_before_those_of_all() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let own = "limits = [{ name = 'own', per = 'app', rate = '1/day' }]";
    let shared = "limit = [{ name = 'all', per = 'all', rate = '3/day' }]\n";
    let toml = shared.to_owned() + &secrets.shop(own) + &secrets.clinic();
    let gateway = Gateway::with(stub.address, &toml);
    stub.will_say(DONE);
    let first = userdel(gateway.address, "shop-key").await;
    assert_eq!(first.header("ratelimit-policy"), Some("\"own\";q=1;w=86400, \"all\";q=3;w=86400"));
    stub.take_calls();
    for _ in 0..3 {
        let refused = userdel(gateway.address, "shop-key").await;
        assert_eq!(refused.header("ratelimit-policy"), Some("\"own\";q=1;w=86400"));
    }
    // The refused ones took nothing from all.
    assert_eq!(passing(&stub, gateway.address, "clinic-key").await, 2);
    let refused = userdel(gateway.address, "clinic-key").await;
    assert!(refused.json()["cause"].as_str().is_some_and(|cause| cause.contains("`all`")));
}

#[tokio::test]
async fn what_is_refused_before_the_limits_and_what_comes_from_the_cache() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = format!("cache.fresh = '1h'\n{}{}", two("per = 'app'"), secrets.shop(""));
    let gateway = Gateway::with(stub.address, &toml);
    // A request that nobody could send costs nothing.
    for target in ["/api.php?op=userdel&token=shop-key", "/api.php?op=nonsense&token=shop-key"] {
        assert_ne!(get(gateway.address, target).await.json()["error"], "RATELIMIT");
    }
    stub.will_say(r#"{"result":true,"members":[]}"#);
    let read = async || get(gateway.address, "/api.php?op=groupgetmembers&token=shop-key&gid=7").await;
    for state in ["miss", "hit"] {
        assert_eq!(read().await.header("x-cache"), Some(state));
    }
    is_refused(&read().await, "RATELIMIT");
    assert_eq!(stub.take_calls().len(), 1);
}

// ------------------------------------------------------------------------------- whose address it is

async fn userdel_for(address: SocketAddr, header: &str) -> Answer {
    let target = "/api.php?op=userdel&token=T&uid=5";
    ask(address, format!("GET {target} HTTP/1.1\r\nHost: g\r\n{header}\r\n\r\n").as_bytes()).await
}

fn behind(from: &str, proxy: &str) -> String {
    format!(
        "listen = {{ client_address = '{from}', trusted_proxies = ['{proxy}'] }}\n{}",
        two("per = 'client-address', burst = 1")
    )
}

#[tokio::test]
async fn a_header_from_somebody_who_is_no_trusted_proxy_changes_nothing() {
    let stub = Stub::start().await;
    for toml in [
        behind("x-forwarded-for", "10.0.0.0/8"),
        behind("forwarded", "10.0.0.0/8"),
        behind("socket", "127.0.0.1"),
    ] {
        let gateway = Gateway::with(stub.address, &toml);
        let from = |client: u8| {
            let header = format!("X-Forwarded-For: 203.0.113.{client}\r\nForwarded: for=203.0.113.{client}");
            async move { userdel_for(gateway.address, &header).await }
        };
        assert!(passes(&stub, DONE, from(1)).await);
        assert!(!passes(&stub, DONE, from(2)).await, "{toml}");
    }
}

#[tokio::test]
async fn a_trusted_proxy_tells_clients_apart() {
    let stub = Stub::start().await;
    for (setting, header, element) in
        [("x-forwarded-for", "X-Forwarded-For", ""), ("forwarded", "Forwarded", "for=")]
    {
        let gateway = Gateway::with(stub.address, &behind(setting, "127.0.0.1"));
        let from = |clients: &str| {
            let list: Vec<_> = clients.split(',').map(|client| format!("{element}\"{client}\"")).collect();
            let list = if element.is_empty() { clients.to_owned() } else { list.join(",") };
            let header = format!("{header}: {list}");
            async move { userdel_for(gateway.address, &header).await }
        };
        assert!(passes(&stub, DONE, from("203.0.113.1")).await);
        assert!(passes(&stub, DONE, from("203.0.113.2")).await);
        assert!(!passes(&stub, DONE, from("203.0.113.1")).await);
        // In front of the last hop anybody may have written anything.
        assert!(!passes(&stub, DONE, from("198.51.100.9,203.0.113.2")).await);
        // A network of IPv6 is one client.
        assert!(passes(&stub, DONE, from("[2001:db8::1]:80")).await);
        assert!(!passes(&stub, DONE, from("[2001:db8::2]:81")).await);
        assert!(passes(&stub, DONE, from("[2001:db8:0:1::1]:80")).await);
    }
}

#[tokio::test]
async fn the_proxy_protocol_names_the_client_in_front_of_the_first_byte() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &behind("proxy-protocol", "127.0.0.1"));
    let request =
        "GET /api.php?op=userdel&token=T&uid=5 HTTP/1.1\r\nHost: g\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n";
    let line = |client: u8| format!("PROXY TCP4 203.0.113.{client} 127.0.0.1 4711 80\r\n");
    let from = |client| {
        let bytes = line(client) + request;
        async move { ask(gateway.address, bytes.as_bytes()).await }
    };
    assert!(passes(&stub, DONE, from(1)).await);
    assert!(passes(&stub, DONE, from(2)).await);
    assert!(!passes(&stub, DONE, from(1)).await);
    // It stands for the whole connection, and comes once.
    let mut client = Client::connect(gateway.address).await;
    client.send((line(3) + request + request).as_bytes()).await;
    stub.will_say(DONE);
    assert_eq!(client.answer().await.expect("an answer").json()["result"], true);
    assert_eq!(client.answer().await.expect("an answer").json()["error"], "RATELIMIT");
    assert_eq!(stub.take_calls().len(), 1);
    // A trusted proxy must send it.
    let mut silent = Client::connect(gateway.address).await;
    silent.send(request.as_bytes()).await;
    assert!(silent.answer().await.is_none());
    // From anybody else it is no HTTP.
    let gateway = Gateway::with(stub.address, &behind("proxy-protocol", "10.0.0.0/8"));
    let mut stranger = Client::connect(gateway.address).await;
    stranger.send((line(1) + request).as_bytes()).await;
    assert!(stranger.answer().await.is_none_or(|answer| answer.status == 400));
    assert!(passes(&stub, DONE, userdel(gateway.address, "T")).await);
}

// ------------------------------------------------------------------------ cloud and on-premise

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
        // A slow machine gives some back meanwhile.
        assert!(passed >= 30 && refused == (kind == "cloud"), "{kind}: {passed}");
        assert_eq!(stub.take_calls().len(), 1);
    }
}
