//! Over any time, as many requests pass as the rule says.

use super::*;

/// Clock steps that are no multiple of any interval, from far shorter than one to several intervals.
const STEPS: [f64; 7] = [0.013, 0.37, 0.9, 1.0, 1.61, 0.0007, 2.3];

/// Sends as many requests as pass, in steps of parts of an interval, until about `count` have passed; then compares
/// with what the rule allows for the time.
fn admitted_is_burst_and_rate(rate: &str, burst: u32, count: u32) {
    let rule = rule("r", Per::App, rate, burst);
    let Rate { count: per_window, window } = rule.rate;
    let (clock, limits) = limits(vec![rule]);
    let each = window.as_secs_f64() / f64::from(per_window.get());
    let (mut passed, mut time) = (0_u32, Duration::ZERO);
    for step in STEPS.iter().cycle() {
        while limits.check(&ask(1)).refusal.is_none() {
            passed += 1;
        }
        if passed > count {
            break;
        }
        // Steps are short enough never to fill the budget, because a full budget loses time.
        let step = if burst == 1 { 0.25 } else { step.min(f64::from(burst - 1)) };
        let step = Duration::from_secs_f64(each * step);
        clock.advance(step);
        time += step;
    }
    let expected = f64::from(burst) + time.as_secs_f64() / each;
    let difference = f64::from(passed) - expected;
    assert!(difference.abs() <= 1.0, "{rate}, burst {burst}: {passed} in {time:?}, {expected} expected");
}

#[test]
fn admitted_is_burst_plus_rate_times_time() {
    for (rate, burst, count) in [
        ("30/min", 10, 20_000),     // 11 hours
        ("5/10s", 1, 20_000),       // 11 hours
        ("7/s", 7, 50_000),         // 2 hours; the interval is no whole number of nanoseconds
        ("1000/s", 50, 50_000),     // a minute
        ("3/hour", 3, 10_000),      // 139 days
        ("1000/day", 1000, 50_000), // 50 days
        ("1/day", 2, 2_000),        // 5 years
        ("1/s", 100_000, 150_000),  // a burst of more than a day
        ("999983/s", 9, 800),       // near the highest
    ] {
        admitted_is_burst_and_rate(rate, burst, count);
    }
}

#[test]
fn a_rested_budget_holds_the_burst_and_no_more() {
    let (clock, limits) = limits(vec![rule("r", Per::App, "1/s", 5)]);
    for _ in 0..3 {
        assert_eq!(passing(&limits, &ask(1), 20), 5);
        clock.advance(Duration::from_hours(1000));
    }
}

#[test]
fn a_refused_request_passes_after_its_wait_and_not_before() {
    for rate in ["7/s", "30/min", "1/day"] {
        let (clock, limits) = limits(vec![rule("r", Per::App, rate, 2)]);
        assert_eq!(passing(&limits, &ask(1), 9), 2, "{rate}");
        let refusal = limits.check(&ask(1)).refusal.expect("over");
        clock.advance(refusal.retry_after.saturating_sub(Duration::from_nanos(1)));
        assert!(limits.check(&ask(1)).refusal.is_some(), "{rate}");
        clock.advance(Duration::from_nanos(1));
        assert!(limits.check(&ask(1)).refusal.is_none(), "{rate}");
    }
}

#[test]
fn workers_that_ask_at_once_do_not_get_more() {
    let clock = FakeRelativeClock::default();
    let rules = || vec![rule("own", Per::App, "1/day", 100), rule("all", Per::All, "1/day", 1000)];
    // Once with room for keys, once with a shared budget for callers without room.
    for (room, apps) in [(MOST_KEYS, 5), (0, 1)] {
        let limits = Limits::new(rules(), room, clock.clone());
        let worker = || (0..apps).map(|app| passing(&limits, &ask(app), 200)).sum::<usize>();
        let passed: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
            workers.into_iter().map(|worker| worker.join().expect("it ends")).sum()
        });
        assert_eq!((passed, limits.keys()), (100 * usize::try_from(apps).expect("few"), room.min(5)));
    }
}

#[test]
fn the_longest_of_everything_is_no_overflow() {
    let (clock, limits) =
        limits(vec![Rule { cost: Cost::Members, ..rule("r", Per::App, "1/365day", u32::MAX) }]);
    clock.advance(Duration::from_hours(24 * 3650));
    assert!(limits.check(&Query { members: 10, ..ask(1) }).refusal.is_none());
    assert!(limits.check(&Query { members: u32::MAX, ..ask(1) }).refusal.expect("too many").never);
    assert!(!limits.check(&Query { members: 1, ..ask(1) }).refusal.expect("over").never);
}
