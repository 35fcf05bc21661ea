//! How rates are parsed, and how headers are written.

use super::*;

#[test]
fn rates_are_read() {
    for (text, count, seconds) in [
        ("30/min", 30, 60),
        ("5/10s", 5, 10),
        ("1/s", 1, 1),
        ("2/sec", 2, 1),
        ("100/hour", 100, 3600),
        ("1000/day", 1000, 86400),
        ("1/365day", 1, 365 * 86400),
        (" 7 / 2 min ", 7, 120),
        ("1000000/s", 1_000_000, 1),
        ("4294967295/2hour", u32::MAX, 7200),
    ] {
        let rate = Rate::parse(text).expect(text);
        assert_eq!((rate.count.get(), rate.window), (count, Duration::from_secs(seconds)), "{text}");
    }
}

#[test]
fn what_is_no_rate_is_told_what_one_is() {
    for (text, say) in [
        ("", "30/min"),
        ("30", "30/min"),
        ("/min", "30/min"),
        ("30/", "30/min"),
        ("30/minute", "30/min"),
        ("30/m", "30/min"),
        ("30/MIN", "30/min"),
        ("30/1.5min", "30/min"),
        ("30/500ms", "30/min"),
        ("-1/s", "30/min"),
        ("+1/s", "30/min"),
        ("1/+1s", "30/min"),
        ("1.5/s", "30/min"),
        ("30 per min", "30/min"),
        ("30/min/s", "30/min"),
        ("٣/s", "30/min"),
        ("4294967296/day", "30/min"),
        ("1/99999999999999999999s", "30/min"),
        ("1/999999999999999999day", "30/min"),
        ("0/s", "1 or more"),
        ("1/0s", "1s or more"),
        ("1/366day", "365day or less"),
        ("1000001/s", "1000000/s"),
    ] {
        let fault = Rate::parse(text).expect_err(text);
        assert!(fault.contains(say) && fault.contains(&format!("`{text}`")), "{text}: {fault}");
    }
}

#[test]
fn a_burst_that_takes_for_ever_is_a_fault() {
    assert_eq!(rule("r", Per::App, "1/day", 3650).fault(), None);
    let fault = rule("r", Per::App, "1/day", 3651).fault().expect("too much");
    assert!(fault.contains("3650 is the most"), "{fault}");
    assert_eq!(rule("r", Per::App, "1000/s", u32::MAX).fault(), None);
}

#[test]
fn headers_are_as_the_draft_has_them() {
    let policy = |rule: &str, quota, window, remaining, reset| Policy {
        rule: rule.into(),
        quota,
        window,
        remaining,
        reset,
    };
    let one = [policy("members", 20, 60, 3, 17)];
    assert_eq!(policy_header(&one).as_deref(), Some("\"members\";q=20;w=60"));
    assert_eq!(state_header(&one).as_deref(), Some("\"members\";r=3;t=17"));
    let two = [policy("a", 1, 1, 0, 1), policy("b \"\\ü\n", 1000, 86400, 999, 87)];
    assert_eq!(policy_header(&two).as_deref(), Some("\"a\";q=1;w=1, \"b \\\"\\\\??\";q=1000;w=86400"));
    assert_eq!(state_header(&two).as_deref(), Some("\"a\";r=0;t=1, \"b \\\"\\\\??\";r=999;t=87"));
    assert_eq!((policy_header(&[]), state_header(&[])), (None, None));
}

#[test]
fn what_is_left_and_when_there_is_more() {
    let (clock, limits) = limits(vec![rule("members", Per::App, "20/min", 3)]);
    let state = |ask: &Query<'_>| state_header(&limits.check(ask).policies).expect("a policy");
    let seen: Vec<_> = (0..4).map(|_| state(&ask(1))).collect();
    let expected = ["r=2;t=3", "r=1;t=3", "r=0;t=3", "r=0;t=3"].map(|rest| format!("\"members\";{rest}"));
    assert_eq!(seen, expected);
    clock.advance(Duration::from_millis(2200));
    let refusal = limits.check(&ask(1)).refusal.expect("over");
    assert_eq!((refusal.retry_after, refusal.seconds()), (Duration::from_millis(800), Some(1)));
    clock.advance(Duration::from_millis(800));
    assert_eq!(state(&ask(1)), "\"members\";r=0;t=3");
    assert_eq!(policy_header(&limits.check(&ask(1)).policies).as_deref(), Some("\"members\";q=20;w=60"));
}

#[test]
fn a_wait_is_shown_as_a_second_or_more() {
    let (_, limits) = limits(vec![rule("fast", Per::App, "1000/s", 1)]);
    assert_eq!(passing(&limits, &ask(1), 2), 1);
    let verdict = limits.check(&ask(1));
    assert_eq!(verdict.refusal.and_then(|refusal| refusal.seconds()), Some(1));
    assert_eq!(verdict.policies[0].reset, 1);
}
