//! How often a translation allocates. The counts do not depend on the machine, so a count above the recorded one fails.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "that is how a bench fails")]
#![allow(clippy::print_stdout, reason = "it talks to people")]

mod exchanges;
mod translating;

use std::hint::black_box;
use std::process::ExitCode;

use allocation_counter::{AllocationInfo, measure};
use exchanges::Exchange;
use mesigate::protocol::ops::Table;
use mesigate::protocol::translate::reply_context::ReplyContext;

/// The most allocations of each exchange, as recorded: for its request, and for its answer.
fn recorded() -> [(Exchange, u64, u64); 5] {
    [
        (exchanges::message(), 2, 1),
        (exchanges::message_with_app(), 2, 1),
        (exchanges::useradd(), 2, 2),
        (exchanges::groupeditmembers(), 2, 2),
        (exchanges::groupgetmembers(), 2, 23),
    ]
}

fn main() -> ExitCode {
    let table = Table::shipped().expect("a sound table");
    println!("{:40} {:8} {:>11} {:>8} {:>8}", "exchange", "", "allocations", "recorded", "bytes");
    let mut over = 0;
    for (exchange, most_of_request, most_of_answer) in recorded() {
        over += show(exchange.name, "request", &of_request(&table, &exchange), most_of_request);
        over += show(exchange.name, "answer", &of_answer(&table, &exchange), most_of_answer);
    }
    if over > 0 {
        println!(
            "\nMore allocations than recorded: take them out, or record them in benches/allocations.rs."
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn of_request(table: &Table, exchange: &Exchange) -> AllocationInfo {
    translating::assert_same(&translating::request(table, &exchange.incoming()), &exchange.json);
    measure(|| drop(black_box(translating::request(table, black_box(&exchange.incoming())))))
}

fn of_answer(table: &Table, exchange: &Exchange) -> AllocationInfo {
    let form = translating::form(&exchange.incoming());
    let (operation, understood) = translating::understood(table, &form);
    let own = ReplyContext::of(operation, &understood);
    let says = exchange.upstream_says.as_bytes();
    translating::assert_same(&translating::answer(operation, &own, says), &exchange.client_gets);
    measure(|| drop(black_box(translating::answer(operation, &own, black_box(says)))))
}

/// Prints one line; returns 1 if there are more allocations than recorded.
fn show(name: &str, part: &str, info: &AllocationInfo, most: u64) -> u32 {
    let word = match info.count_total {
        count if count > most => "  MORE",
        count if count < most => "  fewer: record it",
        _ => "",
    };
    println!("{name:40} {part:8} {:>11} {most:>8} {:>8}{word}", info.count_total, info.bytes_total);
    u32::from(info.count_total > most)
}
