//! Which budgets a request spends, and in which order.

use super::*;

#[test]
fn two_apps_do_not_disturb_each_other() {
    let (clock, limits) = limits(vec![rule("app", Per::App, "10/s", 10)]);
    for _ in 0..100 {
        assert!(passing(&limits, &ask(1), 1000) <= 10);
        assert_eq!(passing(&limits, &ask(2), 1), 1);
        clock.advance(SECOND / 10);
    }
}

#[test]
fn own_budgets_come_before_shared_ones_in_any_order() {
    let rules = vec![
        rule("all", Per::All, "1/hour", 10),
        rule("client", Per::Client, "1/hour", 8),
        rule("app", Per::App, "1/hour", 6),
        rule("group", Per::AppAndGroup, "1/hour", 4),
    ];
    let (_, limits) = limits(rules);
    let order = limits.check(&in_group(1, "7")).policies;
    let order: Vec<&str> = order.iter().map(|policy| &*policy.rule).collect();
    assert_eq!(order, ["group", "app", "client", "all"]);
    // The group's budget refuses 99, which must not touch the budgets after it.
    assert_eq!(passing(&limits, &in_group(1, "7"), 102), 3);
    assert_eq!(refuser(&limits.check(&in_group(1, "7"))), Some("group"));
    assert_eq!(passing(&limits, &in_group(1, "8"), 100), 2);
    assert_eq!(refuser(&limits.check(&in_group(1, "9"))), Some("app"));
    assert_eq!(passing(&limits, &ask(2), 2), 2);
    assert_eq!(refuser(&limits.check(&ask(2))), Some("client"));
    assert_eq!(passing(&limits, &Query { client: [9, 9, 9, 9].into(), ..ask(3) }, 2), 2);
    assert_eq!(refuser(&limits.check(&Query { client: [9, 9, 9, 9].into(), ..ask(4) })), Some("all"));
}

#[test]
fn what_own_budgets_gave_to_a_request_that_a_shared_one_refuses_is_spent() {
    let (clock, limits) = limits(vec![rule("app", Per::App, "1/hour", 3), rule("all", Per::All, "1/s", 1)]);
    assert_eq!(passing(&limits, &ask(1), 3), 1);
    clock.advance(SECOND);
    assert_eq!(refuser(&limits.check(&ask(1))), Some("app"));
}

#[test]
fn unproven_tokens_share_the_budget_of_their_address() {
    let (_, limits) =
        limits(vec![rule("app", Per::App, "1/hour", 3), rule("group", Per::AppAndGroup, "1/hour", 3)]);
    let passed = (0..100).filter(|&token| limits.check(&stranger(token, "10.0.0.1")).refusal.is_none());
    assert_eq!(passed.count(), 3);
    assert_eq!(passing(&limits, &stranger(5, "10.0.0.2"), 9), 3);
    // An invented group does not help it, and a known app does not suffer.
    assert!(limits.check(&Query { group: Some("77"), ..stranger(7, "10.0.0.1") }).refusal.is_some());
    assert_eq!(passing(&limits, &Query { app: Fingerprint(5), ..from("10.0.0.1") }, 9), 3);
}

#[test]
fn an_address_as_stranger_and_as_client_are_two_budgets() {
    let (_, limits) =
        limits(vec![rule("app", Per::App, "1/hour", 2), rule("client", Per::Client, "1/hour", 5)]);
    assert_eq!(passing(&limits, &stranger(1, "10.0.0.1"), 9), 2);
    // An app whose fingerprint equals the key of the address has a budget of its own.
    let key = Ipv4Addr::new(10, 0, 0, 1).to_ipv6_mapped().to_bits();
    assert_eq!(passing(&limits, &Query { app: Fingerprint(key), ..from("10.0.0.1") }, 9), 2);
}

#[test]
fn ipv6_counts_by_64_bits_and_mapped_ipv4_as_ipv4() {
    let same = |one: &str, other: &str| {
        let (_, limits) = limits(vec![rule("client", Per::Client, "1/hour", 1)]);
        assert_eq!(passing(&limits, &from(one), 2), 1);
        limits.check(&from(other)).refusal.is_some()
    };
    assert!(same("2001:db8::1", "2001:db8::ffff:2:3:4"));
    assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
    assert!(same("10.0.0.1", "::ffff:10.0.0.1"));
    assert!(!same("10.0.0.1", "10.0.0.2"));
    assert!(!same("::ffff:10.0.0.1", "::ffff:10.0.0.2"));
    assert!(!same("::1", "0.0.0.1"));
}

#[test]
fn a_group_is_a_number_however_it_is_written() {
    let same = |one: &str, other: &str| {
        let (_, limits) = limits(vec![rule("group", Per::AppAndGroup, "1/hour", 1)]);
        assert_eq!(passing(&limits, &in_group(1, one), 2), 1);
        limits.check(&in_group(1, other)).refusal.is_some()
    };
    assert!(same("31", "0031") && same("31", "0x1F") && same("31", " 31\n") && same("friends", "friends"));
    assert!(!same("31", "32") && !same("31", "") && !same("friends", "foes"));
    let (_, limits) = limits(vec![rule("group", Per::AppAndGroup, "1/hour", 1)]);
    assert_eq!(passing(&limits, &in_group(1, "31"), 2), 1);
    assert_eq!(passing(&limits, &in_group(2, "31"), 2), 1);
    assert_eq!(passing(&limits, &ask(1), 2), 1);
    assert!(limits.check(&in_group(1, " ")).refusal.is_some());
}
