//! Time that passes in the story: the gateway is stopped, and its ledger becomes one of later.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use mesigate::ledger::calendar::{DAY, HOUR};
use mesigate::ledger::facts::{Batch, Facts};
use mesigate::ledger::row::Door;
use mesigate::ledger::text;

/// At which hours the clients of the story call by the old door, each day.
const HABITS: [(&str, Range<u64>); 2] = [("bot/none", 2..3), ("shop/okhttp", 8..20)];

/// Today, in days since 1970.
pub fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs() / DAY
}

/// A time that passes: until when, counted in days from the first one, and who has called until how many days ago.
pub struct Time {
    pub days: u64,
    ended: [(&'static str, u64); 2],
    /// How many days windows of before are moved back.
    windows: u64,
}

/// The times of the story, by the words of the page.
pub fn time(words: &str) -> Time {
    match words {
        "five weeks" => Time { days: 35, ended: [("bot/none", 1), ("shop/okhttp", 1)], windows: 0 },
        // The bot has moved; the app has not.
        "a week" => Time { days: 42, ended: [("bot/none", 8), ("shop/okhttp", 1)], windows: 7 },
        _ => panic!("no time of the story: {words}"),
    }
}

/// Makes a gateway's ledger one of today that began so long ago, with the same clients, shapes and decisions.
pub fn pass(path: &Path, time: &Time) {
    let (mut ledger, own) =
        text::read(&std::fs::read_to_string(path).expect("a ledger")).expect("a whole one");
    for (key, facts) in ledger.gateways.values_mut().flatten().filter(|(key, _)| key.shape.door == Door::Old)
    {
        let name = key.client.to_string();
        let (_, hours) = HABITS.iter().find(|(client, _)| *client == name).expect("a client of the story");
        let (_, last) = time.ended.iter().find(|(client, _)| *client == name).expect("it has ended or not");
        *facts = Arc::new(calls(facts, hours, *last..time.days + 1));
    }
    for (mut window, met) in std::mem::take(&mut ledger.windows) {
        window.from -= time.windows * DAY;
        window.to -= time.windows * DAY;
        ledger.windows.insert(window, met);
    }
    std::fs::write(path, text::write(&ledger, own)).expect("the ledger");
    // What its predecessor knows is of before.
    let _ = std::fs::remove_file(path.with_file_name("ledger.1"));
}

/// A call at each of these hours, on each of so many days ago.
fn calls(before: &Facts, hours: &Range<u64>, ago: Range<u64>) -> Facts {
    let mut facts = Facts::default();
    let seen: BTreeMap<_, _> = before.seen.iter().map(|(name, seen)| (name.clone(), seen.all)).collect();
    for day in ago.rev().map(|ago| today() - ago) {
        for hour in hours.clone().map(|hour| day * 24 + hour) {
            let (first, endings, seen) = (hour * HOUR, [1, 0, 0, 0, 0], seen.clone());
            facts.add(&Batch { hour, first, last: first, endings, seen });
        }
    }
    facts
}
