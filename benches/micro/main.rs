//! How long each step of a request takes by itself. There is no verdict, because times depend on the machine.
#![allow(missing_docs, clippy::expect_used, clippy::panic, reason = "that is how a bench fails")]

#[path = "../exchanges.rs"]
mod exchanges;
#[path = "../translating.rs"]
mod translating;

mod answers;
mod cache;
mod limits;
mod translation;

use std::time::Duration;

use criterion::Criterion;

/// The program's own allocator, since the measured steps allocate.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // A second suffices for steps of nanoseconds: the remaining differences are the machine's.
    let times = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(50);
    let mut criterion = times.configure_from_args();
    translation::bench(&mut criterion);
    answers::bench(&mut criterion);
    limits::bench(&mut criterion);
    cache::bench(&mut criterion);
    criterion.final_summary();
}
