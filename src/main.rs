//! The program: arguments in, exit code out. Everything else is the library's.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;

/// A request allocates memory six times and more, which costs less with mimalloc (docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    mesigate::cli::run(mesigate::cli::Arguments::parse())
}
