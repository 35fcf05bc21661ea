//! No caller can make the gateway remember without end.

use std::process::Command;

use super::*;
use crate::policy::fingerprint::Fingerprints;

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

/// A million requests, each with a new token and from a new network.
fn flood(limits: &Limits<FakeRelativeClock>, proven: bool) {
    let fingerprints = Fingerprints::default();
    for number in 0..MANY {
        let text = number.to_string();
        let client = IpAddr::V6((u128::from(number) << 80).into());
        let ask = Query { app: fingerprints.of(&text), proven, client, ..ask(0) };
        let verdict = limits.check(&ask);
        assert!(verdict.refusal.is_none());
        if number % 10_000 == 0 {
            assert!(limits.keys() <= MOST_KEYS);
        }
    }
    assert!(limits.keys() <= MOST_KEYS);
}

/// In a process of its own, because the memory of other tests is not the limits'.
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
    // Each of the three parts is full, apart from the remainder of the division.
    assert_eq!(limits.keys(), MOST_KEYS / 3 * 3);
    clock.advance(Duration::from_hours(1));
    limits.prune();
    assert_eq!(limits.keys(), 0);
}

#[test]
fn a_new_key_beyond_the_cap_shares_and_old_ones_go_on() {
    let clock = FakeRelativeClock::default();
    let limits = Limits::new(vec![rule("group", Per::AppAndGroup, "1/s", 3)], 32, clock.clone());
    let groups: Vec<String> = (0..100).map(|group| group.to_string()).collect();
    let passing_all = |groups: &[String], most| -> Vec<usize> {
        groups.iter().map(|group| passing(&limits, &in_group(1, group), most)).collect()
    };
    // Seven eighths of 16, and one budget for the app's other groups.
    assert_eq!(passing_all(&groups[..14], 1), [1; 14]);
    assert_eq!(passing_all(&groups[14..], 9).iter().sum::<usize>(), 3);
    assert_eq!(passing_all(&groups[..14], 9), [2; 14]);
    // Strangers have a room of their own; when it is full, all of a network share one budget.
    let addresses = (0..100).map(|last| passing(&limits, &stranger(1, &format!("10.0.0.{last}")), 9));
    assert_eq!(addresses.sum::<usize>(), 3 * 14 + 3);
    assert_eq!(limits.keys(), 14 + 14);
    clock.advance(9 * SECOND);
    limits.prune();
    assert_eq!(passing_all(&groups[50..52], 9), [3, 3]);
}

/// The hostile app names all groups, the good ones a few of their own.
#[test]
fn an_app_that_fills_the_room_costs_others_nothing() {
    let (_, limits) =
        limits(vec![rule("group", Per::AppAndGroup, "5/day", 5), rule("app", Per::App, "9000/day", 9000)]);
    for group in 0..2 * MOST_KEYS {
        let _ = limits.check(&in_group(1, &group.to_string()));
        if group % 10_000 == 0 {
            let good = (group as u128 + 2, group.to_string());
            let passes = passing(&limits, &in_group(good.0, &good.1), 9);
            assert_eq!(passes, 5, "after {group}");
        }
    }
}

/// The hostile client has a whole IPv6 /48 and an IPv4 /24, and asks once from each address.
#[test]
fn a_network_that_fills_the_room_costs_others_nothing() {
    let clock = FakeRelativeClock::default();
    let limits = Limits::new(vec![rule("client", Per::Client, "5/day", 5)], 4096, clock);
    for host in 0..70_000_u32 {
        let bits = 0x2001_0db8_0001_0000_0000_0000_0000_0000_u128 | u128::from(host) << 64;
        let _ = limits.check(&Query { client: IpAddr::V6(bits.into()), ..ask(1) });
        let _ = limits.check(&from(&format!("203.0.113.{}", host % 256)));
    }
    assert_eq!(limits.keys(), 4096 / 8 * 7);
    for good in 1..=60 {
        assert_eq!(passing(&limits, &from(&format!("198.51.{good}.7")), 9), 5);
    }
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
