//! Whose budget a request spends.

use super::{DONE, passes, passing, two, userdel};
use crate::apps::{Secrets, is_refused, post};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::stub::Stub;

const AUTHFAIL: &str = r#"{"op":"userdel","result":false,"error":"AUTHFAIL","code":401}"#;

#[tokio::test]
async fn two_apps_do_not_disturb_each_other() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &(two("per = 'app'") + &secrets.two_apps()));
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 2);
    assert_eq!(passing(&stub, gateway.address, "clinic-key").await, 2);
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 0);
}

#[tokio::test]
async fn all_who_bring_one_token_have_one_budget_where_a_limit_speaks_of_the_token() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("clinic-token", "shop-real");
    let callers = ["shop-key", "clinic-key", "shop-real"];
    for (per, passed) in [("token", [2, 0, 0]), ("app", [2, 2, 2])] {
        let gateway = Gateway::with(stub.address, &(two(&format!("per = '{per}'")) + &secrets.two_apps()));
        for (caller, passed) in callers.into_iter().zip(passed) {
            assert_eq!(passing(&stub, gateway.address, caller).await, passed, "{per}: {caller}");
        }
    }
    // With a token each, the apps have budgets of their own; an invented token first counts as a stranger's.
    secrets.write("clinic-token", "clinic-real");
    let gateway = Gateway::with(stub.address, &(two("per = 'token'") + &secrets.two_apps()));
    for (caller, passed) in [("shop-key", 2), ("clinic-key", 2), ("shop-real", 0), ("invented", 3)] {
        assert_eq!(passing(&stub, gateway.address, caller).await, passed, "{caller}");
    }
}

#[tokio::test]
async fn as_shipped_two_apps_with_one_token_list_members_as_one() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    secrets.write("clinic-token", "shop-real");
    let gateway =
        Gateway::as_shipped(&format!("upstream.url = 'http://{}/'\n{}", stub.address, secrets.two_apps()));
    stub.will_say(r#"{"result":true,"members":[]}"#);
    let mut left = Vec::new();
    for key in ["shop-key", "clinic-key"] {
        let answer = get(gateway.address, &format!("/api.php?op=groupgetmembers&token={key}&gid=7")).await;
        let remaining =
            answer.header("ratelimit").and_then(|limit| limit.split("r=").nth(1)?.split(';').next());
        left.push(remaining.expect("what is left").parse::<u32>().expect("a number"));
    }
    assert_eq!(left, [29, 28]);
    stub.take_calls();
}

#[tokio::test]
async fn tokens_that_upstream_takes_do_not_disturb_each_other() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &two("per = 'app'"));
    for token in ["first", "second"] {
        // The first request counts as a stranger's, those after it as the token's own.
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
    // Known callers do not suffer from them.
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 2);
}

/// Upstream may answer an unknown operation whatever the token is.
#[tokio::test]
async fn what_upstream_answers_to_an_operation_that_the_table_does_not_know_proves_no_token() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &two("per = 'app'"));
    let mut passed = 0;
    for number in 0..20 {
        for _ in 0..2 {
            let body = format!(r#"{{"op":"version","token":"made-up-{number}"}}"#);
            passed += usize::from(passes(&stub, DONE, post(gateway.address, "/backend", &body)).await);
        }
    }
    assert_eq!(passed, 2);
}

/// Requests that are refused before an app's limits are checked.
#[tokio::test]
async fn what_is_refused_early_costs_the_clients_address_and_nobody_else() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limit = |name, per| format!("{{ name = '{name}', rate = '3/day', per = '{per}' }}");
    let limits =
        [("client", "client-address"), ("app", "app"), ("all", "all")].map(|(name, per)| limit(name, per));
    let toml = |count: usize| {
        format!("unknown_tokens = 'refuse'\nlimit = [{}]\n", limits[..count].join(", "))
            + &secrets.shop("operations = ['userdel']")
    };
    for (target, body, error) in [
        ("op=userdel&token=guess&uid=5", "", "AUTHFAIL"),
        ("token=shop-key", "", "NOOP"),
        ("op=nothing&token=shop-key", "", "BADOP"),
        ("op=groupdel&gid=7&token=shop-key", "", "BADOP"),
        ("op=userdel&uid=5", "", "AUTHFAIL"),
        ("op=userdel&op=useradd&token=shop-key", "", "AMBIGUOUS"),
        ("op=userdel&token=shop-key", "", "MISSINGPARAM"),
        ("op=userdel&uid=x&token=shop-key", "", "BADPARAM"),
        ("", r#"{"op":"userdel","token":"guess"}"#, "AUTHFAIL"),
        ("", r#"{"op":"groupdel","token":"shop-key"}"#, "BADOP"),
        ("", r#"{"op":"userdel","token":"shop-key""#, "BADREQUEST"),
    ] {
        let gateway = Gateway::with(stub.address, &toml(1));
        let ask = async || match body {
            "" => get(gateway.address, &format!("/api.php?{target}")).await,
            body => post(gateway.address, "/backend", body).await,
        };
        for _ in 0..3 {
            let answer = ask().await.json();
            assert_eq!(answer["error"], error, "{target}{body}: {answer}");
        }
        let answer = ask().await;
        is_refused(&answer, "RATELIMIT");
        assert!(answer.header("retry-after").is_some(), "{target}{body}");
        assert!(!passes(&stub, DONE, userdel(gateway.address, "shop-key")).await, "it is one budget");
    }
    // Where no rule counts addresses, such requests spend nothing.
    let toml = toml(3).replace("client-address", "app+gid");
    let gateway = Gateway::with(stub.address, &toml);
    for _ in 0..9 {
        is_refused(&userdel(gateway.address, "guess").await, "AUTHFAIL");
        is_refused(&get(gateway.address, "/api.php?op=userdel&token=shop-key").await, "MISSINGPARAM");
    }
    assert_eq!(passing(&stub, gateway.address, "shop-key").await, 3);
}

/// A rule for some operations counts these alone, also where they are refused early.
#[tokio::test]
async fn what_is_refused_early_spends_the_rules_of_its_operation() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml =
        "limit = [{ name = 'del', rate = '2/day', per = 'client-address', operations = ['userdel'] }]\n";
    let gateway = Gateway::with(stub.address, &(toml.to_owned() + &secrets.shop("")));
    for _ in 0..5 {
        is_refused(&get(gateway.address, "/api.php?op=useradd&token=shop-key").await, "MISSINGPARAM");
    }
    for error in ["MISSINGPARAM", "MISSINGPARAM", "RATELIMIT"] {
        is_refused(&get(gateway.address, "/api.php?op=userdel&token=shop-key").await, error);
    }
}

#[tokio::test]
async fn a_token_that_upstream_takes_no_more_is_a_stranger_again() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, &two("per = 'app'"));
    assert!(passes(&stub, DONE, userdel(gateway.address, "token")).await);
    assert!(passes(&stub, AUTHFAIL, userdel(gateway.address, "token")).await);
    // One request is left in its own budget and one in the strangers'; now the strangers' counts.
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
    for (gid, passed) in [("26", true), ("\" 26 \"", false)] {
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
    // The refused requests took nothing from the budget of all.
    assert_eq!(passing(&stub, gateway.address, "clinic-key").await, 2);
    let refused = userdel(gateway.address, "clinic-key").await;
    assert!(refused.json()["cause"].as_str().is_some_and(|cause| cause.contains("`all`")));
}

#[tokio::test]
async fn what_is_refused_before_the_limits_and_what_comes_from_the_cache() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = format!("cache.fresh = '1h'\n{}{}", two("per = 'app'"), secrets.shop(""));
    let gateway = Gateway::with(stub.address, &toml);
    // An invalid request costs nothing.
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
