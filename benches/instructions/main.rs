//! How many instructions a request costs the real program, counted by valgrind. Unlike a time, the count depends
//! neither on the machine's load nor on other users, so a rise fails.
//!
//! `cargo bench --bench instructions` counts and compares; `… -- --record` makes the counts the recorded ones.
//! `… -- --program target/deploy/release/mesigate` counts another build than the plain one, beside the record of that.
//! The record is of the build that cargo makes for benches, with the tests' clock, which can be paused: some 400
//! instructions of each request. `… -- --hostile` counts only what hostile clients can cause.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "that is how a bench fails")]
#![allow(clippy::print_stdout, reason = "it talks to people")]

#[path = "../exchanges.rs"]
mod exchanges;

mod client;
mod counted;
mod hostile;
mod http;
mod many;
mod record;
mod scenario;
mod table;
mod upstream;
mod verdict;

use std::path::{Path, PathBuf};
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
    let other = other_program(&arguments);
    assert!(
        other.is_none() || !is_asked("--record"),
        "only the build that cargo makes is recorded: leave out --program or --record"
    );
    let program = other.clone().unwrap_or_else(|| env!("CARGO_BIN_EXE_mesigate").into());
    if is_asked("--hostile") {
        return hostile::tell(&program);
    }
    let count = |scenario: &Scenario| (scenario.name, per_request(&program, scenario));
    let recorded = Record::read();
    let now = Record::of(scenario::all().iter().map(count));
    let changes = table::show(&recorded, &now);
    if other.is_some() {
        return ExitCode::SUCCESS;
    }
    if is_asked("--record") {
        now.write();
        println!("\nRecorded in {}.", record::FILE);
        return ExitCode::SUCCESS;
    }
    let verdicts = [verdict::tell(&changes, &recorded, &now), hostile::tell(&program)];
    if verdicts == [ExitCode::SUCCESS; 2] { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The build to count in place of the plain one, if an argument names one.
fn other_program(arguments: &[String]) -> Option<PathBuf> {
    let at = arguments.iter().position(|argument| argument == "--program")?;
    Some(arguments.get(at + 1).expect("the program's path behind --program").into())
}

/// The difference between a long run and a short one, so that start and shutdown are not counted.
fn per_request(program: &Path, scenario: &Scenario) -> u64 {
    let (long, short) = (run(program, scenario, scenario.long), run(program, scenario, scenario.short));
    (long - short) / u64::from(scenario.long - scenario.short)
}

/// All instructions of a program that serves this many requests, one after the other.
fn run(program: &Path, scenario: &Scenario, requests: u32) -> u64 {
    let upstream = Upstream::start(&scenario.exchange);
    let counted = Counted::start(program, &upstream, &scenario.settings);
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
