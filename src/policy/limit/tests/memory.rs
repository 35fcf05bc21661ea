//! Nobody can make the gateway remember without end.

use std::process::Command;

use super::*;
use crate::policy::fingerprint::Fingerprints;
use crate::policy::known::{PROVEN_IDLE, Proven};

const MANY: u32 = 1_000_000;

/// Resident memory of this process in KiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
    line.trim().trim_end_matches(" kB").parse().expect("KiB")
}

fn keyed() -> Vec<Rule> {
    let kinds = [("app", Per::App), ("client", Per::Client)];
    kinds.map(|(name, per)| Rule { mode: Mode::Shadow, ..rule(name, per, "5/10s", 5) }).into()
}

/// A million requests, each with another token and from another network.
fn flood(limits: &Limits<FakeRelativeClock>, proven: bool) {
    let fingerprints = Fingerprints::default();
    for number in 0..MANY {
        let text = number.to_string();
        let client = IpAddr::V6((u128::from(number) << 64).into());
        let ask = Ask { app: fingerprints.of(&text), proven, client, ..ask(0) };
        let verdict = limits.check(&ask);
        assert!(verdict.refusal.is_none());
        if number % 10_000 == 0 {
            assert!(limits.keys() <= MOST_KEYS);
        }
    }
    assert!(limits.keys() <= MOST_KEYS);
}

/// In a process of its own: the memory of the tests that run beside it is not the limits'.
#[test]
fn a_million_tokens_of_either_kind_take_20_mib_at_most() {
    let this = std::env::current_exe().expect("a test binary");
    let name = concat!(module_path!(), "::flooded");
    let name = name.split_once("::").expect("a crate").1;
    let output =
        Command::new(this).args(["--exact", name, "--ignored", "--nocapture"]).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[test]
#[ignore = "run by a_million_tokens_of_either_kind_take_20_mib_at_most"]
fn flooded() {
    let before = resident();
    let (clock, limits) = limits(keyed());
    flood(&limits, false);
    let strangers = limits.keys();
    flood(&limits, true);
    let grown = resident().saturating_sub(before);
    println!("{} keys, {strangers} of them strangers', {grown} KiB", limits.keys());
    assert!(grown <= 20 * 1024, "{grown} KiB");
    // Each of the three parts is full, to the rest of the division.
    assert_eq!(limits.keys(), MOST_KEYS / 3 * 3);
    clock.advance(Duration::from_hours(1));
    limits.prune();
    assert_eq!(limits.keys(), 0);
}

#[test]
fn a_new_key_beyond_the_cap_shares_and_old_ones_go_on() {
    let clock = FakeRelativeClock::default();
    let limits = Limits::new(vec![rule("app", Per::App, "1/s", 3)], 4, clock.clone());
    assert_eq!((passing(&limits, &ask(1), 1), passing(&limits, &ask(2), 1)), (1, 1));
    let late = (3..100).filter(|&app| limits.check(&ask(app)).refusal.is_none());
    assert_eq!(late.count(), 3);
    assert_eq!((passing(&limits, &ask(1), 9), passing(&limits, &ask(2), 9)), (2, 2));
    // Strangers have room of their own, and no more of it.
    let addresses = (1..=9).map(|last| passing(&limits, &stranger(1, &format!("10.0.0.{last}")), 9));
    assert_eq!(addresses.sum::<usize>(), 3 + 3 + 3);
    assert_eq!(limits.keys(), 4);
    clock.advance(9 * SECOND);
    limits.prune();
    assert_eq!(passing(&limits, &ask(50), 9), 3);
    assert_eq!(passing(&limits, &ask(51), 9), 3);
}

#[test]
fn pruning_forgets_who_is_full_again_and_nobody_else() {
    let (clock, limits) = limits(vec![rule("app", Per::App, "1/s", 10)]);
    assert_eq!(passing(&limits, &ask(1), 10), 10);
    assert_eq!(passing(&limits, &ask(2), 1), 1);
    clock.advance(5 * SECOND);
    limits.prune();
    assert_eq!(limits.keys(), 1);
    assert_eq!(passing(&limits, &ask(1), 10), 5);
    assert_eq!(passing(&limits, &ask(2), 20), 10);
    clock.advance(Duration::from_mins(1));
    limits.prune();
    assert_eq!(limits.keys(), 0);
}

#[test]
fn new_settings_share_the_room_out_again() {
    let clock = FakeRelativeClock::default();
    let app = || rule("app", Per::App, "1/s", 1);
    let limits = Limits::new(vec![app()], 40, clock.clone());
    let fill = |limits: &Limits<_>, apps| (0..apps).for_each(|app| drop(limits.check(&ask(app))));
    fill(&limits, 100);
    assert_eq!(limits.keys(), 20);
    let limits = limits.reloaded(vec![app(), rule("group", Per::AppAndGroup, "1/s", 1)]);
    clock.advance(9 * SECOND);
    limits.prune();
    fill(&limits, 100);
    assert_eq!(limits.keys(), 10 + 10);
}

#[test]
fn proven_tokens_are_remembered_within_bounds() {
    let proven = Proven::new(1000, PROVEN_IDLE);
    let (token, now) = (Fingerprint(7), tokio::time::Instant::now());
    assert!(!proven.contains(token));
    proven.accept(token, now);
    assert!(proven.contains(token) && !proven.contains(Fingerprint(8)));
    proven.remove(token);
    assert!(!proven.contains(token));
    (0..20_000).for_each(|token| proven.accept(Fingerprint(token), now));
    assert!(proven.tokens() <= 1000, "{}", proven.tokens());
    assert!(Proven::default().tokens() == 0);
}
