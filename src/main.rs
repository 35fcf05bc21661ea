//! The program: arguments in, exit code out. Everything else is the library's.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    mesigate::cli::run(mesigate::cli::Arguments::parse())
}
