//! Shadow rules, costs, the requests that a rule holds for, and new settings.

use super::*;

fn members(count: u32) -> Query<'static> {
    Query { members: count, ..ask(1) }
}

#[test]
fn a_shadow_rule_never_refuses_and_is_named() {
    let shadow = Rule { mode: Mode::Shadow, ..rule("trial", Per::App, "1/s", 2) };
    let (clock, limits) = limits(vec![shadow, rule("all", Per::All, "1/hour", 50)]);
    let named = |count: usize| {
        let verdicts = (0..count).map(|_| limits.check(&ask(1)));
        verdicts.filter(|verdict| verdict.would_refuse.iter().any(|name| &**name == "trial")).count()
    };
    assert_eq!(named(10), 8);
    clock.advance(SECOND);
    assert_eq!(named(10), 9);
    // The enforced rule has counted too, and callers see it alone.
    let verdict = limits.check(&ask(1));
    assert_eq!(verdict.policies.iter().map(|policy| &*policy.rule).collect::<Vec<_>>(), ["all"]);
    assert_eq!(verdict.policies.first().map(|policy| policy.remaining), Some(29));
    assert_eq!(passing(&limits, &ask(1), 100), 29);
}

#[test]
fn members_cost_their_number_all_or_nothing() {
    let (clock, limits) = limits(vec![Rule { cost: Cost::Members, ..rule("edit", Per::App, "1/s", 20) }]);
    assert_eq!(limits.check(&members(15)).policies[0].remaining, 5);
    let verdict = limits.check(&members(8));
    let refusal = verdict.refusal.expect("over");
    assert_eq!((refusal.never, refusal.retry_after, refusal.seconds()), (false, 3 * SECOND, Some(3)));
    assert_eq!((verdict.policies[0].remaining, verdict.policies[0].reset), (5, 3));
    assert!(limits.check(&members(5)).refusal.is_none());
    clock.advance(3 * SECOND);
    assert_eq!(passing(&limits, &members(0), 9), 3);
}

#[test]
fn what_costs_more_than_a_full_budget_can_never_pass() {
    let (clock, limits) = limits(vec![Rule { cost: Cost::Members, ..rule("edit", Per::App, "1/s", 20) }]);
    for count in [21, u32::MAX] {
        let verdict = limits.check(&members(count));
        let refusal = verdict.refusal.expect("too many");
        assert_eq!((refusal.never, refusal.burst, refusal.seconds()), (true, 20, None));
        assert!(verdict.policies.is_empty());
        clock.advance(Duration::from_hours(1));
    }
    assert!(limits.check(&members(20)).refusal.is_none());
}

#[test]
fn a_rule_holds_for_its_operations_and_upstreams() {
    let few =
        Rule { operations: vec!["useradd".into(), "userdel".into()], ..rule("few", Per::App, "1/hour", 1) };
    let (_, limits) = limits(vec![Rule { on_premise: false, ..few }]);
    let elsewhere = Query { on_premise: true, ..ask(1) };
    assert_eq!(passing(&limits, &elsewhere, 9), 9);
    assert_eq!(passing(&limits, &Query { operation: Some("message"), ..ask(1) }, 9), 9);
    assert_eq!(passing(&limits, &Query { operation: None, ..ask(1) }, 9), 9);
    assert_eq!(passing(&limits, &ask(1), 9), 1);
    assert_eq!(passing(&limits, &Query { operation: Some("userdel"), ..ask(1) }, 9), 0);
    let (_, limits) = super::limits(vec![rule("everything", Per::App, "1/hour", 1)]);
    assert_eq!(passing(&limits, &Query { operation: None, on_premise: true, ..ask(1) }, 9), 1);
}

#[test]
fn new_settings_keep_what_is_unchanged_and_start_the_rest_afresh() {
    let kept = || rule("kept", Per::AppAndGroup, "1/hour", 5);
    let (_, old) =
        limits(vec![kept(), rule("changed", Per::App, "1/hour", 5), rule("gone", Per::All, "1/hour", 5)]);
    assert_eq!(passing(&old, &in_group(1, "7"), 3), 3);
    let new = old.reloaded(vec![
        rule("changed", Per::App, "2/hour", 5),
        kept(),
        rule("new", Per::All, "1/hour", 9),
    ]);
    let left = |limits: &Limits<_>| {
        let policies = limits.check(&in_group(1, "7")).policies;
        policies.iter().map(|policy| (policy.rule.to_string(), policy.remaining)).collect::<Vec<_>>()
    };
    assert_eq!(left(&new), [("kept".into(), 1), ("changed".into(), 4), ("new".into(), 8)]);
    // A request that began under the old settings spends the same budget.
    assert_eq!(left(&old), [("kept".into(), 0), ("changed".into(), 1), ("gone".into(), 1)]);
    assert_eq!(refuser(&new.check(&in_group(1, "7"))), Some("kept"));
}

#[test]
fn twins_do_not_share_a_budget() {
    let twin = || rule("twin", Per::App, "1/hour", 4);
    let (_, limits) = limits(vec![twin()]);
    let limits = limits.reloaded(vec![twin(), twin()]);
    assert_eq!(passing(&limits, &ask(1), 9), 4);
}

#[test]
fn without_rules_everything_passes() {
    let (_, limits) = limits(Vec::new());
    assert!(!limits.concern(&ask(1)));
    assert_eq!(limits.check(&ask(1)), Ruling::default());
}

#[test]
fn a_rule_concerns_those_for_which_it_holds() {
    let of_otp = Rule { operations: vec!["otp".to_owned()], ..rule("few", Per::App, "1/s", 1) };
    let (_, limits) = limits(vec![of_otp]);
    assert!(limits.concern(&Query { operation: Some("otp"), ..ask(1) }));
    assert!(!limits.concern(&Query { operation: Some("message"), ..ask(1) }));
}
