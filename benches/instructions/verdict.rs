//! What the changes mean, and what to do.

use std::process::ExitCode;

use crate::record::{FILE, Record};
use crate::scenario::{MANY_APPS, MESSAGE, ONE_APP, TRACED, TRACED_NONE, UNCOUNTED};

/// By how many percent a count may differ from the recorded one; two runs of one build differ by less
/// than one.
const TOLERANCE: f64 = 5.0;

/// What a request may cost among very many apps, in percent of what it costs with one.
const MOST_WITH_APPS: u64 = 105;

/// How many instructions of a request the ledger may take.
const MOST_FOR_LEDGER: u64 = 300;

/// The same for traces of which none is sampled; and for those of a hundredth, in percent of the request.
const MOST_FOR_NO_TRACES: u64 = 50;
const MOST_FOR_TRACES: u64 = 2;

const TO_RECORD: &str = "cargo bench --bench instructions -- --record";

/// Prints the verdict, and fails if a scenario costs too much or has no record.
pub fn tell(changes: &[Option<f64>], recorded: &Record, now: &Record) -> ExitCode {
    let is_any = |test: fn(f64) -> bool| changes.iter().flatten().any(|change| test(*change));
    let is_unknown = changes.iter().any(Option::is_none);
    let has_risen = is_any(|change| change > TOLERANCE);
    if has_risen {
        println!(
            "\nA request costs over {TOLERANCE} % more than recorded. Find what it buys. If that is not worth \
             the cost, take it out; if it is, say so in the commit, and record it: {TO_RECORD}"
        );
        tell_versions(recorded, now);
    }
    if is_unknown {
        println!("\nA scenario has no figure in {FILE}. Record it: {TO_RECORD}");
    }
    if is_any(|change| change < -TOLERANCE) {
        println!(
            "\nA request costs over {TOLERANCE} % less than recorded: well done. Keep it so: {TO_RECORD}"
        );
    }
    let has_grown = [grows_with_apps(now), is_ledger_dear(now), are_traces_dear(now)].contains(&true);
    if has_risen || is_unknown || has_grown { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Whether a request of one app costs more because there are other apps.
fn grows_with_apps(now: &Record) -> bool {
    let (Some(one), Some(many)) = (now.instructions.get(ONE_APP), now.instructions.get(MANY_APPS)) else {
        return true;
    };
    let has_grown = many * 100 > one * MOST_WITH_APPS;
    println!("\nAmong 10,000 apps, 100 limits and 50 routes a request costs {many}, with one of each {one}.");
    if has_grown {
        println!("That is over {MOST_WITH_APPS} %: something looks at all of them for each request.");
    }
    has_grown
}

/// Whether the ledger takes more of a request than it may.
fn is_ledger_dear(now: &Record) -> bool {
    let (Some(with), Some(without)) = (now.instructions.get(MESSAGE), now.instructions.get(UNCOUNTED)) else {
        return true;
    };
    let cost = with.saturating_sub(*without);
    println!("\nThe ledger takes {cost} instructions of a message.");
    if cost > MOST_FOR_LEDGER {
        println!("That is over {MOST_FOR_LEDGER}.");
    }
    cost > MOST_FOR_LEDGER
}

/// Whether traces take more of a request than they may.
fn are_traces_dear(now: &Record) -> bool {
    let count = |name: &str| now.instructions.get(name).copied();
    let (Some(without), Some(none), Some(some)) = (count(MESSAGE), count(TRACED_NONE), count(TRACED)) else {
        return true;
    };
    let (none, some) = (none.saturating_sub(without), some.saturating_sub(without));
    println!("\nTraces take {none} instructions of a message at a ratio of 0, and {some} at a hundredth.");
    let is_dear = none > MOST_FOR_NO_TRACES || some * 100 > without * MOST_FOR_TRACES;
    if is_dear {
        println!("That is over {MOST_FOR_NO_TRACES}, or over {MOST_FOR_TRACES} %.");
    }
    is_dear
}

/// Warns of another compiler, which makes other code of the same source.
fn tell_versions(recorded: &Record, now: &Record) {
    for (then, now) in [(&recorded.rustc, &now.rustc), (&recorded.valgrind, &now.valgrind)] {
        if then != now {
            println!("It was recorded with {then}, and this is {now}: that may be why.");
        }
    }
}
