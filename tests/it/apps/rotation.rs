//! Secrets that change on disk.

use super::{DONE, Secrets, is_refused, sent};
use crate::support::client::{ask, get, metric, metrics};
use crate::support::gateway::{Gateway, snapshot};
use crate::support::stub::Stub;

#[tokio::test]
async fn a_secret_that_changes_on_disk_is_taken_without_a_restart() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let toml = format!("unknown_tokens = 'refuse'\nkeys.interval = '20ms'\n{}", secrets.two_apps());
    let gateway = Gateway::with(stub.address, &toml);
    let ask = |key: &str| {
        let target = format!("/api.php?op=userdel&token={key}&uid=5");
        async move { get(gateway.address, &target).await }
    };
    is_refused(&ask("new-key").await, "AUTHFAIL");
    secrets.write("shop-key", "new-key");
    stub.will_say(DONE);
    let mut tries = 0;
    while ask("new-key").await.json()["result"] == false {
        tries += 1;
        assert!(tries < 100_000, "the new key is not taken");
    }
    assert!(sent(&stub)[0].contains("shop-real"));
    is_refused(&ask("shop-key").await, "AUTHFAIL");
    stub.will_say(DONE);
    ask("clinic-key").await;
    assert!(sent(&stub)[0].contains("clinic-real"));
}

#[test]
fn a_secret_that_is_gone_or_spoilt_on_disk_changes_nothing() {
    let secrets = Secrets::new();
    let snapshot = snapshot(&format!("unknown_tokens = 'refuse'\n{}", secrets.two_apps()));
    let policies = &snapshot.policies;
    let has = |key, real| policies.apps.caller(key).is_ok_and(|caller| caller.token_for_upstream("") == real);
    for spoil in ["gone", "", " \n", "two\nlines", "clinic-key"] {
        // The clinic's new token waits until all files are valid again: secrets change together or not at all.
        secrets.write("clinic-token", "clinic-new");
        if spoil == "gone" {
            secrets.remove("shop-key");
        } else {
            secrets.write("shop-key", spoil);
        }
        let told = policies.refresh().expect_err("a secret is wrong");
        assert!(told.len() == 1 && told[0].contains(": `app."), "{told:?}");
        assert!(has("shop-key", "shop-real") && has("clinic-key", "clinic-real"), "{spoil:?}");
        assert!(!policies.apps.secrets_are_read());
    }
    secrets.write("shop-key", "shop-key");
    let clinic = format!("`app.clinic.token` (the file {})", secrets.path("clinic-token"));
    assert_eq!(policies.refresh(), Ok(vec![clinic]));
    assert!(has("shop-key", "shop-real") && has("clinic-key", "clinic-new"));
    assert!(policies.apps.secrets_are_read());
    secrets.write("shop-key", "shop-other");
    let shop = format!("`app.shop.keys` (the file {})", secrets.path("shop-key"));
    assert_eq!((policies.refresh(), policies.refresh()), (Ok(vec![shop]), Ok(Vec::new())));
    assert!(has("shop-other", "shop-real") && !has("shop-key", "shop-real"));
}

#[tokio::test]
async fn whoever_asks_for_a_reload_hears_what_has_become_of_the_secrets() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &secrets.two_apps());
    let reload = async || {
        let asked = b"POST /reload HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n";
        let answer = ask(gateway.admin, asked).await;
        (answer.status, String::from_utf8(answer.body).expect("text"))
    };
    let is_read = async || metric(gateway.admin, "mesigate_secrets_ok").await;
    let shop = format!("`app.shop.token` (the file {})", secrets.path("shop-token"));
    assert_eq!(reload().await, (200, "unchanged: the settings are those in use\n".to_owned()));
    secrets.write("shop-token", "shop-new");
    assert_eq!(reload().await, (200, format!("applied: secrets have changed and are in use: {shop}\n")));
    secrets.remove("shop-token");
    let (status, told) = reload().await;
    let sentence = format!("`app.shop.token`: the file {} cannot be read", secrets.path("shop-token"));
    assert!(status == 422 && told.contains("stay in use") && told.contains(&sentence), "{told}");
    assert_eq!(is_read().await, 0);
    // A refused reload is no success, whether settings or secrets are at fault.
    let success = async || metric(gateway.admin, "mesigate_last_reload_success").await;
    assert_eq!(success().await, 0);
    secrets.write("shop-token", "shop-new");
    assert_eq!(reload().await.0, 200);
    assert_eq!((is_read().await, success().await), (1, 1));
}

#[tokio::test]
async fn secrets_that_come_back_make_good_the_reload_that_was_refused_for_them() {
    let (stub, secrets) = (Stub::start().await, Secrets::new());
    let gateway = Gateway::with(stub.address, &format!("keys.interval = '10ms'\n{}", secrets.two_apps()));
    let success = async || metric(gateway.admin, "mesigate_last_reload_success").await;
    secrets.remove("shop-token");
    let refused = ask(gateway.admin, b"POST /reload HTTP/1.1\r\nHost: g\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!((refused.status, success().await), (422, 0));
    secrets.write("shop-token", "shop-real");
    let mut looks = 0;
    while success().await == 0 {
        looks += 1;
        assert!(looks < 5_000, "{}", metrics(gateway.admin).await);
        tokio::task::yield_now().await;
    }
    assert_eq!(metric(gateway.admin, "mesigate_secrets_ok").await, 1);
}

#[test]
fn a_caller_is_known_by_the_token_that_upstream_gets_and_limited_by_its_apps_name() {
    let secrets = Secrets::new();
    let snapshot = snapshot(&secrets.two_apps());
    let policies = &snapshot.policies;
    let caller = |token: &str| policies.apps.caller(token).expect("a caller");
    let before = caller("shop-key");
    assert!(before.fingerprint == caller("shop-real").fingerprint && policies.knows(&caller("shop-real")));
    assert_ne!(before.fingerprint, caller("clinic-key").fingerprint);
    for token in ["shop-new", "clinic-real"] {
        secrets.write("shop-token", token);
        let _ = policies.refresh();
        let after = caller("shop-key");
        assert!(after.fingerprint != before.fingerprint && after.fingerprint == caller(token).fingerprint);
        assert!(after.budget() == before.budget() && after.budget() != caller("clinic-key").budget());
        assert!(policies.knows(&caller(token)) && !policies.knows(&caller("shop-real")));
    }
    assert_eq!(caller("shop-key").fingerprint, caller("clinic-key").fingerprint);
}
