//! `mesigate check`: the real loader, and nothing is started.

use std::process::ExitCode;

use super::load::Settings;
use super::{Check, Done};

pub fn run(check: &Check) -> Done {
    let snapshot = Settings::of(check.config.config.as_deref()).snapshot()?;
    let config = &snapshot.config;
    anstream::println!(
        "all is well: {} operations, listening on {}, upstream {}",
        snapshot.table.operations().len(),
        config.listen.address,
        config.upstream.all.url
    );
    Ok(ExitCode::SUCCESS)
}
