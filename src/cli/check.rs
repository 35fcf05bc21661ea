//! `mesigate check`: the real loader, and nothing is started.

use std::process::ExitCode;

use super::{Check, Done, load};

pub fn run(check: &Check) -> Done {
    let snapshot = load::snapshot(&load::layers(check.config.config.as_deref())?)?;
    let config = &snapshot.config;
    anstream::println!(
        "all is well: {} operations, listening on {}, upstream {}",
        snapshot.table.operations().len(),
        config.listen.address,
        config.upstream.all.url
    );
    Ok(ExitCode::SUCCESS)
}
