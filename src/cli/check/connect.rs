//! `mesigate check --connect`: each upstream is tried.

use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::CommandFailure;
use crate::snapshot::Snapshot;
use crate::upstream::Upstream;

/// Tries the upstreams one after the other; an upstream that does not answer fails the check.
pub fn all(snapshot: &Snapshot) -> Result<ExitCode, CommandFailure> {
    let ways = Upstream::all(&snapshot.sites, &snapshot.name, &snapshot.config, &Arc::default(), None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut tried: Vec<&Arc<Upstream>> = Vec::new();
    let mut faults = 0;
    for way in &ways {
        if tried.iter().any(|before| Arc::ptr_eq(before, way)) {
            continue;
        }
        tried.push(way);
        anstream::println!("upstream {}:", way.site.target.url);
        for step in runtime.block_on(way.try_out()) {
            match step.came {
                Ok(what) => anstream::println!("  {}: {what}", step.name),
                Err(what) => {
                    faults += 1;
                    anstream::println!("  {}: FAULT: {what}", step.name);
                }
            }
        }
    }
    // A name that is being looked up must not delay the exit.
    runtime.shutdown_background();
    Ok(if faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
