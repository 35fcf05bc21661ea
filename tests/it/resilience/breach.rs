//! TOKENBREACH: a disabled token stops its app and no other.

use super::{DONE, MEMBERS, READ, WRITE, is, is_done, metric, retry_after};
use crate::apps::{Secrets, is_refused, post};
use crate::support::client::get;
use crate::support::gateway::Gateway;
use crate::support::program::{out, run};
use crate::support::stub::Stub;

const BREACH: &str = r#"{"op":"x","result":false,"error":"TOKENBREACH","code":403}"#;

#[tokio::test]
async fn a_disabled_token_holds_back_its_app_with_all_keys_and_nobody_else() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let limits = "limits = [{ name = 'few', per = 'app', rate = '2/day' }]";
    let toml = secrets.shop(limits).replace(
        "keys = [",
        "keys = [{ sha256 = '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683' }, ",
    );
    let gateway = Gateway::with(stub.address, &(toml + &secrets.clinic()));
    let ask = async |key: &str| get(gateway.address, &format!("/api.php?op=userdel&token={key}&uid=5")).await;
    stub.will_say(BREACH);
    is(&ask("shop-key").await, "TOKENBREACH", "done");
    for _ in 0..5 {
        for key in ["shop-key", "key"] {
            let answer = ask(key).await;
            is_refused(&answer, "TOKENBREACH");
            assert!((890..=900).contains(&retry_after(&answer)));
            assert_eq!(answer.json()["properties"][0], "token");
        }
    }
    let answer = post(gateway.address, "/backend", r#"{"op":"userdel","token":"key"}"#).await;
    is_refused(&answer, "TOKENBREACH");
    for key in ["clinic-key", "somebody"] {
        stub.will_say(DONE);
        is_done(&ask(key).await);
    }
    assert_eq!(stub.take_calls().len(), 3);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"shop\"}").await, 1);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"clinic\"}").await, 0);
    assert_eq!(metric(&gateway, "token_breaches_held").await, 1);

    let admin = gateway.admin.to_string();
    let ready = get(gateway.admin, "/readyz").await;
    assert_eq!(ready.status, 200);
    assert!(
        String::from_utf8_lossy(&ready.body).contains("1 held back because upstream has disabled the token")
    );
    let breaches = |more: &[&str]| out(&run(&[&["breaches", "--admin", &admin], more].concat()));
    assert!(breaches(&[]).starts_with("app shop: ") && breaches(&[]).ends_with(" s left\n"));
    assert_eq!(breaches(&["--clear", "clinic"]), "0 no longer held back\n");
    let nobody = run(&["breaches", "--admin", &admin, "--clear", "nosuch"]);
    let names = "no app has this name: there are shop, clinic\n";
    assert_eq!((nobody.status.code(), out(&nobody).as_str()), (Some(1), names));
    is_refused(&ask("key").await, "TOKENBREACH");
    assert_eq!(breaches(&["--clear", "shop"]), "1 no longer held back\n");
    assert_eq!(
        (breaches(&[]), breaches(&["--clear"])),
        ("nobody is held back\n".to_owned(), "0 no longer held back\n".to_owned())
    );
    assert_eq!(get(gateway.admin, "/readyz").await.body, b"ready\n");
    stub.will_say(DONE);
    is_done(&ask("key").await);
    is_refused(&ask("shop-key").await, "RATELIMIT");
    assert_eq!(stub.take_calls().len(), 1, "what was refused for TOKENBREACH had spent nothing");
    assert_eq!(metric(&gateway, "token_breaches_held").await, 0);
}

#[tokio::test]
async fn a_disabled_token_is_remembered_from_a_read_that_may_be_kept_too() {
    let stub = Stub::start().await;
    let gateway = Gateway::with(stub.address, "cache.fresh = '1h'");
    stub.will_say(MEMBERS);
    is_done(&get(gateway.address, READ).await);
    stub.will_say(BREACH);
    is(&get(gateway.address, "/api.php?op=groupgetmembers&token=T&gid=8").await, "TOKENBREACH", "done");
    for target in [READ, WRITE] {
        is_refused(&get(gateway.address, target).await, "TOKENBREACH");
    }
    assert_eq!(stub.take_calls().len(), 2);
    assert_eq!(metric(&gateway, "token_breaches_total{app=\"-\"}").await, 1);
}

#[tokio::test]
async fn a_new_token_in_the_apps_file_ends_it() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &format!("keys.interval = '10ms'\n{}", secrets.shop("")));
    let ask = async || get(gateway.address, "/api.php?op=userdel&token=shop-key&uid=5").await;
    stub.will_say(BREACH);
    is(&ask().await, "TOKENBREACH", "done");
    is_refused(&ask().await, "TOKENBREACH");
    secrets.write("shop-token", "shop-new");
    // A request that is under way while the token changes may still go with the old one.
    while get(gateway.admin, "/breaches").await.body != b"nobody is held back\n" {
        tokio::task::yield_now().await;
    }
    stub.will_say(DONE);
    is_done(&ask().await);
    let sent: Vec<_> =
        stub.take_calls().iter().map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect();
    assert!(sent.len() == 2 && sent[1].contains("shop-new"), "{sent:?}");
}
