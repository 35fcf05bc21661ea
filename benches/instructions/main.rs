//! How many instructions a request costs the real program, counted by valgrind. Unlike a time it depends
//! neither on the machine's mood nor on who else uses it, so that a rise fails.
//!
//! `cargo bench --bench instructions` counts and compares; `… -- --record` makes the counts the recorded
//! ones.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "that is how a bench fails")]
#![allow(clippy::print_stdout, reason = "it talks to people")]

#[path = "../exchanges.rs"]
mod exchanges;

mod client;
mod counted;
mod http;
mod record;
mod scenario;
mod table;
mod upstream;
mod verdict;

use std::process::ExitCode;

use client::Client;
use counted::Counted;
use record::Record;
use scenario::Scenario;
use upstream::Upstream;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let is_asked = |word: &str| arguments.iter().any(|argument| argument == word);
    // `cargo test --benches` would count a build without optimization.
    if !is_asked("--bench") {
        println!("instructions are counted by: cargo bench --bench instructions");
        return ExitCode::SUCCESS;
    }
    let recorded = Record::read();
    let now = Record::of(scenario::all().iter().map(|scenario| (scenario.name, per_request(scenario))));
    let changes = table::show(&recorded, &now);
    if is_asked("--record") {
        now.write();
        println!("\nRecorded in {}.", record::FILE);
        return ExitCode::SUCCESS;
    }
    verdict::tell(&changes, &recorded, &now)
}

/// Of a long run and a short one, so that start and end are not counted.
fn per_request(scenario: &Scenario) -> u64 {
    let (long, short) = (run(scenario, scenario.long), run(scenario, scenario.short));
    (long - short) / u64::from(scenario.long - scenario.short)
}

/// All instructions of a program that serves so many requests, one after the other.
fn run(scenario: &Scenario, requests: u32) -> u64 {
    let upstream = Upstream::start(&scenario.exchange);
    let counted = Counted::start(&upstream, scenario.settings);
    let mut client = Client::connect(counted.address);
    let request = http::request(&scenario.exchange);
    for _ in 0..requests {
        client.ask(&request, &scenario.exchange.client_gets);
    }
    let expected = if scenario.is_kept { 1 } else { requests };
    assert_eq!(upstream.asked(), expected, "how often upstream was asked: {}", scenario.name);
    drop(client);
    counted.end()
}
