//! Rules of the migration that no call can reach are faults of the settings, with their place.

use mesigate::snapshot::reload::ReloadOutcome;

use crate::apps::Secrets;
use crate::support::gateway::Gateway;

#[tokio::test]
async fn a_rule_that_no_call_can_reach_is_refused_with_its_place() {
    let secrets = Secrets::new();
    let gateway = Gateway::start("");
    let base = secrets.shop("operations = ['message', 'deluser']") + &secrets.clinic();
    let line = base.lines().count() + 1;
    for (rules, told) in [
        (
            "[[deprecation]]\noperations = ['useradd', 'userdell']\nsince = 2027-03-01",
            "`deprecation.1.operations`: `userdell` is no operation's name; did you mean `userdel`?",
        ),
        (
            "[[brownout]]\nname = 'a'\noperations = ['deluser']\nfrom = 2027-03-01\nfor = '1h'",
            "`brownout.a.operations`: `deluser` is another name of `userdel`: write that one",
        ),
        (
            "[[brownout]]\nname = 'a'\napps = ['shop']\noperations = ['useradd', 'otp']\nfrom = 2027-03-01\nfor = '1h'",
            "`brownout.a.operations`: no app that this names may use any of them: no call can be meant",
        ),
        (
            "[[client]]\nname = 'all phones'\nprogram = 'okhttp'\n[[client]]\nname = 'shop'\napp = 'shop'\nprogram = 'OkHttp'",
            "`client`: it never counts",
        ),
        (
            "[[deprecation]]\nsince = 2027-03-01\n[[deprecation]]\napps = ['shop']\nsince = 2027-03-01",
            "`deprecation`: it never counts",
        ),
    ] {
        let ReloadOutcome::Refused(reasons) = gateway.reload(&format!("{base}\n{rules}")) else {
            panic!("it is taken: {rules}");
        };
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        let (place, what) = reasons[0].split_once(": ").expect("a place");
        let at: usize = place.strip_prefix("the test:").and_then(|line| line.parse().ok()).expect("a line");
        assert!(at >= line && what.starts_with(told), "{line} {reasons:?}");
    }
    for sound in [
        "[[brownout]]\nname = 'a'\napps = ['shop', 'clinic']\noperations = ['useradd']\nfrom = 2027-03-01\nfor = '1h'",
        "[[brownout]]\nname = 'a'\napps = ['shop']\noperations = ['userdel', 'otp']\nfrom = 2027-03-01\nfor = '48h'",
        "[[deprecation]]\napps = ['shop']\nsince = 2027-03-01\n[[deprecation]]\nsince = 2027-03-01",
        "[[client]]\nname = 'shop'\napp = 'shop'\n[[client]]\nname = 'phones'\nprogram = 'okhttp'",
        "[migration]\nstrangers = 'refuse'\nstrangers_from = 2027-03-01",
    ] {
        assert_eq!(gateway.reload(&format!("{base}\n{sound}")), ReloadOutcome::Applied, "{sound}");
    }
}
